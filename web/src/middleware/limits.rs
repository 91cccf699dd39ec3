//! How often a caller may knock: whoever offers a password or a code, and API calls per caller.
//!
//! Guessing meets three brakes. The tightest counts attempts on one account from one address. A wider one counts all
//! attempts from one address, whatever the account. The widest counts all attempts on one account, wherever they come
//! from; as it could keep the owner out, addresses from which the owner has signed in before do not meet it.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::Config;
use crate::error::AppError;

/// The window of the limits on guessing.
const LOGIN_WINDOW: Duration = Duration::from_mins(15);
/// How many times more attempts one address has on all accounts together.
const PER_ADDRESS: u32 = 10;
/// How many times more attempts one account takes from all strange addresses together.
const PER_ACCOUNT: u32 = 20;
/// Pictures and links of messages written down in a minute for one address: a mail gateway loads many at once.
const PUBLIC: u32 = 120;
/// Callers remembered before those whose limit is whole again are forgotten.
const REMEMBERED: usize = 10_000;

type Limiter = Option<DefaultKeyedRateLimiter<String>>;

/// All limits; `None` is off.
pub struct Limits {
    login: Limiter,
    address: Limiter,
    account: Limiter,
    api: Limiter,
    /// Pictures and links in messages, by address: always on, since they are everybody's.
    public: Limiter,
    /// Accounts and addresses that belong together: from there, the owner has signed in.
    familiar: Mutex<HashSet<String>>,
}

impl Limits {
    /// Limits as the settings say.
    pub fn new(config: &Config) -> Self {
        let guesses = |times: u32| {
            let attempts = NonZeroU32::new(config.rate_limit_login.saturating_mul(times))?;
            let quota = Quota::with_period(LOGIN_WINDOW / attempts.get())?;
            Some(RateLimiter::keyed(quota.allow_burst(attempts)))
        };
        let api = NonZeroU32::new(config.rate_limit_api)
            .map(|calls| RateLimiter::keyed(Quota::per_minute(calls)));
        Self {
            login: guesses(1),
            address: guesses(PER_ADDRESS),
            account: guesses(PER_ACCOUNT),
            api,
            public: NonZeroU32::new(PUBLIC).map(|hits| RateLimiter::keyed(Quota::per_minute(hits))),
            familiar: Mutex::new(HashSet::new()),
        }
    }

    /// Counts one attempt on `account` (or with a code) from `address`.
    ///
    /// # Errors
    /// 429 where there were too many.
    pub fn login(&self, account: &str, address: Option<&str>) -> Result<(), AppError> {
        check(self.login.as_ref(), &pair(account, address))?;
        check(self.address.as_ref(), address.unwrap_or_default())
    }

    /// Counts one attempt on `account` from an address that may be anybody's.
    ///
    /// # Errors
    /// 429 where there were too many from all strange addresses together.
    pub fn stranger(&self, account: &str) -> Result<(), AppError> {
        check(self.account.as_ref(), &account.trim().to_lowercase())
    }

    /// Notes that the owner of `account` has signed in from `address`.
    pub fn remember(&self, account: &str, address: Option<&str>) {
        let mut familiar = self.familiar.lock().unwrap_or_else(PoisonError::into_inner);
        if familiar.len() >= REMEMBERED {
            familiar.clear();
        }
        familiar.insert(pair(account, address));
    }

    /// Whether the owner of `account` has signed in from `address` since the start.
    pub fn is_familiar(&self, account: &str, address: Option<&str>) -> bool {
        let familiar = self.familiar.lock().unwrap_or_else(PoisonError::into_inner);
        familiar.contains(&pair(account, address))
    }

    /// Counts one call from `address` with an API key that is not valid. Calls with a valid key are never held up by it.
    ///
    /// # Errors
    /// 429 where there were too many.
    pub fn wrong_key(&self, address: Option<&str>) -> Result<(), AppError> {
        // No account is called like that: an address has an @.
        self.login("an API key", address)
    }

    /// Counts one picture or link of a message that is to be written down for `address`.
    ///
    /// # Errors
    /// 429 where there were too many.
    pub fn public(&self, address: Option<&str>) -> Result<(), AppError> {
        check(self.public.as_ref(), address.unwrap_or_default())
    }

    /// Counts one API call of `caller`.
    ///
    /// # Errors
    /// 429 where there were too many.
    pub fn api(&self, caller: &str) -> Result<(), AppError> {
        check(self.api.as_ref(), caller)
    }
}

fn pair(account: &str, address: Option<&str>) -> String {
    format!("{}\n{}", account.trim().to_lowercase(), address.unwrap_or_default())
}

fn check(limiter: Option<&DefaultKeyedRateLimiter<String>>, key: &str) -> Result<(), AppError> {
    let Some(limiter) = limiter else { return Ok(()) };
    if limiter.len() > REMEMBERED {
        limiter.retain_recent();
    }
    limiter.check_key(&key.to_owned()).map_err(|early| {
        let wait = early.wait_time_from(DefaultClock::default().now());
        AppError::rate_limited(wait.as_secs().max(1))
    })
}

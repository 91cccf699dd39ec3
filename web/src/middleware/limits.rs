//! How often a caller may knock: sign-in attempts per account and address, API calls per caller.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::Config;
use crate::error::AppError;

/// The window of the sign-in limit.
const LOGIN_WINDOW: Duration = Duration::from_mins(15);
/// Callers remembered before those whose limit is whole again are forgotten.
const REMEMBERED: usize = 10_000;

/// Both limits; `None` is off.
pub struct Limits {
    login: Option<DefaultKeyedRateLimiter<String>>,
    api: Option<DefaultKeyedRateLimiter<String>>,
}

impl Limits {
    /// Limits as the settings say.
    pub fn new(config: &Config) -> Self {
        let login = NonZeroU32::new(config.rate_limit_login).and_then(|attempts| {
            let quota = Quota::with_period(LOGIN_WINDOW / attempts.get())?;
            Some(RateLimiter::keyed(quota.allow_burst(attempts)))
        });
        let api = NonZeroU32::new(config.rate_limit_api)
            .map(|calls| RateLimiter::keyed(Quota::per_minute(calls)));
        Self { login, api }
    }

    /// Counts one attempt to sign in to `account` (or to use a code) from `address`.
    ///
    /// # Errors
    /// 429 where there were too many.
    pub fn login(&self, account: &str, address: Option<&str>) -> Result<(), AppError> {
        let key = format!("{}\n{}", account.trim().to_lowercase(), address.unwrap_or_default());
        check(self.login.as_ref(), &key)
    }

    /// Counts one API call of `caller`.
    ///
    /// # Errors
    /// 429 where there were too many.
    pub fn api(&self, caller: &str) -> Result<(), AppError> {
        check(self.api.as_ref(), caller)
    }
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

//! The second factor: a code from an authenticator app, or a recovery code, beside the password.

mod sea;
mod totp;

use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

pub use sea::SeaSecondFactors;
#[cfg(feature = "testing")]
pub use totp::code_at;

use super::Result;
use crate::{Actor, Timestamp, UserId};

/// How many recovery codes somebody gets.
pub const RECOVERY_CODES: usize = 10;

/// How long a secret is shown that nobody has confirmed.
pub const SETUP_LIFETIME: Duration = Duration::from_mins(15);

/// How a person's second factor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactorState {
    /// Since when it is asked for.
    pub confirmed_at: Timestamp,
    /// Recovery codes that were not used yet.
    pub recovery_codes_left: u64,
}

/// A second factor that is being set up: shown to its owner until it is confirmed, and never again.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The secret in base 32, for typing.
    pub secret: SecretString,
    /// The same for an authenticator app to read (`otpauth://…`).
    pub address: SecretString,
}

/// Second factors. Guesses are limited by whoever calls.
#[async_trait]
pub trait SecondFactors: Send + Sync {
    /// How the user's second factor stands; `None` where they have none that is confirmed.
    async fn state(&self, user_id: UserId) -> Result<Option<FactorState>>;
    /// Begins to set one up, in place of one that was begun before. The caller has asked for the password.
    async fn begin(&self, actor: &Actor, user_id: UserId) -> Result<Enrolment>;
    /// The one that is being set up, to be shown again.
    async fn begun(&self, user_id: UserId) -> Result<Option<Enrolment>>;
    /// Confirms it by a code; from then on it is asked for. Returns the recovery codes, which are shown once.
    async fn confirm(&self, actor: &Actor, user_id: UserId, code: &str) -> Result<Vec<String>>;
    /// Uses a code of the app or a recovery code, each of which works once.
    async fn verify(&self, actor: &Actor, user_id: UserId, code: &str) -> Result<()>;
    /// New recovery codes in place of the old ones. The caller has asked for the password.
    async fn renew_recovery_codes(&self, actor: &Actor, user_id: UserId) -> Result<Vec<String>>;
    /// Takes the second factor away. The caller has asked for the password.
    async fn disable(&self, actor: &Actor, user_id: UserId) -> Result<()>;
}

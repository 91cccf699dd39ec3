//! API keys: a program's way in, in the name of one person and never with more than that person's role.
//!
//! A key is shown once. The database keeps its SHA-256, which is enough for a secret of 256 random bits. Nothing is
//! cached: a key that was revoked, has expired or belongs to a disabled person is refused by the next call.

mod admit;
mod create;
mod list;
mod revoke;
mod sea;

use std::collections::BTreeSet;

use async_trait::async_trait;
use secrecy::SecretString;

pub use sea::SeaKeys;

use crate::accounts::{Origin, User};
use crate::{Actor, ApiKeyId, KeyGrant, KeyScope, StoreError, Timestamp, UserId};

/// What every key begins with, so that people and secret scanners recognise one.
pub const MARK: &str = "pcrm_";

/// A key, without the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Whose it is.
    pub user_id: UserId,
    /// The beginning of the key, to recognise it.
    pub prefix: String,
    /// What it is for.
    pub description: String,
    /// What it may be used for.
    pub scopes: BTreeSet<KeyScope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// What a new key needs.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What it is for.
    pub description: String,
    /// Words like `contacts:write`.
    pub scopes: Vec<String>,
    /// When it is to end.
    pub expires_at: Option<Timestamp>,
}

/// A new key and its secret, which nobody can read again.
#[derive(Debug, Clone)]
pub struct MadeKey {
    /// The key.
    pub key: ApiKey,
    /// What a program sends as `X-Api-Key`.
    pub secret: SecretString,
}

/// A call that showed a valid key.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// The person it acts for.
    pub user: User,
    /// The key and how far it reaches.
    pub grant: KeyGrant,
}

/// A key that was not let in: what the audit log says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The key, where there is one.
    pub key: Option<(ApiKeyId, UserId)>,
    /// Why.
    pub reason: &'static str,
}

/// Why a key could not be made.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The description is empty or too long.
    #[error("say in up to 200 characters what the key is for")]
    InvalidDescription,
    /// No scope was named.
    #[error("choose at least one scope")]
    NoScope,
    /// This is no scope.
    #[error("there is no scope {0:?}")]
    UnknownScope(String),
    /// The key would end before it begins.
    #[error("choose a time in the future")]
    InvalidExpiry,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Result of a keys operation.
pub type Result<T> = std::result::Result<T, KeysError>;

/// API keys.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Makes a key for a person.
    async fn create(&self, actor: &Actor, user_id: UserId, new: NewKey) -> Result<MadeKey>;
    /// The keys of a person that were not revoked, newest first.
    async fn list(&self, user_id: UserId) -> Result<Vec<ApiKey>>;
    /// Revokes a person's key; whether there was one.
    async fn revoke(&self, actor: &Actor, user_id: UserId, id: ApiKeyId) -> Result<bool>;
    /// Settles whether `secret` lets its caller in, and notes that it was used.
    async fn admit(
        &self,
        secret: &str,
        from: &Origin,
    ) -> Result<std::result::Result<Admitted, Refused>>;
    /// Writes into the audit log that a key was not let in.
    async fn note_refusal(&self, refused: &Refused, from: &Origin) -> Result<()>;
}

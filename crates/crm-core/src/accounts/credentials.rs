//! What people see and do about their own way in: their password, their sessions, their name and address.

use async_trait::async_trait;
use secrecy::SecretString;

use super::{Result, SeaAccounts, User, create_user, password, profile, sessions};
use crate::{Actor, Timestamp, UserId};

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// Names it; it neither is nor tells the token, nor what is stored of the token.
    pub id: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to within ten minutes.
    pub last_seen_at: Timestamp,
    /// When it ends if it is not used.
    pub expires_at: Timestamp,
    /// Address it was opened from.
    pub ip_address: Option<String>,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
}

/// A change of what others see of a person.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// Another name.
    pub name: Option<String>,
    /// Another address to sign in with; needs the password.
    pub email: Option<String>,
    /// The password, where the address changes.
    pub current_password: Option<SecretString>,
}

/// A person's password, sessions and profile.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// The user with this id.
    async fn user(&self, user_id: UserId) -> Result<Option<User>>;
    /// Whether this is the user's password, as [`super::AccountsError::WrongPassword`] where it is not.
    async fn confirm_password(&self, user_id: UserId, password: SecretString) -> Result<User>;
    /// Replaces a password whose owner knows it, and ends all their sessions, the caller's own too: it opens a new one
    /// with the user returned.
    async fn change_password(
        &self,
        actor: &Actor,
        user_id: UserId,
        current: SecretString,
        new: SecretString,
    ) -> Result<User>;
    /// Changes name and address.
    async fn change_profile(
        &self,
        actor: &Actor,
        user_id: UserId,
        change: ProfileChange,
    ) -> Result<User>;

    /// The id by which [`Self::sessions`] names the session of this token.
    fn session_id(&self, token: &str) -> String;
    /// The valid sessions of a user, the last used first.
    async fn sessions(&self, user_id: UserId) -> Result<Vec<OpenSession>>;
    /// Ends one session of a user.
    async fn end_session(&self, actor: &Actor, user_id: UserId, id: &str) -> Result<()>;
    /// Ends all sessions of a user but `kept`; returns how many there were.
    async fn end_sessions(&self, actor: &Actor, user_id: UserId, kept: Option<&str>)
    -> Result<u64>;
    /// Whether the user with this address has a session from there: people who did are not strangers.
    async fn has_signed_in_from(&self, email: &str, ip_address: &str) -> Result<bool>;
}

#[async_trait]
impl Credentials for SeaAccounts {
    async fn user(&self, user_id: UserId) -> Result<Option<User>> {
        create_user::by_id(self, user_id).await
    }

    async fn confirm_password(&self, user_id: UserId, password: SecretString) -> Result<User> {
        Ok(create_user::user(password::confirm(self, user_id, password).await?))
    }

    async fn change_password(
        &self,
        actor: &Actor,
        user_id: UserId,
        current: SecretString,
        new: SecretString,
    ) -> Result<User> {
        password::change(self, actor, user_id, current, new).await
    }

    async fn change_profile(
        &self,
        actor: &Actor,
        user_id: UserId,
        change: ProfileChange,
    ) -> Result<User> {
        profile::change(self, actor, user_id, change).await
    }

    fn session_id(&self, token: &str) -> String {
        sessions::public_id(&crate::token::hash(token))
    }

    async fn sessions(&self, user_id: UserId) -> Result<Vec<OpenSession>> {
        sessions::all(self, user_id).await
    }

    async fn end_session(&self, actor: &Actor, user_id: UserId, id: &str) -> Result<()> {
        sessions::end_one(self, actor, user_id, id).await
    }

    async fn end_sessions(
        &self,
        actor: &Actor,
        user_id: UserId,
        kept: Option<&str>,
    ) -> Result<u64> {
        sessions::end_others(self, actor, user_id, kept).await
    }

    async fn has_signed_in_from(&self, email: &str, ip_address: &str) -> Result<bool> {
        sessions::has_signed_in_from(self, email, ip_address).await
    }
}

//! Choosing a new password without the old one: by the token of a mailed link, or by a code an administrator hands over.
//! Either works once and for an hour, and a newer one ends the older.

use std::time::Duration;

use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use secrecy::SecretString;

use super::{AccountsError, Origin, Result, SeaAccounts, User, create_user, password, sessions};
use crate::entity::{password_resets, users};
use crate::{Actor, AuditEvent, StoreError, System, Timestamp, Tx, UserId, token};

const SYSTEM: System = System::task("password resets");

/// How long a link or code works.
pub const RESET_LIFETIME: Duration = Duration::from_hours(1);

/// Groups of four characters in a code: 140 bits.
const CODE_GROUPS: usize = 7;

/// Links and codes for people who forgot their password.
#[async_trait]
pub trait PasswordResets: Send + Sync {
    /// A token for the user with this address; `None` where there is none who may sign in.
    async fn request_reset(&self, email: &str, from: Origin) -> Result<Option<(User, String)>>;
    /// A code for the user with this id, and until when it works.
    async fn reset_code(&self, actor: &Actor, user_id: UserId) -> Result<(String, Timestamp)>;
    /// Whether a token or code would work now.
    async fn is_reset_open(&self, token: &str) -> Result<bool>;
    /// Sets a new password by a token or code, and ends all the user's sessions. Exactly one of several racing callers
    /// succeeds.
    async fn reset_password(&self, token: &str, new: SecretString, from: Origin) -> Result<User>;
}

/// What is stored of a code; case, dashes and spaces do not matter.
fn code_hash(code: &str) -> String {
    let plain: String = code.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    token::hash(&format!("reset code {}", plain.to_uppercase()))
}

/// Takes back whatever would let a user choose a new password.
pub(super) async fn withdraw(tx: &Tx, user_id: UserId) -> std::result::Result<u64, StoreError> {
    let delete =
        password_resets::Entity::delete_many().filter(password_resets::Column::UserId.eq(user_id));
    tx.delete_everywhere(SYSTEM, delete).await
}

impl SeaAccounts {
    async fn write_reset(
        &self,
        actor: &Actor,
        user_id: UserId,
        token_hash: String,
        by: &'static str,
    ) -> Result<Timestamp> {
        let now = self.ctx.now();
        let expires_at = now.plus(RESET_LIFETIME);
        let row = password_resets::ActiveModel {
            token_hash: Set(token_hash),
            user_id: Set(user_id),
            created_at: Set(now),
            expires_at: Set(expires_at),
        };
        let tx = self.ctx.db.begin().await?;
        sessions::hold(&tx, user_id).await?;
        withdraw(&tx, user_id).await?;
        tx.insert_system(SYSTEM, row).await?;
        let event = AuditEvent::new("password_reset.requested", "user", user_id).with("by", by);
        self.ctx.audit.record(&tx, None, actor, event).await?;
        tx.commit().await?;
        Ok(expires_at)
    }

    /// The reset this token or code stands for, while it works.
    async fn open_reset(&self, token: &str) -> Result<Option<password_resets::Model>> {
        let typed = token.trim();
        let select = password_resets::Entity::find()
            .filter(
                password_resets::Column::TokenHash.is_in([token::hash(typed), code_hash(typed)]),
            )
            .filter(password_resets::Column::ExpiresAt.gt(self.ctx.now()));
        Ok(self.ctx.db.everywhere(SYSTEM, select).await?.pop())
    }
}

#[async_trait]
impl PasswordResets for SeaAccounts {
    async fn request_reset(&self, email: &str, from: Origin) -> Result<Option<(User, String)>> {
        let found = create_user::by_email(self, &email.trim().to_lowercase()).await?;
        let Some(user) = found.filter(|user| user.disabled_at.is_none()) else { return Ok(None) };
        let token = token::random();
        let mut visitor = Actor::system("visitor");
        visitor.ip_address = from.ip_address;
        self.write_reset(&visitor, user.id, token::hash(&token), "mail").await?;
        Ok(Some((user, token)))
    }

    async fn reset_code(&self, actor: &Actor, user_id: UserId) -> Result<(String, Timestamp)> {
        if create_user::by_id(self, user_id).await?.is_none() {
            return Err(AccountsError::UnknownUser);
        }
        let code = token::readable_code(CODE_GROUPS);
        let expires_at = self.write_reset(actor, user_id, code_hash(&code), "code").await?;
        Ok((code, expires_at))
    }

    async fn is_reset_open(&self, token: &str) -> Result<bool> {
        Ok(self.open_reset(token).await?.is_some())
    }

    async fn reset_password(&self, token: &str, new: SecretString, from: Origin) -> Result<User> {
        let reset = self.open_reset(token).await?.ok_or(AccountsError::ResetGone)?;
        let select = users::Entity::find_by_id(reset.user_id);
        let user = self.ctx.db.everywhere(SYSTEM, select.clone()).await?.pop();
        let user =
            user.filter(|user| user.disabled_at.is_none()).ok_or(AccountsError::ResetGone)?;
        let prepared = password::prepare(&user, new).await?;
        let tx = self.ctx.db.begin().await?;
        sessions::hold(&tx, user.id).await?;
        let delete = password_resets::Entity::delete_many()
            .filter(password_resets::Column::TokenHash.eq(&reset.token_hash))
            .filter(password_resets::Column::ExpiresAt.gt(self.ctx.now()));
        if tx.delete_everywhere(SYSTEM, delete).await? != 1 {
            return Err(AccountsError::ResetGone);
        }
        let still = tx.everywhere(SYSTEM, select).await?.pop();
        let still = still.filter(|user| user.disabled_at.is_none());
        let user = still.ok_or(AccountsError::ResetGone)?;
        let actor = Actor::user(user.id, from.ip_address);
        let event = AuditEvent::new("password_reset.used", "user", user.id);
        self.ctx.audit.record(&tx, None, &actor, event).await?;
        password::write(self, &tx, &actor, prepared).await?;
        tx.commit().await?;
        Ok(create_user::user(user))
    }
}

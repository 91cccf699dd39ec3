//! Passwords: how they are hashed, and checking one without telling whether the address is known.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use super::{AccountsError, Result, SeaAccounts, User, create_user, resets, sessions, strength};
use crate::entity::users;
use crate::{Actor, AuditEvent, System, Tx, UserId, token};

const SYSTEM: System = System::task("passwords");

/// Work factor of bcrypt: 2^12 rounds, about a quarter of a second on a Raspberry Pi 4.
const COST: u32 = 12;

/// The hash of a random password nobody has, checked where the address is unknown so that both answers take as long.
const NOBODYS_HASH: &str = "$2b$12$WApznUPhDubN0oeveSXHp.Rk0rMKbLVbsZ4GUzsnS0AMWFOcZz6Q6";

/// Binds our hashes to this program; not a secret.
const PRE_HASH_KEY: &[u8] = b"pi-crm password pre-hash v1";

/// HMAC-SHA-256 before bcrypt, which would silently cut at 72 bytes and at a NUL.
fn pre_hash(password: &SecretString) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(PRE_HASH_KEY) else { return String::new() };
    mac.update(password.expose_secret().as_bytes());
    STANDARD_NO_PAD.encode(mac.finalize().into_bytes())
}

/// Hashes a password on a thread that may be busy.
pub(super) async fn hash(password: SecretString) -> Result<String> {
    let hashed = tokio::task::spawn_blocking(move || bcrypt::hash(pre_hash(&password), COST)).await;
    hashed.ok().and_then(std::result::Result::ok).ok_or(AccountsError::Hashing)
}

/// Whether the password is the one that was hashed, found out on a thread that may be busy.
async fn is_right(password: SecretString, hashed: String) -> bool {
    let verified =
        tokio::task::spawn_blocking(move || bcrypt::verify(pre_hash(&password), &hashed)).await;
    matches!(verified, Ok(Ok(true)))
}

/// Tells one password of a user from the next without saying anything about either.
pub(super) fn stamp(password_hash: &str) -> String {
    token::hash(&format!("password stamp {password_hash}"))
}

pub(super) async fn authenticate(
    accounts: &SeaAccounts,
    email: &str,
    password: SecretString,
) -> Result<Option<User>> {
    let email = email.trim().to_lowercase();
    let select = users::Entity::find().filter(users::Column::Email.eq(email));
    let found = accounts.ctx.db.everywhere(System::task("sign-in"), select).await?.pop();
    let stored =
        found.as_ref().map_or_else(|| NOBODYS_HASH.to_owned(), |row| row.password_hash.clone());
    let right = is_right(password, stored).await;
    Ok(found.filter(|row| right && row.disabled_at.is_none()).map(create_user::user))
}

/// The user's row, where this is their password.
pub(super) async fn confirm(
    accounts: &SeaAccounts,
    user_id: UserId,
    password: SecretString,
) -> Result<users::Model> {
    let row = row(accounts, user_id).await?;
    if is_right(password, row.password_hash.clone()).await {
        Ok(row)
    } else {
        Err(AccountsError::WrongPassword)
    }
}

async fn row(accounts: &SeaAccounts, user_id: UserId) -> Result<users::Model> {
    let select = users::Entity::find_by_id(user_id);
    accounts.ctx.db.everywhere(SYSTEM, select).await?.pop().ok_or(AccountsError::UnknownUser)
}

/// A new password whose owner and strength were checked, and which was hashed, before any transaction is open.
pub(super) struct Prepared {
    user_id: UserId,
    hashed: String,
}

pub(super) async fn prepare(row: &users::Model, password: SecretString) -> Result<Prepared> {
    strength::check(&password, &[&row.email, &row.name])?;
    Ok(Prepared { user_id: row.id, hashed: hash(password).await? })
}

/// Writes a prepared password, ends all the user's sessions, and records both.
pub(super) async fn write(
    accounts: &SeaAccounts,
    tx: &Tx,
    actor: &Actor,
    new: Prepared,
) -> Result<()> {
    let update = users::Entity::update_many()
        .col_expr(users::Column::PasswordHash, new.hashed.into())
        .col_expr(users::Column::UpdatedAt, Expr::value(accounts.ctx.now()))
        .filter(users::Column::Id.eq(new.user_id));
    if tx.update_everywhere(SYSTEM, update).await? == 0 {
        return Err(AccountsError::UnknownUser);
    }
    resets::withdraw(tx, new.user_id).await?;
    let ended = sessions::end_all(tx, new.user_id).await?;
    let event =
        AuditEvent::new("user.password_changed", "user", new.user_id).with("ended_sessions", ended);
    Ok(accounts.ctx.audit.record(tx, None, actor, event).await?)
}

pub(super) async fn set(
    accounts: &SeaAccounts,
    actor: &Actor,
    user_id: UserId,
    password: SecretString,
) -> Result<()> {
    let new = prepare(&row(accounts, user_id).await?, password).await?;
    let tx = accounts.ctx.db.begin().await?;
    sessions::hold(&tx, user_id).await?;
    write(accounts, &tx, actor, new).await?;
    Ok(tx.commit().await?)
}

pub(super) async fn change(
    accounts: &SeaAccounts,
    actor: &Actor,
    user_id: UserId,
    current: SecretString,
    new: SecretString,
) -> Result<User> {
    let row = confirm(accounts, user_id, current).await?;
    let prepared = prepare(&row, new).await?;
    let tx = accounts.ctx.db.begin().await?;
    sessions::hold(&tx, user_id).await?;
    let select = users::Entity::find_by_id(user_id);
    let now = tx.everywhere(SYSTEM, select).await?.pop().ok_or(AccountsError::UnknownUser)?;
    // Two changes at once: the second one's "current" password is none any more.
    if now.password_hash != row.password_hash {
        return Err(AccountsError::WrongPassword);
    }
    let password_hash = prepared.hashed.clone();
    write(accounts, &tx, actor, prepared).await?;
    tx.commit().await?;
    Ok(create_user::user(users::Model { password_hash, ..now }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_of_a_long_password_counts() {
        let base = "a".repeat(72);
        let hashed = hash(format!("{base}X").into()).await.unwrap();
        assert!(hashed.starts_with("$2b$12$"));
        assert!(is_right(format!("{base}X").into(), hashed.clone()).await);
        assert!(!is_right(format!("{base}Y").into(), hashed).await);
    }

    #[test]
    fn the_hash_for_unknown_addresses_is_as_costly_as_a_real_one() {
        assert!(NOBODYS_HASH.starts_with(&format!("$2b${COST}$")));
        assert!(!bcrypt::verify("anything", NOBODYS_HASH).unwrap());
    }
}

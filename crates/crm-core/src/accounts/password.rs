//! Passwords: what is accepted, how they are hashed, and checking one without telling whether the address is known.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use super::{AccountsError, Result, SeaAccounts, User, create_user, sessions};
use crate::entity::users;
use crate::{Actor, AuditEvent, System, UserId};

/// Fewest characters of a password.
pub const MIN_PASSWORD_LENGTH: usize = 10;
/// Most characters of a password.
pub const MAX_PASSWORD_LENGTH: usize = 256;

/// Work factor of bcrypt: 2^12 rounds, about a quarter of a second on a Raspberry Pi 4.
const COST: u32 = 12;

/// The hash of a random password nobody has, checked where the address is unknown so that both answers take as long.
const NOBODYS_HASH: &str = "$2b$12$WApznUPhDubN0oeveSXHp.Rk0rMKbLVbsZ4GUzsnS0AMWFOcZz6Q6";

/// Binds our hashes to this program; not a secret.
const PRE_HASH_KEY: &[u8] = b"pi-crm password pre-hash v1";

/// Passwords and words that are tried first by everybody who guesses.
const COMMON: &[&str] = &[
    "password", "passw0rd", "qwerty", "123456", "letmein", "welcome", "iloveyou", "admin", "picrm",
    "pi-crm", "changeme", "secret", "football", "monkey", "dragon", "abc123",
];

/// Why a password is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Shorter than [`MIN_PASSWORD_LENGTH`].
    #[error("use at least {MIN_PASSWORD_LENGTH} characters")]
    TooShort,
    /// Longer than [`MAX_PASSWORD_LENGTH`].
    #[error("use at most {MAX_PASSWORD_LENGTH} characters")]
    TooLong,
    /// One of the first that are guessed, or made of the address.
    #[error("this password is easy to guess; use several words")]
    Common,
}

/// Checks a password for an account with this address.
pub(super) fn check(password: &SecretString, email: &str) -> std::result::Result<(), WeakPassword> {
    let text = password.expose_secret();
    let length = text.chars().count();
    if length < MIN_PASSWORD_LENGTH {
        return Err(WeakPassword::TooShort);
    }
    if length > MAX_PASSWORD_LENGTH {
        return Err(WeakPassword::TooLong);
    }
    let lower = text.to_lowercase();
    let name = email.split('@').next().unwrap_or_default();
    let mut rest = lower.clone();
    for word in COMMON.iter().copied().chain([email, name]).filter(|word| word.len() > 3) {
        rest = rest.replace(word, "");
    }
    // What is left once guessable words, digits in a row and separators are gone must still be something.
    let distinct: std::collections::BTreeSet<char> =
        rest.chars().filter(|c| c.is_alphabetic()).collect();
    let varied: std::collections::BTreeSet<char> = lower.chars().collect();
    if varied.len() < 5 || (rest.len() < lower.len() && distinct.len() < 4) {
        return Err(WeakPassword::Common);
    }
    Ok(())
}

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
    let verified =
        tokio::task::spawn_blocking(move || bcrypt::verify(pre_hash(&password), &stored)).await;
    let right = matches!(verified, Ok(Ok(true)));
    Ok(found.filter(|row| right && row.disabled_at.is_none()).map(create_user::user))
}

pub(super) async fn set(
    accounts: &SeaAccounts,
    actor: &Actor,
    user_id: UserId,
    password: SecretString,
) -> Result<()> {
    let system = System::task("set password");
    let select = users::Entity::find_by_id(user_id);
    let Some(row) = accounts.ctx.db.everywhere(system, select).await?.pop() else {
        return Err(AccountsError::UnknownUser);
    };
    check(&password, &row.email)?;
    let hashed = hash(password).await?;
    let tx = accounts.ctx.db.begin().await?;
    let update = users::Entity::update_many()
        .col_expr(users::Column::PasswordHash, hashed.into())
        .col_expr(users::Column::UpdatedAt, sea_orm::sea_query::Expr::value(accounts.ctx.now()))
        .filter(users::Column::Id.eq(user_id));
    tx.update_everywhere(system, update).await?;
    sessions::end_all(&tx, user_id).await?;
    let event = AuditEvent::new("user.password_changed", "user", user_id);
    accounts.ctx.audit.record(&tx, None, actor, event).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessable_passwords_are_refused() {
        let check = |text: &str| check(&SecretString::from(text.to_owned()), "ada@example.org");
        assert_eq!(check("short"), Err(WeakPassword::TooShort));
        assert_eq!(check("password1234"), Err(WeakPassword::Common));
        assert_eq!(check("picrm-picrm"), Err(WeakPassword::Common));
        assert_eq!(check("ada@example.org"), Err(WeakPassword::Common));
        assert_eq!(check("aaaaaaaaaaaa"), Err(WeakPassword::Common));
        assert_eq!(check("correct horse battery 🐎"), Ok(()));
        assert_eq!(check(&"x y z".repeat(100)), Err(WeakPassword::TooLong));
    }

    #[tokio::test]
    async fn all_of_a_long_password_counts() {
        let base = "a".repeat(72);
        let hashed = hash(format!("{base}X").into()).await.unwrap();
        assert!(hashed.starts_with("$2b$12$"));
        assert!(bcrypt::verify(pre_hash(&format!("{base}X").into()), &hashed).unwrap());
        assert!(!bcrypt::verify(pre_hash(&format!("{base}Y").into()), &hashed).unwrap());
    }

    #[test]
    fn the_hash_for_unknown_addresses_is_as_costly_as_a_real_one() {
        assert!(!bcrypt::verify("anything", NOBODYS_HASH).unwrap());
    }
}

//! Making, finding and disabling users.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use super::{
    AccountsError, NewUser, Result, SeaAccounts, User, password, resets, sessions, strength,
};
use crate::entity::users;
use crate::{Actor, AuditEvent, EmailAddress, StoreError, System, Tx, UserId};

const SYSTEM: System = System::task("accounts");

/// A user whose input was checked and whose password was hashed, ready to be written.
pub(super) struct Prepared {
    email: EmailAddress,
    name: String,
    password_hash: String,
    is_admin: bool,
}

/// Checks the input and does the slow hashing, before any transaction is open.
pub(super) async fn prepare(new: NewUser) -> Result<Prepared> {
    let email = EmailAddress::parse(&new.email)?;
    let name = checked_name(&new.name)?;
    strength::check(&new.password, &[email.as_str(), &name])?;
    let password_hash = password::hash(new.password).await?;
    Ok(Prepared { email, name, password_hash, is_admin: new.is_admin })
}

/// A name without spaces around it, where it is one.
pub(super) fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(AccountsError::InvalidName);
    }
    Ok(name.to_owned())
}

/// Writes a prepared user with its audit entry. `actor` is the user itself where nobody else acts.
pub(super) async fn write(
    accounts: &SeaAccounts,
    tx: &Tx,
    actor: Option<&Actor>,
    new: Prepared,
    ip_address: Option<String>,
) -> Result<User> {
    let ctx = &accounts.ctx;
    let now = ctx.now();
    let row = users::ActiveModel {
        id: Set(ctx.id(UserId::from_uuid)),
        email: Set(new.email.to_string()),
        password_hash: Set(new.password_hash),
        name: Set(new.name),
        is_admin: Set(new.is_admin),
        disabled_at: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let row = tx.insert_system(SYSTEM, row).await.map_err(|err| match err {
        StoreError::Duplicate(_) => AccountsError::DuplicateEmail,
        other => other.into(),
    })?;
    let itself = Actor::user(row.id, ip_address);
    let event = AuditEvent::new("user.created", "user", row.id).with("email", &row.email);
    ctx.audit.record(tx, None, actor.unwrap_or(&itself), event).await?;
    Ok(user(row))
}

pub(super) async fn run(accounts: &SeaAccounts, actor: &Actor, new: NewUser) -> Result<User> {
    let new = prepare(new).await?;
    let tx = accounts.ctx.db.begin().await?;
    let user = write(accounts, &tx, Some(actor), new, None).await?;
    tx.commit().await?;
    Ok(user)
}

pub(super) async fn by_email(accounts: &SeaAccounts, email: &str) -> Result<Option<User>> {
    let select = users::Entity::find().filter(users::Column::Email.eq(email));
    Ok(accounts.ctx.db.everywhere(SYSTEM, select).await?.pop().map(user))
}

pub(super) async fn by_id(accounts: &SeaAccounts, user_id: UserId) -> Result<Option<User>> {
    let select = users::Entity::find_by_id(user_id);
    Ok(accounts.ctx.db.everywhere(SYSTEM, select).await?.pop().map(user))
}

pub(super) async fn all(accounts: &SeaAccounts) -> Result<Vec<User>> {
    let select = users::Entity::find().order_by_asc(users::Column::Email);
    let rows = accounts.ctx.db.everywhere(SYSTEM, select).await?;
    Ok(rows.into_iter().map(user).collect())
}

pub(super) async fn disable(accounts: &SeaAccounts, actor: &Actor, user_id: UserId) -> Result<()> {
    let now = accounts.ctx.now();
    let tx = accounts.ctx.db.begin().await?;
    sessions::hold(&tx, user_id).await?;
    let update = users::Entity::update_many()
        .col_expr(users::Column::DisabledAt, sea_orm::sea_query::Expr::value(now))
        .filter(users::Column::Id.eq(user_id));
    if tx.update_everywhere(SYSTEM, update).await? == 0 {
        return Err(AccountsError::UnknownUser);
    }
    sessions::end_all(&tx, user_id).await?;
    resets::withdraw(&tx, user_id).await?;
    let event = AuditEvent::new("user.disabled", "user", user_id);
    accounts.ctx.audit.record(&tx, None, actor, event).await?;
    Ok(tx.commit().await?)
}

pub(crate) fn user(row: users::Model) -> User {
    User {
        stamp: password::stamp(&row.password_hash),
        id: row.id,
        email: row.email,
        name: row.name,
        is_admin: row.is_admin,
        created_at: row.created_at,
        disabled_at: row.disabled_at,
    }
}

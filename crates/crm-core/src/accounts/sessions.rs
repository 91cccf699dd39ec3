//! Sessions: kept in the database under the hash of their token, so that a copy of the database lets nobody in.

use std::time::Duration;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use super::{
    AccountsError, OpenSession, Origin, Result, SeaAccounts, Session, User, create_user, password,
};
use crate::entity::{sessions, users};
use crate::{Actor, AuditEvent, StoreError, System, Tx, UserId, token};

const SYSTEM: System = System::task("sessions");

/// A session that is not used for this long ends.
pub const IDLE_LIFETIME: Duration = Duration::from_hours(30 * 24);
/// A session ends after this long, used or not.
pub const ABSOLUTE_LIFETIME: Duration = Duration::from_hours(90 * 24);
/// How stale `last_seen_at` may be: not every request is worth a durable write.
const TOUCH_EVERY: Duration = Duration::from_mins(10);

pub(super) async fn open(
    accounts: &SeaAccounts,
    token: &str,
    user: &User,
    from: Origin,
) -> Result<()> {
    let now = accounts.ctx.now();
    let user_id = user.id;
    let row = sessions::ActiveModel {
        id: Set(token::hash(token)),
        user_id: Set(user_id),
        created_at: Set(now),
        last_seen_at: Set(now),
        expires_at: Set(now.plus(IDLE_LIFETIME)),
        ip_address: Set(from.ip_address.clone()),
        user_agent: Set(from.user_agent.map(|text| text.chars().take(300).collect())),
    };
    let tx = accounts.ctx.db.begin().await?;
    hold(&tx, user_id).await?;
    // Since the password was checked it may have been changed, or its owner disabled.
    let select = users::Entity::find_by_id(user_id).filter(users::Column::DisabledAt.is_null());
    let stored = tx.everywhere(SYSTEM, select).await?.pop();
    if stored.is_none_or(|row| password::stamp(&row.password_hash) != user.stamp) {
        return Err(AccountsError::SignInLapsed);
    }
    tx.insert_system(SYSTEM, row).await?;
    let delete = sessions::Entity::delete_many().filter(sessions::Column::ExpiresAt.lt(now));
    tx.delete_everywhere(SYSTEM, delete).await?;
    let event = AuditEvent::new("session.created", "user", user_id);
    accounts.ctx.audit.record(&tx, None, &Actor::user(user_id, from.ip_address), event).await?;
    Ok(tx.commit().await?)
}

pub(super) async fn load(accounts: &SeaAccounts, token: &str) -> Result<Option<Session>> {
    let db = &accounts.ctx.db;
    let now = accounts.ctx.now();
    let id = token::hash(token);
    let Some(row) = db.everywhere(SYSTEM, sessions::Entity::find_by_id(&id)).await?.pop() else {
        return Ok(None);
    };
    if row.expires_at <= now || row.created_at.plus(ABSOLUTE_LIFETIME) <= now {
        return Ok(None);
    }
    let select = users::Entity::find_by_id(row.user_id);
    let Some(user) = db.everywhere(SYSTEM, select).await?.pop() else { return Ok(None) };
    if user.disabled_at.is_some() {
        return Ok(None);
    }
    let mut session = Session {
        user: create_user::user(user),
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
    };
    if now.since(row.last_seen_at) > TOUCH_EVERY {
        session.last_seen_at = now;
        session.expires_at = now.plus(IDLE_LIFETIME);
        let update = sessions::Entity::update_many()
            .col_expr(sessions::Column::LastSeenAt, Expr::value(session.last_seen_at))
            .col_expr(sessions::Column::ExpiresAt, Expr::value(session.expires_at))
            .filter(sessions::Column::Id.eq(id));
        let tx = db.begin().await?;
        tx.unaudited("a session is used");
        tx.update_everywhere(SYSTEM, update).await?;
        tx.commit().await?;
    }
    Ok(Some(session))
}

pub(super) async fn end(accounts: &SeaAccounts, token: &str, from: Origin) -> Result<()> {
    let id = token::hash(token);
    let tx = accounts.ctx.db.begin().await?;
    let Some(row) = tx.everywhere(SYSTEM, sessions::Entity::find_by_id(&id)).await?.pop() else {
        return Ok(());
    };
    let delete = sessions::Entity::delete_many().filter(sessions::Column::Id.eq(id));
    tx.delete_everywhere(SYSTEM, delete).await?;
    let event = AuditEvent::new("session.ended", "user", row.user_id);
    let actor = Actor::user(row.user_id, from.ip_address);
    accounts.ctx.audit.record(&tx, None, &actor, event).await?;
    Ok(tx.commit().await?)
}

/// Lets one transaction at a time change who is signed in as this user.
pub(super) async fn hold(tx: &Tx, user_id: UserId) -> std::result::Result<(), StoreError> {
    tx.serialize_on(&format!("user {user_id}")).await
}

/// How a session is named to its owner: derived from what is stored, so that neither can be told from it.
pub(super) fn public_id(stored: &str) -> String {
    token::hash(&format!("session name {stored}")).chars().take(32).collect()
}

/// The sessions of a user that still let them in, the last used first.
async fn valid(accounts: &SeaAccounts, user_id: UserId) -> Result<Vec<sessions::Model>> {
    let now = accounts.ctx.now();
    let select = sessions::Entity::find()
        .filter(sessions::Column::UserId.eq(user_id))
        .filter(sessions::Column::ExpiresAt.gt(now))
        .filter(sessions::Column::CreatedAt.gt(now.minus(ABSOLUTE_LIFETIME)))
        .order_by_desc(sessions::Column::LastSeenAt)
        .order_by_asc(sessions::Column::Id);
    Ok(accounts.ctx.db.everywhere(SYSTEM, select).await?)
}

pub(super) async fn all(accounts: &SeaAccounts, user_id: UserId) -> Result<Vec<OpenSession>> {
    let rows = valid(accounts, user_id).await?;
    Ok(rows
        .into_iter()
        .map(|row| OpenSession {
            id: public_id(&row.id),
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            expires_at: row.expires_at.min(row.created_at.plus(ABSOLUTE_LIFETIME)),
            ip_address: row.ip_address,
            user_agent: row.user_agent,
        })
        .collect())
}

pub(super) async fn end_one(
    accounts: &SeaAccounts,
    actor: &Actor,
    user_id: UserId,
    id: &str,
) -> Result<()> {
    let found = valid(accounts, user_id).await?.into_iter().find(|row| public_id(&row.id) == id);
    let row = found.ok_or(AccountsError::UnknownSession)?;
    let delete = sessions::Entity::delete_many().filter(sessions::Column::Id.eq(row.id));
    let tx = accounts.ctx.db.begin().await?;
    if tx.delete_everywhere(SYSTEM, delete).await? == 0 {
        return Err(AccountsError::UnknownSession);
    }
    let event = AuditEvent::new("session.ended", "user", user_id)
        .with("session", id)
        .with("opened_from", row.ip_address);
    accounts.ctx.audit.record(&tx, None, actor, event).await?;
    Ok(tx.commit().await?)
}

pub(super) async fn end_others(
    accounts: &SeaAccounts,
    actor: &Actor,
    user_id: UserId,
    kept: Option<&str>,
) -> Result<u64> {
    let select = users::Entity::find_by_id(user_id);
    let tx = accounts.ctx.db.begin().await?;
    if tx.everywhere(SYSTEM, select).await?.is_empty() {
        return Err(AccountsError::UnknownUser);
    }
    let mut delete = sessions::Entity::delete_many().filter(sessions::Column::UserId.eq(user_id));
    if let Some(kept) = kept {
        let select = sessions::Entity::find().filter(sessions::Column::UserId.eq(user_id));
        let rows = tx.everywhere(SYSTEM, select).await?;
        let stored = rows.into_iter().map(|row| row.id).find(|stored| public_id(stored) == kept);
        delete = delete.filter(sessions::Column::Id.ne(stored.unwrap_or_default()));
    }
    let ended = tx.delete_everywhere(SYSTEM, delete).await?;
    if ended == 0 {
        return Ok(0);
    }
    let event = AuditEvent::new("session.all_ended", "user", user_id).with("ended_sessions", ended);
    accounts.ctx.audit.record(&tx, None, actor, event).await?;
    tx.commit().await?;
    Ok(ended)
}

pub(super) async fn has_signed_in_from(
    accounts: &SeaAccounts,
    email: &str,
    ip_address: &str,
) -> Result<bool> {
    let db = &accounts.ctx.db;
    let select = users::Entity::find().filter(users::Column::Email.eq(email.trim().to_lowercase()));
    let Some(user) = db.everywhere(SYSTEM, select).await?.pop() else { return Ok(false) };
    let select = sessions::Entity::find()
        .filter(sessions::Column::UserId.eq(user.id))
        .filter(sessions::Column::IpAddress.eq(ip_address));
    Ok(!db.everywhere(SYSTEM, select).await?.is_empty())
}

/// Ends every session of a user.
pub(super) async fn end_all(tx: &Tx, user_id: UserId) -> std::result::Result<u64, StoreError> {
    let delete = sessions::Entity::delete_many().filter(sessions::Column::UserId.eq(user_id));
    tx.delete_everywhere(SYSTEM, delete).await
}

//! Sessions: kept in the database under the hash of their token, so that a copy of the database lets nobody in.

use std::time::Duration;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use super::{Origin, Result, SeaAccounts, Session, create_user};
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
    user_id: UserId,
    from: Origin,
) -> Result<()> {
    let now = accounts.ctx.now();
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
    tx.insert_system(SYSTEM, row).await?;
    let delete = sessions::Entity::delete_many().filter(sessions::Column::ExpiresAt.lt(now));
    tx.delete_everywhere(SYSTEM, delete).await?;
    let event = AuditEvent::new("session.opened", "user", user_id);
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

/// Ends every session of a user.
pub(super) async fn end_all(tx: &Tx, user_id: UserId) -> std::result::Result<u64, StoreError> {
    let delete = sessions::Entity::delete_many().filter(sessions::Column::UserId.eq(user_id));
    tx.delete_everywhere(SYSTEM, delete).await
}

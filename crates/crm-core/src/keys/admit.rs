//! Whether a key lets its caller in. Every call asks the database.

use std::time::Duration;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::sea::{SYSTEM, SeaKeys};
use super::{Admitted, MARK, Refused, Result, list};
use crate::accounts::Origin;
use crate::entity::{api_keys, users};
use crate::{Actor, AuditEvent, KeyGrant, Timestamp, accounts, token};

/// How stale `last_used_at` may be: not every call is worth a durable write.
const TOUCH_EVERY: Duration = Duration::from_mins(1);
/// No key of ours is longer; what is longer is not even hashed.
const LONGEST: usize = 100;

pub(super) async fn run(
    keys: &SeaKeys,
    secret: &str,
    from: &Origin,
) -> Result<std::result::Result<Admitted, Refused>> {
    let db = &keys.ctx.db;
    let now = keys.ctx.now();
    let unknown = Refused { key: None, reason: "unknown" };
    if !secret.starts_with(MARK) || secret.len() > LONGEST {
        return Ok(Err(unknown));
    }
    let select = api_keys::Entity::find().filter(api_keys::Column::KeyHash.eq(token::hash(secret)));
    let Some(row) = db.everywhere(SYSTEM, select).await?.pop() else { return Ok(Err(unknown)) };
    let refused = |reason| Refused { key: Some((row.id, row.user_id)), reason };
    if !row.is_active {
        return Ok(Err(refused("revoked")));
    }
    if row.expires_at.is_some_and(|end| end <= now) {
        return Ok(Err(refused("expired")));
    }
    let user = db.everywhere(SYSTEM, users::Entity::find_by_id(row.user_id)).await?.pop();
    let Some(user) = user.filter(|user| user.disabled_at.is_none()) else {
        return Ok(Err(refused("its user is disabled")));
    };
    touch(keys, &row, now, from).await?;
    let grant = KeyGrant { id: row.id, scopes: list::scopes(&row.scopes) };
    Ok(Ok(Admitted { user: accounts::user(user), grant }))
}

/// Notes the use, at most once a minute. The first one is worth an entry in the audit log.
async fn touch(keys: &SeaKeys, row: &api_keys::Model, now: Timestamp, from: &Origin) -> Result<()> {
    if row.last_used_at.is_some_and(|last| now.since(last) < TOUCH_EVERY) {
        return Ok(());
    }
    let tx = keys.ctx.db.begin().await?;
    let update = |when: Condition| {
        api_keys::Entity::update_many()
            .col_expr(api_keys::Column::LastUsedAt, Expr::value(now))
            .filter(api_keys::Column::Id.eq(row.id))
            .filter(when)
    };
    // Of several calls that use a new key at once, one was the first.
    let never = Condition::all().add(api_keys::Column::LastUsedAt.is_null());
    if tx.update_everywhere(SYSTEM, update(never)).await? == 1 {
        let actor = Actor::user(row.user_id, from.ip_address.clone()).through_key(row.id);
        let event = AuditEvent::new("api_key.first_used", "api_key", row.id);
        keys.ctx.audit.record(&tx, None, &actor, event).await?;
    } else {
        let older = Condition::all().add(api_keys::Column::LastUsedAt.lt(now));
        tx.update_everywhere(SYSTEM, update(older)).await?;
        tx.unaudited("an API key is used");
    }
    Ok(tx.commit().await?)
}

pub(super) async fn note_refusal(keys: &SeaKeys, refused: &Refused, from: &Origin) -> Result<()> {
    let tx = keys.ctx.db.begin().await?;
    let (actor, event) = match refused.key {
        Some((id, user_id)) => (
            Actor::user(user_id, from.ip_address.clone()).through_key(id),
            AuditEvent::new("api_key.refused", "api_key", id),
        ),
        None => (
            Actor { ip_address: from.ip_address.clone(), ..Actor::system("stranger") },
            AuditEvent::about("api_key.refused", "api_key"),
        ),
    };
    keys.ctx.audit.record(&tx, None, &actor, event.with("reason", refused.reason)).await?;
    Ok(tx.commit().await?)
}

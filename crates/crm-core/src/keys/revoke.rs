//! Revoking keys. The row stays, so that the audit log's entries lead somewhere.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::Result;
use super::sea::{SYSTEM, SeaKeys};
use crate::entity::api_keys;
use crate::{Actor, ApiKeyId, AuditEvent, UserId};

pub(super) async fn run(
    keys: &SeaKeys,
    actor: &Actor,
    user_id: UserId,
    id: ApiKeyId,
) -> Result<bool> {
    let tx = keys.ctx.db.begin().await?;
    let update = api_keys::Entity::update_many()
        .col_expr(api_keys::Column::IsActive, Expr::value(false))
        .filter(api_keys::Column::Id.eq(id))
        .filter(api_keys::Column::UserId.eq(user_id))
        .filter(api_keys::Column::IsActive.eq(true));
    if tx.update_everywhere(SYSTEM, update).await? == 0 {
        return Ok(false);
    }
    let event = AuditEvent::new("api_key.revoked", "api_key", id).with("user_id", user_id);
    keys.ctx.audit.record(&tx, None, actor, event).await?;
    tx.commit().await?;
    Ok(true)
}

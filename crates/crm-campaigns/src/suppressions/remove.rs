//! Taking an address off the list.

use crm_core::{AuditEvent, Scope, SuppressionId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::list::read;
use super::sea::SeaSuppressions;
use super::service::{Result, SuppressionsError};
use crate::entity::suppressions::{Column, Entity};

/// Longest reason, in characters.
const MAX_BECAUSE: usize = 500;

pub(super) async fn run(
    on: &SeaSuppressions,
    scope: &Scope,
    id: SuppressionId,
    because: &str,
) -> Result<bool> {
    let because = because.trim();
    let tx = on.ctx.db.begin().await?;
    let Some(row) = tx.one(scope, Entity::find_by_id(id)).await? else {
        return Ok(false);
    };
    let entry = read(row)?;
    if because.chars().count() > MAX_BECAUSE {
        return Err(SuppressionsError::BecauseTooLong);
    }
    if because.is_empty() && entry.needs_because() {
        return Err(SuppressionsError::BecauseRequired);
    }
    let delete = Entity::delete_many().filter(Column::Id.eq(id));
    if tx.delete_many(scope, delete).await? == 0 {
        return Ok(false);
    }
    let event = AuditEvent::new("suppression.removed", "suppression", id)
        .with("channel", entry.channel)
        .with("address", entry.address)
        .with("reason", entry.reason)
        .with("because", (!because.is_empty()).then_some(because));
    on.record(&tx, scope, event).await?;
    tx.commit().await?;
    Ok(true)
}

//! Deleting a list. Contacts stay: out of a tag, while a stage must be empty first.

use crm_core::{AuditEvent, Context, ListId, Scope};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{ListsError, Result, order};
use crate::entity::contact_list_assignments as assignments;
use crate::entity::contact_lists::{Column, Entity};

pub(crate) async fn run(ctx: &Context, scope: &Scope, id: ListId) -> Result<bool> {
    let tx = ctx.db.begin().await?;
    order::take_turn(&tx, scope).await?;
    // The lock keeps contacts from entering the stage between the count and the delete.
    let select = Entity::find_by_id(id).lock_exclusive();
    let Some(row) = tx.one(scope, select).await? else { return Ok(false) };
    let others = order::of_kind(&tx, scope, row.is_primary).await?;
    if row.is_primary {
        let select = assignments::Entity::find().filter(assignments::Column::ListId.eq(id));
        let contacts = tx.count(scope, select).await?;
        if contacts > 0 {
            return Err(ListsError::StageInUse(contacts));
        }
        if others.len() <= 1 {
            return Err(ListsError::LastStage);
        }
    }
    tx.delete_many(scope, Entity::delete_many().filter(Column::Id.eq(id))).await?;
    let ids: Vec<ListId> = others.iter().map(|list| list.id).filter(|other| *other != id).collect();
    order::renumber(&tx, scope, &others, &ids).await?;
    let event = AuditEvent::new("list.deleted", "list", id).with("name", &row.name);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(true)
}

//! Putting a contact into a list, and taking it out of one.

use crm_core::{AuditEvent, ContactId, Context, ListId, Scope, Tx};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::membership::{self, Outcome};
use super::{ListsError, Result};
use crate::entity::{base_contacts, contact_lists};

/// A stage replaces the stage the contact is in; being in the list already changes nothing.
pub(crate) async fn assign(
    ctx: &Context,
    scope: &Scope,
    contact_id: ContactId,
    list_id: ListId,
) -> Result<()> {
    let tx = ctx.db.begin().await?;
    let list = hold(&tx, scope, contact_id, list_id).await?;
    let outcome = membership::add(ctx, &tx, scope, contact_id, list).await?;
    finish(ctx, tx, scope, (contact_id, list_id), outcome, "list.assigned").await
}

/// Only tags can be left; a contact that has not the tag stays as it is.
pub(crate) async fn unassign(
    ctx: &Context,
    scope: &Scope,
    contact_id: ContactId,
    list_id: ListId,
) -> Result<()> {
    let tx = ctx.db.begin().await?;
    let list = hold(&tx, scope, contact_id, list_id).await?;
    if list.is_primary {
        return Err(ListsError::StageRequired);
    }
    let left = membership::leave(&tx, scope, contact_id, &[list_id]).await?;
    let outcome = Outcome { entered_stage: None, changed: left > 0 };
    finish(ctx, tx, scope, (contact_id, list_id), outcome, "list.unassigned").await
}

/// Holds the contact against other writers until the transaction ends, and reads the list.
async fn hold(
    tx: &Tx,
    scope: &Scope,
    contact_id: ContactId,
    list_id: ListId,
) -> Result<contact_lists::Model> {
    let select = base_contacts::Entity::find_by_id(contact_id).lock_exclusive();
    tx.one(scope, select).await?.ok_or(ListsError::UnknownContact)?;
    let select = contact_lists::Entity::find_by_id(list_id);
    tx.one(scope, select).await?.ok_or(ListsError::UnknownList)
}

async fn finish(
    ctx: &Context,
    tx: Tx,
    scope: &Scope,
    (contact_id, list_id): (ContactId, ListId),
    outcome: Outcome,
    action: &'static str,
) -> Result<()> {
    if !outcome.changed {
        return Ok(());
    }
    let mut update = base_contacts::Entity::update_many()
        .col_expr(base_contacts::Column::UpdatedAt, Expr::value(ctx.now()))
        .col_expr(base_contacts::Column::Version, Expr::col(base_contacts::Column::Version).add(1))
        .filter(base_contacts::Column::Id.eq(contact_id));
    if let Some(since) = outcome.entered_stage {
        update = update.col_expr(base_contacts::Column::StageSince, Expr::value(since));
    }
    tx.update_many(scope, update).await?;
    let event = AuditEvent::new(action, "contact", contact_id).with("list_id", list_id);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    Ok(tx.commit().await?)
}

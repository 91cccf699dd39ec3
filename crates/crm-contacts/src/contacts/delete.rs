//! Deleting a contact: it goes to the trash with everything that goes with it.

use crm_core::{AuditEvent, ContactId, Context, Scope, StoreError, Tx};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set};

use super::Result;
use crate::entity::{base_contacts, contact_trash};
use crate::ledger::CampaignLedger;
use crate::snapshot::Snapshot;

pub(crate) async fn run(
    ctx: &Context,
    ledger: &dyn CampaignLedger,
    scope: &Scope,
    id: ContactId,
) -> Result<bool> {
    let tx = ctx.db.begin().await?;
    let held = base_contacts::Entity::find_by_id(id).lock_exclusive();
    let Some(row) = tx.one(scope, held).await? else { return Ok(false) };
    put_away(ctx, &tx, ledger, scope, row).await?;
    let event = AuditEvent::new("contact.deleted", "contact", id);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(true)
}

/// Moves a contact that is held to the trash. Its timeline, lists, custom fields and tasks go by the database's own
/// cascades; campaigns keep the line in their report.
pub(crate) async fn put_away(
    ctx: &Context,
    tx: &Tx,
    ledger: &dyn CampaignLedger,
    scope: &Scope,
    row: base_contacts::Model,
) -> std::result::Result<(), StoreError> {
    let (id, name) = (row.id, row.display_name());
    let snapshot = Snapshot::read(tx, scope, ledger, row).await?;
    let trash = contact_trash::ActiveModel {
        contact_id: Set(id),
        workspace_id: Set(scope.workspace_id()),
        name: Set(name),
        snapshot: Set(serde_json::to_value(&snapshot)?),
        deleted_by: Set(scope.user_id()),
        deleted_at: Set(ctx.now()),
    };
    tx.insert(scope, trash).await?;
    let delete = base_contacts::Entity::delete_many().filter(base_contacts::Column::Id.eq(id));
    tx.delete_many(scope, delete).await?;
    Ok(())
}

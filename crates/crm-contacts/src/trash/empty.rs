//! Removing deleted contacts for good.

use crm_core::{AuditEvent, ContactId, RecipientId, Scope, StoreError, System, Tx};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Deserialize;

use super::list::KEPT;
use super::{Result, SeaTrash};
use crate::entity::contact_trash::{Column, Entity, Model};

/// Contacts that leave at a time.
const AT_ONCE: u64 = 200;

/// What a kept contact says of campaigns.
#[derive(Deserialize)]
struct Kept {
    #[serde(default)]
    recipients: Vec<RecipientId>,
}

pub(super) async fn purge(service: &SeaTrash, scope: &Scope, id: ContactId) -> Result<bool> {
    let tx = service.ctx.db.begin().await?;
    let Some(row) = tx.one(scope, Entity::find_by_id(id)).await? else { return Ok(false) };
    discard(service, &tx, scope, row).await?;
    let delete = Entity::delete_many().filter(Column::ContactId.eq(id));
    tx.delete_many(scope, delete).await?;
    let event = AuditEvent::new("contact.purged", "contact", id);
    service.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(true)
}

/// Takes along what was written to the contact alone.
async fn discard(
    service: &SeaTrash,
    tx: &Tx,
    scope: &Scope,
    row: Model,
) -> std::result::Result<(), StoreError> {
    let kept: Kept = serde_json::from_value(row.snapshot)?;
    service.ledger.discard(tx, scope, &kept.recipients).await
}

pub(super) async fn due(service: &SeaTrash) -> Result<u64> {
    const WHY: &str = "empty the trash";
    let system = System::task(WHY);
    let before = service.ctx.now().minus(KEPT);
    let old = Entity::find().filter(Column::DeletedAt.lt(before));
    let mut removed = 0;
    // Most times there is nothing, and then nobody has to wait for a writer.
    while service.ctx.db.count_capped_everywhere(system, old.clone()).await?.0 > 0 {
        let tx = service.ctx.db.begin().await?;
        tx.unaudited("the trash is emptied after its time");
        let rows = tx.everywhere(system, old.clone().limit(AT_ONCE)).await?;
        let ids: Vec<ContactId> = rows.iter().map(|row| row.contact_id).collect();
        for row in rows {
            let scope = Scope::for_job(row.workspace_id, WHY);
            discard(service, &tx, &scope, row).await?;
        }
        let delete = Entity::delete_many().filter(Column::ContactId.is_in(ids));
        let gone = tx.delete_everywhere(system, delete).await?;
        tx.commit().await?;
        removed += gone;
        if gone == 0 {
            break;
        }
    }
    Ok(removed)
}

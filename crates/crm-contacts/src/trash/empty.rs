//! Removing deleted contacts for good.

use crm_core::{AuditEvent, ContactId, Scope, System};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::list::KEPT;
use super::{Result, SeaTrash};
use crate::entity::contact_trash::{Column, Entity};

pub(super) async fn purge(service: &SeaTrash, scope: &Scope, id: ContactId) -> Result<bool> {
    let tx = service.ctx.db.begin().await?;
    let delete = Entity::delete_many().filter(Column::ContactId.eq(id));
    if tx.delete_many(scope, delete).await? == 0 {
        return Ok(false);
    }
    let event = AuditEvent::new("contact.purged", "contact", id);
    service.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(true)
}

pub(super) async fn due(service: &SeaTrash) -> Result<u64> {
    let system = System::task("empty the trash");
    let before = service.ctx.now().minus(KEPT);
    let old = Column::DeletedAt.lt(before);
    // Most times there is nothing, and then nobody has to wait for a writer.
    let found = service.ctx.db.count_capped_everywhere(system, Entity::find().filter(old.clone()));
    if found.await?.0 == 0 {
        return Ok(0);
    }
    let tx = service.ctx.db.begin().await?;
    tx.unaudited("the trash is emptied after its time");
    let removed = tx.delete_everywhere(system, Entity::delete_many().filter(old)).await?;
    tx.commit().await?;
    Ok(removed)
}

//! Deleting a contact.

use crm_core::{AuditEvent, ContactId, Context, Scope};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::Result;
use crate::entity::base_contacts;

/// Its timeline, lists, custom fields and tasks go with it by the database's own cascades.
pub(crate) async fn run(ctx: &Context, scope: &Scope, id: ContactId) -> Result<bool> {
    let tx = ctx.db.begin().await?;
    let delete = base_contacts::Entity::delete_many().filter(base_contacts::Column::Id.eq(id));
    if tx.delete_many(scope, delete).await? == 0 {
        return Ok(false);
    }
    let event = AuditEvent::new("contact.deleted", "contact", id);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(true)
}

//! Bringing a contact back.

use crm_core::{AuditEvent, ContactId, Scope, StoreError, Tx};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{Result, SeaTrash, TrashError};
use crate::contacts::{Contact, ContactsError, Existing, save};
use crate::entity::{base_contacts, contact_trash};
use crate::snapshot::{self, Put, Snapshot};

pub(super) async fn run(service: &SeaTrash, scope: &Scope, id: ContactId) -> Result<Contact> {
    let tx = service.ctx.db.begin().await?;
    inside(service, &tx, scope, id).await?;
    let event = AuditEvent::new("contact.restored", "contact", id);
    service.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    Ok(save::finish(tx, scope, id).await?)
}

/// Brings a contact back inside a transaction that is the caller's to end.
pub(crate) async fn inside(
    service: &SeaTrash,
    tx: &Tx,
    scope: &Scope,
    id: ContactId,
) -> Result<()> {
    let held = contact_trash::Entity::find_by_id(id).lock_exclusive();
    let row = tx.one(scope, held).await?.ok_or(TrashError::UnknownContact)?;
    let mut snapshot: Snapshot = serde_json::from_value(row.snapshot).map_err(StoreError::from)?;
    let contact = &mut snapshot.core.contact;
    if let Some(existing) =
        owner(tx, scope, base_contacts::Column::PrimaryEmail, contact.primary_email.as_ref())
            .await?
    {
        return Err(ContactsError::DuplicateEmail { existing: Some(existing) }.into());
    }
    if let Some(existing) =
        owner(tx, scope, base_contacts::Column::PrimaryPhone, contact.primary_phone.as_ref())
            .await?
    {
        return Err(ContactsError::DuplicatePhone { existing: Some(existing) }.into());
    }
    // Whoever saw it before it was deleted saw another version.
    contact.version += 1;
    let delete =
        contact_trash::Entity::delete_many().filter(contact_trash::Column::ContactId.eq(id));
    tx.delete_many(scope, delete).await?;
    let put = Put { ctx: &service.ctx, tx, scope, ledger: service.ledger.as_ref() };
    Ok(snapshot::put(put, snapshot).await?)
}

/// The contact that has an address or number now.
async fn owner(
    tx: &Tx,
    scope: &Scope,
    column: base_contacts::Column,
    value: Option<&String>,
) -> Result<Option<Existing>> {
    let Some(value) = value else { return Ok(None) };
    let select = base_contacts::Entity::find().filter(column.eq(value.as_str())).limit(1);
    let row = tx.one(scope, select).await?;
    Ok(row.map(|row| Existing { id: row.id, name: row.display_name() }))
}

//! Adding a contact.

use crm_core::{AuditEvent, ContactId, Context, Scope};
use sea_orm::Set;

use super::fields::Fields;
use super::{Contact, NewContact, Result, custom, definitions, load, save};
use crate::door::Door;
use crate::entity::base_contacts;
use crate::lists::membership;

/// Row, custom fields, lists, first timeline entry and audit entry commit together or not at all.
pub(crate) async fn run(ctx: &Context, scope: &Scope, new: NewContact) -> Result<Contact> {
    // SQLite has one writer at a time: what can be done before is not done while others wait.
    let region = crm_core::workspace::read(&ctx.db, scope).await?.default_region;
    let fields = Fields::parse(&new, &region)?;
    let tx = ctx.db.begin().await?;
    fields.check_owner(&tx, scope).await?;
    let known = definitions::load(Door::Tx(&tx), scope).await?;
    let values = custom::of_new(&known, &new.custom)?;
    let mut wanted = membership::resolve(&tx, scope, &new.list_ids).await?;

    let id = ctx.id(ContactId::from_uuid);
    let now = ctx.now();
    let has_stage = wanted.settle(&tx, scope).await?;
    let row = base_contacts::ActiveModel {
        id: Set(id),
        workspace_id: Set(scope.workspace_id()),
        created_on: Set(now),
        updated_at: Set(now),
        first_name: Set(fields.first_name.clone()),
        last_name: Set(fields.last_name.clone()),
        primary_email: Set(fields.primary_email.clone()),
        primary_phone: Set(fields.primary_phone.clone()),
        company: Set(fields.company.clone()),
        owner_id: Set(fields.owner_id),
        value_minor: Set(fields.value_minor),
        stage_since: Set(has_stage.then_some(now)),
        version: Set(1),
    };
    let row = match tx.insert(scope, row).await {
        Ok(row) => row,
        Err(err) => return Err(save::refused(ctx, tx, scope, &fields, err).await),
    };
    save::write_custom(ctx, &tx, scope, id, &values, None).await?;
    let lists = wanted.enter(ctx, &tx, scope, id).await?;
    let event = AuditEvent::new("contact.created", "contact", id);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    let contact = load::written(row, values, lists)?;
    tx.commit().await?;
    Ok(contact)
}

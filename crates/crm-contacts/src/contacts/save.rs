//! What making, replacing and changing a contact have in common: writing its custom fields and lists, and telling whose
//! address or number a duplicate is.

use crm_core::{ContactId, Context, ListId, Scope, StoreError, Timestamp, Tx};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, UpdateMany};

use super::custom::Stored;
use super::fields::Fields;
use super::{Contact, ContactsError, Existing, Result, load};
use crate::door::Door;
use crate::entity::{base_contacts, custom_fields};
use crate::lists::membership::{self, BadLists};

impl From<BadLists> for ContactsError {
    fn from(err: BadLists) -> Self {
        match err {
            BadLists::Unknown => Self::InvalidList("one of the lists is not in this workspace"),
            BadLists::TwoStages => Self::InvalidList("a contact can be in one stage at a time"),
            BadLists::Store(err) => Self::Store(err),
        }
    }
}

/// The contact's row, held against other writers until the transaction ends; `None` where there is none, and an error
/// where its version is not the one the caller saw.
pub(crate) async fn hold(
    tx: &Tx,
    scope: &Scope,
    id: ContactId,
    version: Option<i64>,
) -> Result<Option<base_contacts::Model>> {
    let select = base_contacts::Entity::find_by_id(id).lock_exclusive();
    let row = tx.one(scope, select).await?;
    match (row, version) {
        (Some(row), Some(seen)) if row.version != seen => Err(ContactsError::Stale),
        (row, _) => Ok(row),
    }
}

/// Writes a change of a contact that is held, with its audit entry, and answers with the contact as it is now. What
/// is as before is not written, and a change of nothing leaves no trace.
pub(super) async fn run(
    ctx: &Context,
    tx: Tx,
    scope: &Scope,
    (before, mut row): (Contact, base_contacts::Model),
    (fields, custom, lists): (Fields, Stored, Option<Vec<ListId>>),
) -> Result<Contact> {
    let old = Fields::of_row(&row);
    let mut changed = old.differences(&fields);
    if changed.contains(&"owner_id") {
        fields.check_owner(&tx, scope).await?;
    }
    if write_custom(ctx, &tx, scope, row.id, &custom, Some(&before)).await? {
        changed.push("custom");
    }
    if let Some(ids) = lists {
        let wanted = membership::resolve(&tx, scope, &ids).await?;
        let outcome = membership::set(ctx, &tx, scope, row.id, wanted).await?;
        row.stage_since = outcome.entered_stage.or(row.stage_since);
        if outcome.changed {
            changed.push("lists");
        }
    }
    if changed.is_empty() {
        return Ok(before);
    }
    let update = update_of(row.id, &fields, row.stage_since, ctx.now());
    if let Err(err) = tx.update_many(scope, update).await {
        return Err(refused(ctx, tx, scope, &fields, err).await);
    }
    let event =
        crm_core::AuditEvent::new("contact.updated", "contact", row.id).with("changed", changed);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    finish(tx, scope, row.id).await
}

/// The update that writes a contact's columns and counts its version.
pub(crate) fn update_of(
    id: ContactId,
    fields: &Fields,
    stage_since: Option<Timestamp>,
    now: Timestamp,
) -> UpdateMany<base_contacts::Entity> {
    use base_contacts::Column;
    base_contacts::Entity::update_many()
        .col_expr(Column::FirstName, Expr::value(fields.first_name.clone()))
        .col_expr(Column::LastName, Expr::value(fields.last_name.clone()))
        .col_expr(Column::PrimaryEmail, Expr::value(fields.primary_email.clone()))
        .col_expr(Column::PrimaryPhone, Expr::value(fields.primary_phone.clone()))
        .col_expr(Column::Company, Expr::value(fields.company.clone()))
        .col_expr(Column::OwnerId, Expr::value(fields.owner_id))
        .col_expr(Column::ValueMinor, Expr::value(fields.value_minor))
        .col_expr(Column::StageSince, Expr::value(stage_since))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(id))
}

/// Reads the contact back and commits.
pub(crate) async fn finish(tx: Tx, scope: &Scope, id: ContactId) -> Result<Contact> {
    let contact = load::by_id(Door::Tx(&tx), scope, id).await?;
    let contact =
        contact.ok_or_else(|| StoreError::Corrupt("a contact just written".to_owned()))?;
    tx.commit().await?;
    Ok(contact)
}

/// Writes custom fields; `before` is the contact as it was, `None` for a new one. Answers whether anything changed.
pub(crate) async fn write_custom(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    contact_id: ContactId,
    custom: &Stored,
    before: Option<&Contact>,
) -> Result<bool> {
    let now = ctx.now();
    let old = |name: &str| before.and_then(|contact| contact.custom.get(name));
    let mut rows = Vec::new();
    let mut gone = Vec::new();
    for (name, value) in custom {
        match value {
            Some((field_type, text)) => {
                let value = super::custom::from_text(field_type.as_str(), text.clone())?;
                if old(name) == Some(&value) {
                    continue;
                }
                let field = (name.as_str(), *field_type);
                let text = text.clone();
                rows.push(custom_fields::value(ctx, scope, contact_id, field, text, now));
            }
            None if old(name).is_some() => gone.push(name.clone()),
            None => {}
        }
    }
    let changed = !rows.is_empty() || !gone.is_empty();
    if !rows.is_empty() {
        tx.insert_many_on_conflict(scope, rows, custom_fields::replacing()).await?;
    }
    if !gone.is_empty() {
        let delete = custom_fields::Entity::delete_many()
            .filter(custom_fields::Column::ContactId.eq(contact_id))
            .filter(custom_fields::Column::FieldName.is_in(gone));
        tx.delete_many(scope, delete).await?;
    }
    Ok(changed)
}

/// Ends a transaction whose write the database refused, and says why: a duplicate is answered with whose it is.
pub(crate) async fn refused(
    ctx: &Context,
    tx: Tx,
    scope: &Scope,
    fields: &Fields,
    err: StoreError,
) -> ContactsError {
    // PostgreSQL answers no question in a transaction that met an error, so the other contact is looked up outside.
    if let Err(err) = tx.rollback().await {
        return err.into();
    }
    let (column, value) = if err.is_duplicate_of("primary_email") {
        (base_contacts::Column::PrimaryEmail, &fields.primary_email)
    } else if err.is_duplicate_of("primary_phone") {
        (base_contacts::Column::PrimaryPhone, &fields.primary_phone)
    } else {
        return err.into();
    };
    let select = base_contacts::Entity::find().filter(column.eq(value.clone()));
    match ctx.db.one(scope, select).await {
        Ok(row) => {
            let existing = row.map(|row| Existing { id: row.id, name: row.display_name() });
            if matches!(column, base_contacts::Column::PrimaryEmail) {
                ContactsError::DuplicateEmail { existing }
            } else {
                ContactsError::DuplicatePhone { existing }
            }
        }
        Err(err) => err.into(),
    }
}

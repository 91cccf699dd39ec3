//! Forgetting one person.

use crm_core::{AuditEvent, ContactId, Scope, StoreError, Tx};
use sea_orm::sea_query::{Expr, Value};
use sea_orm::{ColumnTrait, Condition, EntityTrait, IntoSimpleExpr, QueryFilter, QuerySelect};

use super::SeaPrivacy;
use crate::compare;
use crate::entity::{base_contacts, bulk_rows, contact_trash, import_rows, merge_journal};
use crate::ledger::Reachable;
use crate::merge::merged_contact;
use crate::snapshot::Snapshot;

pub(super) async fn run(
    service: &SeaPrivacy,
    scope: &Scope,
    id: ContactId,
) -> Result<bool, StoreError> {
    let ctx = &service.ctx;
    let tx = ctx.db.begin().await?;
    let held = base_contacts::Entity::find_by_id(id).lock_exclusive();
    let contact = match tx.one(scope, held).await? {
        Some(row) => Some(row),
        None => in_trash(&tx, scope, id).await?,
    };
    let Some(contact) = contact else { return Ok(false) };
    let mut reach = vec![Reachable { email: contact.primary_email, phone: contact.primary_phone }];
    reach.extend(journals(&tx, scope, id).await?);
    service.ledger.erase(&tx, scope, id, &reach).await?;
    imports(&tx, scope, id, (&reach, ctx.db.is_sqlite())).await?;
    let rows = bulk_rows::Entity::update_many()
        .col_expr(bulk_rows::Column::Before, Expr::value(Value::Json(None)))
        .filter(bulk_rows::Column::ContactId.eq(id));
    tx.update_many(scope, rows).await?;
    let trash =
        contact_trash::Entity::delete_many().filter(contact_trash::Column::ContactId.eq(id));
    tx.delete_many(scope, trash).await?;
    let delete = base_contacts::Entity::delete_many().filter(base_contacts::Column::Id.eq(id));
    tx.delete_many(scope, delete).await?;
    let event = AuditEvent::new("contact.erased", "contact", id);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(true)
}

async fn in_trash(
    tx: &Tx,
    scope: &Scope,
    id: ContactId,
) -> Result<Option<base_contacts::Model>, StoreError> {
    let Some(row) = tx.one(scope, contact_trash::Entity::find_by_id(id)).await? else {
        return Ok(None);
    };
    let snapshot: Snapshot = serde_json::from_value(row.snapshot)?;
    Ok(Some(snapshot.core.contact))
}

/// Forgets the merges they were part of; answers with the addresses that were theirs once.
async fn journals(tx: &Tx, scope: &Scope, id: ContactId) -> Result<Vec<Reachable>, StoreError> {
    let theirs = Condition::any()
        .add(merge_journal::Column::SourceId.eq(id))
        .add(merge_journal::Column::TargetId.eq(id));
    let mut reach = Vec::new();
    for row in tx.all(scope, merge_journal::Entity::find().filter(theirs.clone())).await? {
        let undone = row.undone_at.is_some();
        let source = merged_contact(row)?;
        // After an undone merge the other one is a person of their own.
        if !undone {
            reach.push(Reachable { email: source.primary_email, phone: source.primary_phone });
        }
    }
    tx.delete_many(scope, merge_journal::Entity::delete_many().filter(theirs)).await?;
    Ok(reach)
}

/// Forgets what imports remember of them: what they had before, and rows that could not be used.
async fn imports(
    tx: &Tx,
    scope: &Scope,
    id: ContactId,
    (reach, sqlite): (&[Reachable], bool),
) -> Result<(), StoreError> {
    use import_rows::{Column, Entity};
    let rows = Entity::update_many()
        .col_expr(Column::Before, Expr::value(Value::Json(None)))
        .col_expr(Column::Raw, Expr::value(None::<String>))
        .filter(Column::ContactId.eq(id));
    tx.update_many(scope, rows).await?;
    let mut values: Vec<&String> = Vec::new();
    for one in reach {
        values.extend(one.email.as_ref());
        values.extend(one.phone.as_ref());
    }
    for value in values {
        let holds = compare::contains(sqlite, Column::Raw.into_simple_expr(), value);
        let rows = Entity::update_many()
            .col_expr(Column::Raw, Expr::value(None::<String>))
            .filter(Column::Raw.is_not_null())
            .filter(holds);
        tx.update_many(scope, rows).await?;
    }
    Ok(())
}

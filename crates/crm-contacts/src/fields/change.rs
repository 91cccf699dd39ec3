//! Changing a field: its label, choices, default and place, and putting it away.

use crm_core::{AuditEvent, Context, CustomFieldDefinitionId, Scope, StoreError, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::create::{SYSTEM, stored, take_turn};
use super::{Field, FieldChange, FieldType, FieldsError, Result, check, read};
use crate::contacts::definitions::{self, Definition};
use crate::door::Door;
use crate::entity::custom_field_definitions::{Column, Entity, Model};
use crate::entity::custom_fields;

pub(super) async fn run(
    ctx: &Context,
    scope: &Scope,
    id: CustomFieldDefinitionId,
    version: Option<i64>,
    change: FieldChange,
) -> Result<Option<Field>> {
    let label = check::label(&change.label)?;
    let position = check::position(change.position)?;
    let tx = ctx.db.begin().await?;
    take_turn(&tx, scope).await?;
    let door = Door::Tx(&tx);
    let rows = definitions::rows(door, scope).await?;
    let Some(row) = rows.iter().find(|row| row.id == id) else { return Ok(None) };
    own(door, scope, row).await?;
    if version.is_some_and(|seen| seen != row.version) {
        return Err(FieldsError::Stale);
    }
    let before: Definition = definitions::definition(row.clone())?;
    let options = check::options(before.field_type, change.options)?;
    if before.field_type == FieldType::Select {
        keep_used(&tx, scope, &before, &options).await?;
    }
    let default_value = change.default_value.as_deref();
    let default_value = check::default(before.field_type, &options, default_value)?;
    let archived_at = match (row.archived_at, change.is_archived) {
        (since @ Some(_), true) => since,
        (None, true) => Some(ctx.now()),
        (_, false) => None,
    };
    let update = Entity::update_many()
        .col_expr(Column::Label, Expr::value(label.as_str()))
        .col_expr(Column::Options, Expr::value(stored(&options)?))
        .col_expr(Column::IsRequired, Expr::value(change.is_required))
        .col_expr(Column::DefaultValue, Expr::value(default_value))
        .col_expr(Column::ArchivedAt, Expr::value(archived_at))
        .col_expr(Column::Version, Expr::value(row.version + 1))
        .filter(Column::Id.eq(id))
        // Those of all workspaces can be changed from several of them at once.
        .filter(Column::Version.eq(row.version));
    if tx.update_everywhere(SYSTEM, update).await? == 0 {
        return Err(FieldsError::Stale);
    }
    if let Some(position) = position {
        let beside = |other: &&Model| other.workspace_id == row.workspace_id;
        renumber(&tx, rows.iter().filter(beside), id, position).await?;
    }
    let action = match (row.archived_at.is_some(), change.is_archived) {
        (false, true) => "field.archived",
        (true, false) => "field.restored",
        _ => "field.updated",
    };
    let event =
        AuditEvent::new(action, "field", id).with("name", &row.field_name).with("label", &label);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    read::one(ctx, scope, id).await
}

/// A field of all workspaces is its owner's alone.
pub(super) async fn own(door: Door<'_>, scope: &Scope, row: &Model) -> Result<()> {
    let is_global = row.workspace_id.is_none();
    if is_global && scope.user_id() != Some(door.facts(scope).await?.owner_id) {
        return Err(FieldsError::NotYours);
    }
    Ok(())
}

/// Refuses to take away a choice that contacts of this workspace have.
async fn keep_used(tx: &Tx, scope: &Scope, before: &Definition, options: &[String]) -> Result<()> {
    for option in before.options.iter().filter(|option| !options.contains(option)) {
        let chosen = custom_fields::Entity::find()
            .filter(custom_fields::Column::FieldName.eq(&before.name))
            .filter(custom_fields::Column::FieldValue.eq(option));
        let contacts = tx.count(scope, chosen).await?;
        if contacts > 0 {
            return Err(FieldsError::OptionInUse { option: option.clone(), contacts });
        }
    }
    Ok(())
}

/// Puts one field in its place and numbers those beside it anew.
async fn renumber<'a>(
    tx: &Tx,
    rows: impl Iterator<Item = &'a Model>,
    id: CustomFieldDefinitionId,
    position: i64,
) -> std::result::Result<(), StoreError> {
    let rows: Vec<&Model> = rows.collect();
    let mut order: Vec<&Model> = rows.iter().copied().filter(|row| row.id != id).collect();
    let index = usize::try_from(position - 1).unwrap_or(usize::MAX).min(order.len());
    if let Some(moved) = rows.iter().copied().find(|row| row.id == id) {
        order.insert(index, moved);
    }
    for (place, row) in (1_i64..).zip(order).filter(|(place, row)| row.position != *place) {
        let update = Entity::update_many()
            .col_expr(Column::Position, Expr::value(place))
            .filter(Column::Id.eq(row.id));
        tx.update_everywhere(SYSTEM, update).await?;
    }
    Ok(())
}

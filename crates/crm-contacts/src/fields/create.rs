//! Making a field.

use crm_core::{AuditEvent, Context, CustomFieldDefinitionId, Scope, StoreError, System, Tx};
use sea_orm::Set;

use super::{Field, FieldsError, MAX_FIELDS, NewField, Result, check, read};
use crate::contacts::definitions;
use crate::door::Door;
use crate::entity::custom_field_definitions::{ActiveModel, Model};

pub(super) const SYSTEM: System = System::task("custom field definitions");

pub(super) async fn run(ctx: &Context, scope: &Scope, new: NewField) -> Result<Field> {
    let label = check::label(&new.label)?;
    let name = check::name(new.name.as_deref(), &label)?;
    let options = check::options(new.field_type, new.options)?;
    let default_value = check::default(new.field_type, &options, new.default_value.as_deref())?;
    let tx = ctx.db.begin().await?;
    take_turn(&tx, scope).await?;
    let door = Door::Tx(&tx);
    let owner_id = door.facts(scope).await?.owner_id;
    if new.is_global && scope.user_id() != Some(owner_id) {
        return Err(FieldsError::NotYours);
    }
    let known = definitions::rows(door, scope).await?;
    if known.len() >= MAX_FIELDS {
        return Err(FieldsError::TooMany);
    }
    // A workspace's own field may stand before one of all workspaces, but not the other way round: that would show nowhere.
    let taken =
        |row: &&Model| row.field_name == name && (new.is_global || row.workspace_id.is_some());
    if known.iter().any(|row| taken(&row)) {
        return Err(FieldsError::DuplicateName);
    }
    let beside = known.iter().filter(|row| row.workspace_id.is_none() == new.is_global);
    let last = beside.map(|row| row.position).max().unwrap_or(0);
    let id = ctx.id(CustomFieldDefinitionId::from_uuid);
    let row = ActiveModel {
        id: Set(id),
        user_id: Set(owner_id),
        workspace_id: Set((!new.is_global).then(|| scope.workspace_id())),
        field_name: Set(name.clone()),
        label: Set(label.clone()),
        field_type: Set(new.field_type.as_str().to_owned()),
        options: Set(stored(&options)?),
        is_required: Set(new.is_required),
        default_value: Set(default_value),
        created_at: Set(ctx.now()),
        position: Set(last + 1),
        archived_at: Set(None),
        version: Set(1),
    };
    tx.insert_system(SYSTEM, row).await.map_err(|err| match err {
        StoreError::Duplicate(_) => FieldsError::DuplicateName,
        other => other.into(),
    })?;
    let event = AuditEvent::new("field.created", "field", id)
        .with("name", &name)
        .with("label", &label)
        .with("field_type", new.field_type.as_str())
        .with("is_global", new.is_global);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    let made = read::one(ctx, scope, id).await?;
    Ok(made.ok_or_else(|| StoreError::Corrupt("a field vanished after it was made".to_owned()))?)
}

/// Choices as they are stored: none as nothing.
pub(super) fn stored(
    options: &[String],
) -> std::result::Result<Option<serde_json::Value>, StoreError> {
    Ok(if options.is_empty() { None } else { Some(serde_json::to_value(options)?) })
}

/// One change of a workspace's fields at a time: names and places depend on all of them.
pub(super) async fn take_turn(tx: &Tx, scope: &Scope) -> std::result::Result<(), StoreError> {
    tx.serialize_on(&format!("fields {}", scope.workspace_id())).await
}

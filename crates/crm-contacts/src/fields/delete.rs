//! Deleting a field that was put away, with its values.

use crm_core::{AuditEvent, Context, CustomFieldDefinitionId, Scope};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, DeleteMany, EntityTrait, QueryFilter, QueryTrait};

use super::change::own;
use super::create::{SYSTEM, take_turn};
use super::{FieldsError, Result};
use crate::contacts::definitions;
use crate::door::Door;
use crate::entity::custom_field_definitions::{Column, Entity, Model};
use crate::entity::custom_fields;

pub(super) async fn run(ctx: &Context, scope: &Scope, id: CustomFieldDefinitionId) -> Result<bool> {
    let tx = ctx.db.begin().await?;
    take_turn(&tx, scope).await?;
    let door = Door::Tx(&tx);
    let rows = definitions::rows(door, scope).await?;
    let Some(row) = rows.iter().find(|row| row.id == id) else { return Ok(false) };
    own(door, scope, row).await?;
    if row.archived_at.is_none() {
        return Err(FieldsError::NotArchived);
    }
    tx.delete_everywhere(SYSTEM, Entity::delete_many().filter(Column::Id.eq(id))).await?;
    let values = tx.delete_everywhere(SYSTEM, values(row)).await?;
    let event = AuditEvent::new("field.deleted", "field", id)
        .with("name", &row.field_name)
        .with("label", &row.label)
        .with("values", values);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(true)
}

/// The values nobody can read any more once the field is gone: those of its workspace, or of all its owner's, less those
/// another field of the same name still stands for.
fn values(row: &Model) -> DeleteMany<custom_fields::Entity> {
    let named = custom_fields::Entity::delete_many()
        .filter(custom_fields::Column::FieldName.eq(&row.field_name));
    let same_name = Entity::find()
        .filter(Column::FieldName.eq(&row.field_name))
        .filter(Column::UserId.eq(row.user_id));
    if let Some(workspace) = row.workspace_id {
        let global = same_name.filter(Column::WorkspaceId.is_null()).into_query();
        return named
            .filter(custom_fields::Column::WorkspaceId.eq(workspace))
            .filter(Expr::not_exists(global));
    }
    let mut own = same_name.filter(Column::WorkspaceId.is_not_null()).into_query();
    own.clear_selects().column(Column::WorkspaceId);
    let theirs = Query::select()
        .column(Alias::new("id"))
        .from(Alias::new("workspaces"))
        .and_where(Expr::col(Alias::new("user_id")).eq(Expr::val(row.user_id)))
        .to_owned();
    named
        .filter(custom_fields::Column::WorkspaceId.in_subquery(theirs))
        .filter(custom_fields::Column::WorkspaceId.not_in_subquery(own))
}

//! Which custom fields a workspace's contacts may have: its own, and those its owner defined for all of theirs.

use crm_core::{Scope, StoreError, System};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};

use crate::door::Door;
use crate::entity::custom_field_definitions::{Column, Entity, Model};
pub(crate) use crate::fields::FieldType;

/// A custom field contacts may have.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) name: String,
    /// What people call it.
    pub(crate) label: String,
    pub(crate) field_type: FieldType,
    /// The choices of a select.
    pub(crate) options: Vec<String>,
    pub(crate) is_required: bool,
    /// Value of new contacts that have none, as text.
    pub(crate) default_value: Option<String>,
    /// Whether it was put away: what has a value keeps it, and nothing gets a new one.
    pub(crate) is_archived: bool,
}

/// All definitions that hold in the scope's workspace, one a name: the workspace's own wins over the owner's.
pub(crate) async fn load(door: Door<'_>, scope: &Scope) -> Result<Vec<Definition>, StoreError> {
    rows(door, scope).await?.into_iter().map(definition).collect()
}

/// The rows of all of them, in their order: the workspace's own, then its owner's.
pub(crate) async fn rows(door: Door<'_>, scope: &Scope) -> Result<Vec<Model>, StoreError> {
    let owner_id = door.facts(scope).await?.owner_id;
    let mine = Condition::any()
        .add(Column::WorkspaceId.eq(scope.workspace_id()))
        .add(Condition::all().add(Column::WorkspaceId.is_null()).add(Column::UserId.eq(owner_id)));
    let select =
        Entity::find().filter(mine).order_by_asc(Column::Position).order_by_asc(Column::Id);
    let mut all = door.everywhere(System::task("custom field definitions"), select).await?;
    all.sort_by_key(|row| row.workspace_id.is_none());
    let mut rows: Vec<Model> = Vec::with_capacity(all.len());
    for row in all {
        if rows.iter().all(|known| known.field_name != row.field_name) {
            rows.push(row);
        }
    }
    Ok(rows)
}

pub(crate) fn definition(row: Model) -> Result<Definition, StoreError> {
    Ok(Definition {
        field_type: FieldType::parse(&row.field_type)?,
        options: row.options.map(serde_json::from_value).transpose()?.unwrap_or_default(),
        name: row.field_name,
        label: row.label,
        is_required: row.is_required,
        default_value: row.default_value,
        is_archived: row.archived_at.is_some(),
    })
}

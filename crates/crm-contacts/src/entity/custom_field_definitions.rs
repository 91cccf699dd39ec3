//! Which custom fields there are. A definition without a workspace holds in all workspaces its user owns, so this
//! entity is not scoped; [`crate::contacts::definitions`] is the one reader.

use crm_core::{CustomFieldDefinitionId, Timestamp, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "custom_field_definitions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CustomFieldDefinitionId,
    pub user_id: UserId,
    pub workspace_id: Option<WorkspaceId>,
    pub field_name: String,
    pub label: String,
    pub field_type: String,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub options: Option<Json>,
    pub is_required: bool,
    pub default_value: Option<String>,
    pub created_at: Timestamp,
    pub position: i64,
    pub archived_at: Option<Timestamp>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

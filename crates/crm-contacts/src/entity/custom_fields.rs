//! Values of custom fields, one row a value.

use crm_core::{ContactId, CustomFieldId, Timestamp, WorkspaceId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "custom_fields")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CustomFieldId,
    pub workspace_id: WorkspaceId,
    pub contact_id: ContactId,
    pub field_name: String,
    pub field_value: String,
    pub field_type: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();

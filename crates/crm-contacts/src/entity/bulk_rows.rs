//! What an action on many contacts did to each of them.

use crm_core::{BulkId, ContactId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "bulk_rows")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub bulk_id: BulkId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub row_no: i64,
    pub workspace_id: WorkspaceId,
    pub contact_id: ContactId,
    pub state: String,
    pub reason: Option<String>,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub before: Option<Json>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();

//! Actions on many contacts and how far they are.

use crm_core::{BootId, BulkId, Timestamp, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "bulk_actions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BulkId,
    pub workspace_id: WorkspaceId,
    pub user_id: Option<UserId>,
    pub action: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub params: Json,
    pub state: String,
    pub total: i64,
    pub done: i64,
    pub changed: i64,
    pub undone: i64,
    pub error: Option<String>,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub boot_id: Option<BootId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();

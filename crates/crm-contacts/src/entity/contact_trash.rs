//! Deleted contacts, for as long as they can be brought back.

use crm_core::{ContactId, Timestamp, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_trash")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_id: ContactId,
    pub workspace_id: WorkspaceId,
    pub name: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub snapshot: Json,
    pub deleted_by: Option<UserId>,
    pub deleted_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();

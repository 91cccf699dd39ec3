//! Follow-ups.

use crm_core::{ContactId, TaskId, Timestamp, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "tasks")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TaskId,
    pub workspace_id: WorkspaceId,
    pub contact_id: ContactId,
    pub assignee_id: Option<UserId>,
    pub kind: String,
    pub title: String,
    pub due_at: Option<Timestamp>,
    pub done_at: Option<Timestamp>,
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();

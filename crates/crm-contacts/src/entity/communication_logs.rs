//! Entries of the timelines.

use crm_core::{ContactId, LogId, RecipientId, Timestamp, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "communication_logs")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LogId,
    pub workspace_id: WorkspaceId,
    pub contact_id: ContactId,
    #[sea_orm(column_name = "type")]
    pub kind: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub content: Json,
    pub timestamp: Timestamp,
    pub status: Option<String>,
    pub actor_id: Option<UserId>,
    pub campaign_recipient_id: Option<RecipientId>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();

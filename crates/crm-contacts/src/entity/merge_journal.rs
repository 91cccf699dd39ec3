//! Merges of two contacts, kept so that they can be undone.

use crm_core::{ContactId, MergeId, Timestamp, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "merge_journal")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MergeId,
    pub workspace_id: WorkspaceId,
    pub source_id: ContactId,
    pub target_id: ContactId,
    pub actor_id: Option<UserId>,
    #[sea_orm(column_type = "JsonBinary")]
    pub snapshot: Json,
    pub created_at: Timestamp,
    pub undone_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();

//! Pairs of contacts that are two people, as somebody said.

use crm_core::{ContactId, Timestamp, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "duplicate_dismissals")]
pub(crate) struct Model {
    pub workspace_id: WorkspaceId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_a: ContactId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_b: ContactId,
    pub user_id: Option<UserId>,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();

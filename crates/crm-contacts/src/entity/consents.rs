//! What people said about being written to.

use crm_core::{ConsentId, ContactId, Timestamp, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "consents")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConsentId,
    pub workspace_id: WorkspaceId,
    pub contact_id: ContactId,
    pub channel: String,
    pub state: String,
    pub at: Timestamp,
    pub source: String,
    pub wording: String,
    pub recorded_by: Option<UserId>,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();

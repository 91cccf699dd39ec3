//! Requests for approval and their answers.

use crm_core::{ApprovalId, CampaignId, Timestamp, UserId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign_approvals")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApprovalId,
    pub workspace_id: WorkspaceId,
    pub campaign_id: CampaignId,
    /// `pending`, `approved`, `rejected`
    pub status: String,
    pub requested_by: Option<UserId>,
    pub reviewer_id: Option<UserId>,
    pub content_hash: String,
    pub notes: Option<String>,
    pub created_at: Timestamp,
    pub reviewed_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();

//! Campaigns, only as far as it takes to know which providers are in use. Read here, never written.

use crm_core::{CampaignId, ProviderId, WorkspaceId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "campaigns")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CampaignId,
    pub workspace_id: WorkspaceId,
    #[sea_orm(column_name = "type")]
    pub channel: String,
    /// Absent means the workspace's default.
    pub provider_id: Option<ProviderId>,
    pub status: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
crm_core::scoped!();

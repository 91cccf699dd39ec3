//! Jobs of this crate: they carry ids only and say what to look at.

use crm_core::{CampaignId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// Look at a campaign: send what is due.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct LookAtCampaign {
    /// Its workspace.
    pub workspace_id: WorkspaceId,
    /// The campaign.
    pub campaign_id: CampaignId,
}

impl crm_core::outbox::Job for LookAtCampaign {
    const NAME: &'static str = "look-at-campaign";
}

//! The job `look-at-campaign`: wakes the engine for one campaign.

use std::sync::Arc;

use crm_campaigns::Engine;
use crm_campaigns::jobs::LookAtCampaign;

/// The engine sends by itself and returns at once. What it could not do now, the reconciler asks for again.
pub(super) async fn handle(engine: Arc<dyn Engine>, job: LookAtCampaign) {
    if let Err(error) = engine.look_at(job.workspace_id, job.campaign_id).await {
        tracing::error!(
            campaign = %job.campaign_id,
            error = &error as &dyn std::error::Error,
            "the campaign could not be looked at"
        );
    }
}

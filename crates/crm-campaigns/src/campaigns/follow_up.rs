//! Another campaign for those who got one and did not answer.

use crm_contacts::Segment;
use crm_contacts::segments::{CampaignOperator, CampaignState, SegmentNode};
use crm_core::{CampaignId, Scope};

use super::deps::{Deps, event};
use super::edit::{self, MAX_NAME};
use super::{Campaign, CampaignsError, NewCampaign, Result, Schedule, store};

pub(super) async fn run(deps: &Deps, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>> {
    let Some(from) = store::get(deps, scope, id).await? else {
        return Ok(None);
    };
    if from.started_at.is_none() {
        return Err(CampaignsError::InvalidState { from: from.status.words(), verb: "followed up" });
    }
    let campaign = CampaignState { id, op: CampaignOperator::NotReplied };
    let new = NewCampaign {
        name: follow_up_to(&from.name),
        channel: from.channel,
        template_id: from.template_id,
        // Asked again when it is sent: whoever answers until then is not in it.
        segment: Segment(SegmentNode::Campaign { campaign }),
        schedule: Schedule { send_at: None, ..from.schedule },
        // What was tried is known by now.
        subject_test: None,
        provider_id: from.provider_id,
    };
    let event =
        |made, name: &str| event("campaign.followed_up", made).with("name", name).with("from", id);
    edit::make(deps, scope, new, event).await.map(Some)
}

/// The name of a follow-up, cut where it would become too long.
fn follow_up_to(name: &str) -> String {
    const END: &str = ": follow-up";
    let short: String = name.chars().take(MAX_NAME - END.len()).collect();
    format!("{short}{END}")
}

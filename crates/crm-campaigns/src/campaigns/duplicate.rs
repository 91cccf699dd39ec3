//! Another campaign of the same audience and content.

use crm_core::{CampaignId, Scope};

use super::deps::{Deps, event};
use super::edit::{self, MAX_NAME};
use super::{Campaign, NewCampaign, Result, Schedule, store};

pub(super) async fn run(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
    name: Option<String>,
) -> Result<Option<Campaign>> {
    let Some(from) = store::get(deps, scope, id).await? else {
        return Ok(None);
    };
    let name = match name.filter(|name| !name.trim().is_empty()) {
        Some(name) => edit::named(&name)?,
        None => copy_of(&from.name),
    };
    let new = NewCampaign {
        name,
        channel: from.channel,
        template_id: from.template_id,
        // A list that is gone since is named by the pre-flight, where it can be mended.
        segment: from.segment,
        // The pace and the window suit the copy; the moment was the other one's.
        schedule: Schedule { send_at: None, ..from.schedule },
        subject_test: from.subject_test,
        provider_id: from.provider_id,
    };
    let event =
        |made, name: &str| event("campaign.duplicated", made).with("name", name).with("from", id);
    edit::make(deps, scope, new, event).await.map(Some)
}

/// The name of a copy, cut where it would become too long.
fn copy_of(name: &str) -> String {
    let short: String = name.chars().take(MAX_NAME - 5).collect();
    format!("{short} copy")
}

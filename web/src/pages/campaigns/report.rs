//! The part of a campaign's page that says what came of it.

use crm_campaigns::campaigns::Report;
use crm_core::{CampaignId, Scope};

use super::{convert, recipients};
use crate::error::AppError;
use crate::state::App;
use crate::views::campaign::LeftOut;
use crate::views::campaign_report::{CampaignReport, Pace};

/// What came of a campaign; `None` before anything was sent or refused.
pub(super) async fn of(
    app: &App,
    scope: &Scope,
    id: CampaignId,
) -> Result<Option<CampaignReport>, AppError> {
    let Some(report) = app.services.campaigns.report(scope, id).await? else { return Ok(None) };
    if report.pace.is_empty() {
        return Ok(None);
    }
    let export_url = recipients::export_url(id, scope.workspace_id(), None);
    Ok(Some(CampaignReport { export_url, ..view(&report) }))
}

fn view(report: &Report) -> CampaignReport {
    let found = report.outcomes;
    let mut counts = vec![("Sent", report.counts.sent)];
    // Nobody knows of a message that was not opened: where none is known of, there is nothing to show.
    let seen = [
        ("Opened, at least", found.opened),
        ("Clicked, at least", found.clicked),
        ("Replied", found.replied),
    ];
    counts.extend(seen.into_iter().filter(|(_, count)| *count > 0));
    counts.extend([("Bounced", found.bounced), ("Unsubscribed", found.unsubscribed)]);
    let spans = report.pace.iter().map(|span| (span.at.to_string(), span.sent, span.failed));
    let left_out = report.left_out.iter().map(|(reason, count)| LeftOut {
        count: *count,
        label: convert::reason(*reason).to_owned(),
    });
    CampaignReport {
        pace: Pace::new(report.span_seconds, spans.collect()),
        left_out: left_out.collect(),
        ..CampaignReport::new(&counts)
    }
}

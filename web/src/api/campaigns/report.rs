//! `GET /api/campaigns/:id/report`: what became of it so far.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_campaigns::campaigns::{Counts, Moment, Report, SkipReason, VariantResult};
use crm_core::{CampaignId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::state::App;

#[derive(Serialize, ToSchema)]
#[schema(as = CampaignReport)]
struct View {
    counts: Counts,
    left_out: Vec<LeftOut>,
    outcomes: Outcomes,
    /// What came of the two subjects that were tried.
    subjects: Option<Subjects>,
    /// Length of one of the spans of `pace`, in seconds.
    span_seconds: u64,
    /// Spans from the first message to the last, those without any included.
    pace: Vec<Span>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CampaignReportLeftOut)]
struct LeftOut {
    reason: SkipReason,
    count: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CampaignReportSubjects)]
struct Subjects {
    a: Subject,
    b: Subject,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CampaignReportSubject)]
struct Subject {
    sent: u64,
    opened: u64,
    clicked: u64,
    replied: u64,
}

impl From<VariantResult> for Subject {
    fn from(found: VariantResult) -> Self {
        Self {
            sent: found.sent,
            opened: found.opened,
            clicked: found.clicked,
            replied: found.replied,
        }
    }
}

/// Messages of which something is known. Opens and clicks are at least these: many readers never tell.
#[derive(Serialize, ToSchema)]
#[schema(as = CampaignReportOutcomes)]
struct Outcomes {
    opened: u64,
    clicked: u64,
    replied: u64,
    bounced: u64,
    unsubscribed: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CampaignReportSpan)]
struct Span {
    at: Timestamp,
    sent: u64,
    failed: u64,
}

impl From<Report> for View {
    fn from(report: Report) -> Self {
        let left_out = report.left_out.into_iter();
        let span =
            |moment: Moment| Span { at: moment.at, sent: moment.sent, failed: moment.failed };
        Self {
            counts: report.counts,
            left_out: left_out.map(|(reason, count)| LeftOut { reason, count }).collect(),
            outcomes: Outcomes {
                opened: report.outcomes.opened,
                clicked: report.outcomes.clicked,
                replied: report.outcomes.replied,
                bounced: report.outcomes.bounced,
                unsubscribed: report.outcomes.unsubscribed,
            },
            subjects: report.subjects.map(|(a, b)| Subjects { a: a.into(), b: b.into() }),
            span_seconds: report.span_seconds,
            pace: report.pace.into_iter().map(span).collect(),
        }
    }
}

/// What became of it so far: recipients by state, what came of the messages, and when they left.
#[utoipa::path(
    get,
    path = "/api/campaigns/{id}/report",
    operation_id = "campaign_report",
    tag = "campaigns",
    params(("id" = CampaignId, Path, description = "The campaign")),
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("campaigns:read"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    id: Path<CampaignId>,
) -> Result<HttpResponse, AppError> {
    let report = app.services.campaigns.report(allow.scope(), *id).await?;
    Ok(answer::ok(View::from(report.ok_or_else(AppError::not_found)?)))
}

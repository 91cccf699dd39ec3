//! `GET /api/campaigns/:id/preflight`: what sending it now would do.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_campaigns::campaigns::{LeftOut, Preflight, Sample, SkipReason};
use crm_campaigns::templates::Rendered;
use crm_core::{CampaignId, ContactId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::state::App;

#[derive(Serialize, ToSchema)]
#[schema(as = Preflight)]
struct View {
    matched: u64,
    recipients: u64,
    left_out: Vec<LeftOutView>,
    samples: Vec<SampleView>,
    /// Text messages all of them are, as providers count and charge; a long one is several.
    text_parts: Option<u64>,
    /// What they cost, where the price of one is known, in whatever the account is charged in.
    text_cost: Option<String>,
    seconds: Option<u64>,
    blockers: Vec<String>,
    warnings: Vec<String>,
    content_hash: String,
    provider_name: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PreflightLeftOut)]
struct LeftOutView {
    reason: SkipReason,
    count: u64,
    examples: Vec<ExampleView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PreflightExample)]
struct ExampleView {
    id: ContactId,
    name: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PreflightSample)]
struct SampleView {
    contact_id: ContactId,
    name: String,
    address: String,
    #[serde(flatten)]
    rendered: Rendered,
}

impl From<LeftOut> for LeftOutView {
    fn from(left: LeftOut) -> Self {
        let examples = left.examples.into_iter().map(|(id, name)| ExampleView { id, name });
        Self { reason: left.reason, count: left.count, examples: examples.collect() }
    }
}

impl From<Sample> for SampleView {
    fn from(sample: Sample) -> Self {
        Self {
            contact_id: sample.contact_id,
            name: sample.name,
            address: sample.address,
            rendered: sample.rendered,
        }
    }
}

impl From<Preflight> for View {
    fn from(found: Preflight) -> Self {
        Self {
            matched: found.matched,
            recipients: found.recipients,
            left_out: found.left_out.into_iter().map(LeftOutView::from).collect(),
            samples: found.samples.into_iter().map(SampleView::from).collect(),
            text_parts: found.text_parts,
            text_cost: found.text_cost,
            seconds: found.seconds,
            blockers: found.blockers,
            warnings: found.warnings,
            content_hash: found.content_hash,
            provider_name: found.provider_name,
        }
    }
}

/// What sending it now would do.
#[utoipa::path(
    get,
    path = "/api/campaigns/{id}/preflight",
    operation_id = "preflight_campaign",
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
    let found = app.services.campaigns.preflight(allow.scope(), *id).await?;
    Ok(answer::ok(View::from(found.ok_or_else(AppError::not_found)?)))
}

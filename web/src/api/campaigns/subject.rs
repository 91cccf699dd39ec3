//! `POST /api/campaigns/:id/subject`: one of two subjects for everybody who waits for the decision.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_campaigns::campaigns::Variant;
use crm_core::CampaignId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::View;
use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CampaignSubjectInput)]
pub(super) struct Body {
    subject: Variant,
}

/// Sends one of two subjects to everybody who waits for the decision, now.
#[utoipa::path(
    post,
    path = "/api/campaigns/{id}/subject",
    operation_id = "choose_campaign_subject",
    tag = "campaigns",
    params(("id" = CampaignId, Path, description = "The campaign")),
    request_body = Body,
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("campaigns:send"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::CampaignsSend>,
    app: Data<App>,
    id: Path<CampaignId>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let chosen = app.services.campaigns.choose_subject(allow.scope(), *id, body.subject).await?;
    (app.poke)();
    Ok(answer::ok(View::from(chosen.ok_or_else(AppError::not_found)?)))
}

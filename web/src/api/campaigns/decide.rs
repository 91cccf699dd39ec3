//! `POST /api/campaigns/:id/unknown`: what to do with messages of which nobody can tell whether they were taken.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_campaigns::campaigns::UnknownDecision;
use crm_core::{CampaignId, RecipientId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UnknownDecisionInput)]
pub(super) struct Body {
    decision: UnknownDecision,
    /// One recipient; all of the campaign where it is left out.
    #[serde(default)]
    recipient_id: Option<RecipientId>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = UnknownDecided)]
struct View {
    settled: u64,
}

/// Settles messages of which nobody can tell whether they were taken.
#[utoipa::path(
    post,
    path = "/api/campaigns/{id}/unknown",
    operation_id = "decide_unknown",
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
    let campaigns = &app.services.campaigns;
    let settled =
        campaigns.decide_unknown(allow.scope(), *id, body.recipient_id, body.decision).await?;
    (app.poke)();
    Ok(answer::ok(View { settled: settled.ok_or_else(AppError::not_found)? }))
}

//! `POST /api/campaigns/:id/unknown`: what to do with messages of which nobody can tell whether they were taken.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_campaigns::campaigns::UnknownDecision;
use crm_core::{CampaignId, RecipientId};
use serde::{Deserialize, Serialize};

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    decision: UnknownDecision,
    /// One recipient; all of the campaign where it is left out.
    #[serde(default)]
    recipient_id: Option<RecipientId>,
}

#[derive(Serialize)]
struct View {
    settled: u64,
}

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

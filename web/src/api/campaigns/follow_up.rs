//! `POST /api/campaigns/:id/follow-up`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_core::CampaignId;

use super::View;
use crate::api::{answer, etag};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::state::App;

/// Makes a draft for whoever got this campaign and has not answered.
///
/// It has the same template, provider, pace and window, and no time to start. Whoever answers before it is sent is not in
/// it. A campaign that was not started has nobody to follow up: 409 `invalid_state`.
#[utoipa::path(
    post,
    path = "/api/campaigns/{id}/follow-up",
    operation_id = "follow_up_campaign",
    tag = "campaigns",
    params(("id" = CampaignId, Path, description = "The campaign")),
    responses((status = 201, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("campaigns:write"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    id: Path<CampaignId>,
) -> Result<HttpResponse, AppError> {
    let made = app.services.campaigns.follow_up(allow.scope(), *id).await?;
    let made = made.ok_or_else(AppError::not_found)?;
    let version = made.version;
    Ok(etag::tagged(answer::created(View::from(made)), version))
}

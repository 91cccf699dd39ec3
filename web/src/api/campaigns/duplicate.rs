//! `POST /api/campaigns/:id/duplicate`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_core::CampaignId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::View;
use crate::api::{answer, etag};
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CampaignDuplicateInput)]
pub(super) struct Body {
    /// What it is called; left out, it is the name of the other with "copy" behind it.
    #[serde(default)]
    name: Option<String>,
}

/// Makes a draft of the same audience and content.
///
/// Pace and window are the same; the time it was to start is left out.
#[utoipa::path(
    post,
    path = "/api/campaigns/{id}/duplicate",
    operation_id = "duplicate_campaign",
    tag = "campaigns",
    params(("id" = CampaignId, Path, description = "The campaign")),
    request_body = Option<Body>,
    responses((status = 201, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("campaigns:write"))),
)]
pub(super) async fn handle(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    id: Path<CampaignId>,
    body: Option<Json<Body>>,
) -> Result<HttpResponse, AppError> {
    let name = body.map(Json::into_inner).unwrap_or_default().name;
    let made = app.services.campaigns.duplicate(allow.scope(), *id, name).await?;
    let made = made.ok_or_else(AppError::not_found)?;
    let version = made.version;
    Ok(etag::tagged(answer::created(View::from(made)), version))
}

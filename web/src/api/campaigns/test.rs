//! `POST /api/campaigns/:id/test {to}`: one message of it to any address.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_core::CampaignId;
use crm_providers::Outcome;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CampaignTestInput)]
pub(super) struct Body {
    to: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CampaignTest)]
struct View {
    accepted: bool,
    message: String,
}

/// Sends one message of it to any address.
#[utoipa::path(
    post,
    path = "/api/campaigns/{id}/test",
    operation_id = "test_campaign",
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
    let outcome = app.services.campaigns.test(allow.scope(), *id, &body.to).await?;
    let view = match outcome.ok_or_else(AppError::not_found)? {
        Outcome::Accepted { provider_id } => {
            View { accepted: true, message: provider_id.unwrap_or_default() }
        }
        Outcome::Transient { message, .. }
        | Outcome::Permanent { message, .. }
        | Outcome::Blocked { message, .. }
        | Outcome::Unknown { message } => View { accepted: false, message },
    };
    Ok(answer::ok(view))
}

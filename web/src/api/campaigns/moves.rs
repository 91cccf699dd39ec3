//! `POST /api/campaigns/:id/submit`, `/approve`, `/reject`, `/withdraw`, `/schedule`, `/send`, `/pause`, `/resume`,
//! `/cancel`: the moves of a campaign.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_campaigns::Campaign;
use crm_core::CampaignId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::View;
use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

fn moved(campaign: Option<Campaign>) -> Result<HttpResponse, AppError> {
    Ok(answer::ok(View::from(campaign.ok_or_else(AppError::not_found)?)))
}

/// A move that takes nothing but the campaign, and may leave work for the background.
macro_rules! moves {
    ($($(#[$doc:meta])* $name:ident: $right:ident, $permission:literal;)+) => {$(
        $(#[$doc])*
        #[utoipa::path(
            post,
            path = concat!("/api/campaigns/{id}/", stringify!($name)),
            operation_id = concat!(stringify!($name), "_campaign"),
            tag = "campaigns",
            params(("id" = CampaignId, Path, description = "The campaign")),
            responses((status = 200, body = answer::One<View>)),
            extensions(("x-permission" = json!($permission))),
        )]
        pub(super) async fn $name(
            allow: Allow<rights::$right>,
            app: Data<App>,
            id: Path<CampaignId>,
        ) -> Result<HttpResponse, AppError> {
            let campaign = app.services.campaigns.$name(allow.scope(), *id).await?;
            (app.poke)();
            moved(campaign)
        }
    )+};
}

moves! {
    /// Asks for approval of it.
    submit: CampaignsWrite, "campaigns:write";
    /// Makes it a draft again.
    withdraw: CampaignsWrite, "campaigns:write";
    /// Lets it be sent at its time.
    schedule: CampaignsSend, "campaigns:send";
    /// Sends it now.
    send: CampaignsSend, "campaigns:send";
    /// Stops sending it for now.
    pause: CampaignsSend, "campaigns:send";
    /// Goes on with sending it.
    resume: CampaignsSend, "campaigns:send";
    /// Stops sending it for good.
    cancel: CampaignsSend, "campaigns:send";
}

#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApproveInput)]
pub(super) struct Approve {
    #[serde(default)]
    notes: Option<String>,
    #[serde(default)]
    content_hash: Option<String>,
}

/// Approves it.
#[utoipa::path(
    post,
    path = "/api/campaigns/{id}/approve",
    operation_id = "approve_campaign",
    tag = "campaigns",
    params(("id" = CampaignId, Path, description = "The campaign")),
    request_body = Option<Approve>,
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("campaigns:approve"))),
)]
pub(super) async fn approve(
    allow: Allow<rights::CampaignsApprove>,
    app: Data<App>,
    id: Path<CampaignId>,
    body: Option<Json<Approve>>,
) -> Result<HttpResponse, AppError> {
    let body = body.map(Json::into_inner).unwrap_or_default();
    moved(app.services.campaigns.approve(allow.scope(), *id, body.notes, body.content_hash).await?)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RejectInput)]
pub(super) struct Reject {
    notes: String,
}

/// Sends it back with notes.
#[utoipa::path(
    post,
    path = "/api/campaigns/{id}/reject",
    operation_id = "reject_campaign",
    tag = "campaigns",
    params(("id" = CampaignId, Path, description = "The campaign")),
    request_body = Reject,
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("campaigns:approve"))),
)]
pub(super) async fn reject(
    allow: Allow<rights::CampaignsApprove>,
    app: Data<App>,
    id: Path<CampaignId>,
    body: Json<Reject>,
) -> Result<HttpResponse, AppError> {
    moved(app.services.campaigns.reject(allow.scope(), *id, body.into_inner().notes).await?)
}

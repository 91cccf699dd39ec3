//! `POST /api/campaigns/:id/submit`, `/approve`, `/reject`, `/withdraw`, `/schedule`, `/send`, `/pause`, `/resume`,
//! `/cancel`: the moves of a campaign.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_campaigns::Campaign;
use crm_core::CampaignId;
use serde::Deserialize;

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
    ($($(#[$doc:meta])* $name:ident: $right:ident),+ $(,)?) => {$(
        $(#[$doc])*
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
    /// Asks for approval.
    submit: CampaignsWrite,
    /// Back to draft.
    withdraw: CampaignsWrite,
    /// At its time.
    schedule: CampaignsSend,
    /// Now.
    send: CampaignsSend,
    /// Stops for now.
    pause: CampaignsSend,
    /// Goes on.
    resume: CampaignsSend,
    /// Stops for good.
    cancel: CampaignsSend,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Approve {
    #[serde(default)]
    notes: Option<String>,
    #[serde(default)]
    content_hash: Option<String>,
}

pub(super) async fn approve(
    allow: Allow<rights::CampaignsApprove>,
    app: Data<App>,
    id: Path<CampaignId>,
    body: Option<Json<Approve>>,
) -> Result<HttpResponse, AppError> {
    let body = body.map(Json::into_inner).unwrap_or_default();
    moved(app.services.campaigns.approve(allow.scope(), *id, body.notes, body.content_hash).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reject {
    notes: String,
}

pub(super) async fn reject(
    allow: Allow<rights::CampaignsApprove>,
    app: Data<App>,
    id: Path<CampaignId>,
    body: Json<Reject>,
) -> Result<HttpResponse, AppError> {
    moved(app.services.campaigns.reject(allow.scope(), *id, body.into_inner().notes).await?)
}

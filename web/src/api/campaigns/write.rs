//! `GET, POST /api/campaigns`, `GET, PUT, DELETE /api/campaigns/:id`

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::campaigns::{NewCampaign, Schedule, Status, SubjectTest};
use crm_campaigns::templates::Channel;
use crm_contacts::segments::SegmentNode;
use crm_core::{CampaignId, ProviderId, TemplateId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::View;
use crate::api::{answer, etag, segments};
use crate::error::AppError;
use crate::extract::{Allow, Json, PageQuery, Query, rights};
use crate::state::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CampaignInput)]
pub(super) struct Body {
    name: String,
    #[serde(rename = "type", default)]
    channel: Channel,
    #[serde(default)]
    template_id: Option<TemplateId>,
    #[schema(value_type = SegmentNode)]
    segment_json: serde_json::Value,
    #[serde(default, deserialize_with = "crm_core::json::optional_object")]
    schedule_json: Option<Schedule>,
    #[serde(default, deserialize_with = "crm_core::json::optional_object")]
    subject_test: Option<SubjectTest>,
    #[serde(default)]
    provider_id: Option<ProviderId>,
}

impl Body {
    fn campaign(self) -> Result<NewCampaign, AppError> {
        Ok(NewCampaign {
            segment: segments::from_value(&self.segment_json)?,
            name: self.name,
            channel: self.channel,
            template_id: self.template_id,
            schedule: self.schedule_json.unwrap_or_default(),
            subject_test: self.subject_test,
            provider_id: self.provider_id,
        })
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Params {
    status: Option<Status>,
    limit: Option<u64>,
    cursor: Option<String>,
}

/// Campaigns.
#[utoipa::path(
    get,
    path = "/api/campaigns",
    operation_id = "list_campaigns",
    tag = "campaigns",
    params(Params),
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("campaigns:read"))),
)]
pub(super) async fn list(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let params = params.into_inner();
    let page = PageQuery { limit: params.limit, cursor: params.cursor }.request()?;
    let found = app.services.campaigns.list(allow.scope(), params.status, page).await?;
    Ok(answer::page(found, View::from))
}

/// Makes a campaign as a draft.
#[utoipa::path(
    post,
    path = "/api/campaigns",
    operation_id = "create_campaign",
    tag = "campaigns",
    request_body = Body,
    responses((status = 201, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("campaigns:write"))),
)]
pub(super) async fn create(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let made = app.services.campaigns.create(allow.scope(), body.into_inner().campaign()?).await?;
    let version = made.version;
    Ok(etag::tagged(answer::created(View::from(made)), version))
}

/// One campaign.
#[utoipa::path(
    get,
    path = "/api/campaigns/{id}",
    operation_id = "get_campaign",
    tag = "campaigns",
    params(("id" = CampaignId, Path, description = "The campaign")),
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("campaigns:read"))),
)]
pub(super) async fn get(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    id: Path<CampaignId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.campaigns.get(allow.scope(), *id).await?;
    let campaign = found.ok_or_else(AppError::not_found)?;
    let version = campaign.version;
    Ok(etag::tagged(answer::ok(View::from(campaign)), version))
}

/// Changes a campaign; an approval is lost by it.
#[utoipa::path(
    put,
    path = "/api/campaigns/{id}",
    operation_id = "update_campaign",
    tag = "campaigns",
    params(("id" = CampaignId, Path, description = "The campaign"), etag::IfMatch),
    request_body = Body,
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("campaigns:write"))),
)]
pub(super) async fn update(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<CampaignId>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let seen = etag::if_match(&req)?;
    let change = body.into_inner().campaign()?;
    let changed = app.services.campaigns.update(allow.scope(), *id, seen, change).await?;
    let campaign = changed.ok_or_else(AppError::not_found)?;
    let version = campaign.version;
    Ok(etag::tagged(answer::ok(View::from(campaign)), version))
}

/// Deletes a campaign.
#[utoipa::path(
    delete,
    path = "/api/campaigns/{id}",
    operation_id = "delete_campaign",
    tag = "campaigns",
    params(("id" = CampaignId, Path, description = "The campaign")),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("campaigns:write"))),
)]
pub(super) async fn delete(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    id: Path<CampaignId>,
) -> Result<HttpResponse, AppError> {
    let there = app.services.campaigns.delete(allow.scope(), *id).await?;
    if there { Ok(answer::done()) } else { Err(AppError::not_found()) }
}

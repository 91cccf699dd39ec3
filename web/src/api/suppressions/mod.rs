//! `/api/suppressions`: addresses that must not be written to.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, ServiceConfig};
use crm_campaigns::suppressions::{Entry, Filter, NewEntry, Reason};
use crm_campaigns::templates::Channel;
use crm_core::{SuppressionId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, PageQuery, Query, rights};
use crate::state::App;

mod export;
pub mod import;

/// `/api/suppressions…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/suppressions").route(web::get().to(list)).route(web::post().to(create)),
        )
        .route("/suppressions/import", web::post().to(import::handle))
        .route("/suppressions/export.csv", web::get().to(export::handle))
        .service(
            web::resource("/suppressions/{id}")
                .route(web::get().to(get))
                .route(web::delete().to(delete)),
        );
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(list, create, get, delete, import::handle, export::handle))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
#[schema(as = Suppression)]
struct View {
    id: SuppressionId,
    channel: Channel,
    /// `null` where the person was erased and nothing but a fingerprint of the address is kept.
    address: Option<String>,
    /// Whether the person was erased.
    is_erased: bool,
    reason: Reason,
    created_at: Timestamp,
}

impl From<Entry> for View {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            channel: entry.channel,
            is_erased: entry.address.is_none(),
            address: entry.address,
            reason: entry.reason,
            created_at: entry.since,
        }
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Params {
    /// Part of an address; a whole address also finds an erased person's.
    #[serde(default)]
    q: String,
    channel: Option<Channel>,
    reason: Option<Reason>,
    limit: Option<u64>,
    cursor: Option<String>,
    // Names the workspace of the call; the middleware has read it.
    #[serde(rename = "workspace_id")]
    #[param(ignore)]
    _workspace_id: Option<String>,
}

/// Addresses that must not be written to, newest first.
#[utoipa::path(
    get,
    path = "/api/suppressions",
    operation_id = "list_suppressions",
    tag = "suppressions",
    params(Params),
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("campaigns:read"))),
)]
async fn list(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let params = params.into_inner();
    let page = PageQuery { limit: params.limit, cursor: params.cursor }.request()?;
    let filter = Filter { q: params.q, channel: params.channel, reason: params.reason, page };
    Ok(answer::page(app.services.suppressions.list(allow.scope(), filter).await?, View::from))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSuppression)]
struct Body {
    channel: Channel,
    /// An e-mail address, or a phone number.
    address: String,
    /// Why; `manual` where it is left out.
    #[serde(default)]
    reason: Option<Reason>,
}

/// Puts an address on the list.
#[utoipa::path(
    post,
    path = "/api/suppressions",
    operation_id = "create_suppression",
    tag = "suppressions",
    request_body = Body,
    responses((status = 201, body = answer::One<View>)),
    extensions(("x-permission" = json!("campaigns:write"))),
)]
async fn create(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let body = body.into_inner();
    let new = NewEntry {
        channel: body.channel,
        address: body.address,
        reason: body.reason.unwrap_or(Reason::Manual),
    };
    Ok(answer::created(View::from(app.services.suppressions.add(allow.scope(), new).await?)))
}

/// One suppressed address.
#[utoipa::path(
    get,
    path = "/api/suppressions/{id}",
    operation_id = "get_suppression",
    tag = "suppressions",
    params(("id" = SuppressionId, Path, description = "The suppression")),
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("campaigns:read"))),
)]
async fn get(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    id: Path<SuppressionId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.suppressions.get(allow.scope(), *id).await?;
    Ok(answer::ok(View::from(found.ok_or_else(AppError::not_found)?)))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Removal {
    /// Why the address may be written to again. Required where the person unsubscribed, complained or was erased.
    #[serde(default)]
    because: String,
    // Names the workspace of the call; the middleware has read it.
    #[serde(rename = "workspace_id")]
    #[param(ignore)]
    _workspace_id: Option<String>,
}

/// Takes an address off the list.
#[utoipa::path(
    delete,
    path = "/api/suppressions/{id}",
    operation_id = "delete_suppression",
    tag = "suppressions",
    params(("id" = SuppressionId, Path, description = "The suppression"), Removal),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("campaigns:write"))),
)]
async fn delete(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    id: Path<SuppressionId>,
    params: Query<Removal>,
) -> Result<HttpResponse, AppError> {
    let there = app.services.suppressions.remove(allow.scope(), *id, &params.because).await?;
    if there { Ok(answer::done()) } else { Err(AppError::not_found()) }
}

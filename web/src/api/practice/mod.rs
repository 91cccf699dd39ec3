//! `/api/practice`: what the practice provider took.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, ServiceConfig};
use crm_core::{CampaignId, ContactId, PracticeMessageId, Timestamp};
use crm_providers::practice::PracticeMessage;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::answer;
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, Query, rights};
use crate::state::App;

/// `/api/practice…`
pub fn routes(config: &mut ServiceConfig) {
    config.route("/practice", web::get().to(list)).route("/practice/{id}", web::get().to(get));
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(list, get))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
#[schema(as = PracticeMessageBrief)]
struct Brief {
    id: PracticeMessageId,
    channel: String,
    to: String,
    subject: String,
    sent_at: Timestamp,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PracticeMessage)]
struct Full {
    #[serde(flatten)]
    brief: Brief,
    from: String,
    html: String,
    text: String,
    headers: Vec<(String, String)>,
    campaign_id: Option<CampaignId>,
    contact_id: Option<ContactId>,
}

fn brief(message: PracticeMessage) -> Brief {
    Brief {
        id: message.id,
        channel: message.channel,
        to: message.to,
        subject: message.subject,
        sent_at: message.sent_at,
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Params {
    #[serde(default)]
    q: String,
    limit: Option<u64>,
    cursor: Option<String>,
}

/// What the practice provider took.
#[utoipa::path(
    get,
    path = "/api/practice",
    operation_id = "list_practice_messages",
    tag = "practice",
    params(Params),
    responses((status = 200, body = answer::Many<Brief>)),
    extensions(("x-permission" = json!("campaigns:read"))),
)]
async fn list(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let params = params.into_inner();
    let page = PageQuery { limit: params.limit, cursor: params.cursor }.request()?;
    let found = app.services.practice.list(allow.scope(), &params.q, page).await?;
    Ok(answer::page(found, brief))
}

/// One message, whole.
#[utoipa::path(
    get,
    path = "/api/practice/{id}",
    operation_id = "get_practice_message",
    tag = "practice",
    params(("id" = PracticeMessageId, Path, description = "The message")),
    responses((status = 200, body = answer::One<Full>)),
    extensions(("x-permission" = json!("campaigns:read"))),
)]
async fn get(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    id: Path<PracticeMessageId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.practice.get(allow.scope(), *id).await?;
    let message = found.ok_or_else(AppError::not_found)?;
    Ok(answer::ok(Full {
        from: message.from.clone(),
        html: message.html.clone(),
        text: message.text.clone(),
        headers: message.headers.clone(),
        campaign_id: message.campaign_id,
        contact_id: message.contact_id,
        brief: brief(message),
    }))
}

//! `/api/practice`: what the practice provider took.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, ServiceConfig};
use crm_core::{CampaignId, ContactId, PracticeMessageId, Timestamp};
use crm_providers::practice::PracticeMessage;
use serde::{Deserialize, Serialize};

use super::answer;
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, Query, rights};
use crate::state::App;

/// `/api/practice…`
pub fn routes(config: &mut ServiceConfig) {
    config.route("/practice", web::get().to(list)).route("/practice/{id}", web::get().to(get));
}

#[derive(Serialize)]
struct Brief {
    id: PracticeMessageId,
    channel: String,
    to: String,
    subject: String,
    sent_at: Timestamp,
}

#[derive(Serialize)]
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

#[derive(Deserialize)]
struct Params {
    #[serde(default)]
    q: String,
    limit: Option<u64>,
    cursor: Option<String>,
}

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

//! `/practice`: the messages that would have left, as their recipients would see them.

use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Data, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::{Cursor, Page, PracticeMessageId, Scope};
use crm_providers::practice::PracticeMessage;
use serde::Deserialize;

use super::frame;
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, rights};
use crate::middleware::headers::MESSAGE_POLICY;
use crate::state::App;
use crate::views::Section;
use crate::views::common::{Fact, Link, Pager};
use crate::views::practice::{PracticeMessage as MessageView, PracticePage, PracticeRow};

/// Characters of a text message that stand for it in the list.
const BEGINNING: usize = 80;

/// `/practice…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/practice", web::get().to(list))
        .route("/practice/{id}", web::get().to(show))
        .route("/practice/{id}/html", web::get().to(html));
}

#[derive(Deserialize, Default)]
struct Params {
    cursor: Option<String>,
    #[serde(default)]
    part: String,
}

async fn list(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    req: HttpRequest,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    answer(&app, &req, &allow, &params, None).await
}

async fn show(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<PracticeMessageId>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let open = find(&app, allow.scope(), *id).await?;
    answer(&app, &req, &allow, &params, Some(open)).await
}

async fn find(
    app: &App,
    scope: &Scope,
    id: PracticeMessageId,
) -> Result<PracticeMessage, AppError> {
    app.services.practice.get(scope, id).await?.ok_or_else(AppError::not_found)
}

/// The list; the newest message is open where none was asked for.
async fn answer(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::CampaignsRead>,
    params: &Params,
    open: Option<PracticeMessage>,
) -> Result<HttpResponse, AppError> {
    let request = PageQuery { limit: Some(20), cursor: params.cursor.clone() }.request()?;
    let found = app.services.practice.list(allow.scope(), "", request).await?;
    let open = open.or_else(|| found.items.first().cloned());
    let mut rows = Vec::with_capacity(found.items.len());
    let ids: Vec<_> = found.items.iter().filter_map(|message| message.contact_id).collect();
    let contacts = app.services.contacts.get_many(allow.scope(), &ids).await?;
    for message in &found.items {
        let contact = contacts.iter().find(|contact| message.contact_id == Some(contact.id));
        let cursor = params.cursor.as_deref().map(|c| format!("?cursor={c}")).unwrap_or_default();
        rows.push(PracticeRow {
            id: message.id.to_string(),
            name: contact.map_or_else(|| message.to.clone(), crm_contacts::Contact::display_name),
            to: message.to.clone(),
            subject: match message.channel.as_str() {
                "text" => message.text.chars().take(BEGINNING).collect(),
                _ => message.subject.clone(),
            },
            sent_at: message.sent_at.to_string(),
            url: format!("/practice/{}{cursor}", message.id),
            current: open.as_ref().is_some_and(|open| open.id == message.id),
        });
    }
    let message = match open {
        Some(open) => Some(opened(app, allow.scope(), open, &params.part).await?),
        None => None,
    };
    let view = PracticePage {
        shell: frame::shell(app, req, allow, Section::Practice, "Practice outbox").await?,
        rows,
        pager: pager(&found),
        message,
    };
    frame::ok(app, req, &view)
}

fn pager(page: &Page<PracticeMessage>) -> Pager {
    let url = |cursor: &Cursor| format!("/practice?cursor={}", cursor.encode());
    Pager {
        shown: u64::try_from(page.items.len()).unwrap_or_default(),
        total: page.total,
        total_exact: page.total_exact,
        first_url: page.previous.as_ref().map(|_| "/practice".to_owned()),
        prev_url: page.previous.as_ref().map(url),
        next_url: page.next.as_ref().map(url),
    }
}

async fn opened(
    app: &App,
    scope: &Scope,
    message: PracticeMessage,
    part: &str,
) -> Result<MessageView, AppError> {
    let contact = match message.contact_id {
        Some(id) => app.services.contacts.get(scope, id).await?,
        None => None,
    };
    let campaign = match message.campaign_id {
        Some(id) => app.services.campaigns.get(scope, id).await?,
        None => None,
    };
    let bytes = message.html.len() + message.text.len() + message.subject.len();
    Ok(MessageView {
        id: message.id.to_string(),
        part: if ["text", "headers"].contains(&part) { part } else { "html" }.to_owned(),
        html_url: (!message.html.is_empty()).then(|| format!("/practice/{}/html", message.id)),
        contact: contact.map(|c| Link::new(c.display_name(), format!("/contacts/{}", c.id))),
        campaign: campaign.map(|c| Link::new(c.name, format!("/campaigns/{}", c.id))),
        channel: message.channel,
        from: message.from,
        to: message.to,
        subject: message.subject,
        sent_at: message.sent_at.to_string(),
        text: message.text,
        headers: message.headers.into_iter().map(|(name, value)| Fact::new(name, value)).collect(),
        bytes: u64::try_from(bytes).unwrap_or_default(),
    })
}

/// The HTML of a message by itself, for a sandboxed frame.
async fn html(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<PracticeMessageId>,
) -> Result<HttpResponse, AppError> {
    let message = find(&app, allow.scope(), *id).await?;
    let mut answer = frame::html_answer(&app, &req, StatusCode::OK, message.html);
    answer
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, header::HeaderValue::from_static(MESSAGE_POLICY));
    Ok(answer)
}

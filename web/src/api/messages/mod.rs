//! `/api/contacts/{id}/messages`, `/api/messages`: messages to one contact.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path, ServiceConfig};
use crm_campaigns::campaigns::UnknownDecision;
use crm_campaigns::messages::{Message, MessageState, NewMessage};
use crm_campaigns::templates::Channel;
use crm_core::{ContactId, RecipientId, TemplateId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

/// `/api/contacts/{id}/messages`, `/api/messages/{id}…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/contacts/{id}/messages", web::post().to(create))
        .route("/messages/{id}/decide", web::post().to(decide))
        .service(
            web::resource("/messages/{id}").route(web::get().to(get)).route(web::delete().to(undo)),
        );
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(create, get, undo, decide))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
#[schema(as = Message)]
struct View {
    id: RecipientId,
    contact_id: Option<ContactId>,
    channel: Channel,
    to: Option<String>,
    subject: String,
    /// As written; empty where a template is sent as it is.
    body: String,
    state: MessageState,
    /// Until when it can surely be taken back.
    held_until: Option<Timestamp>,
    next_attempt_at: Option<Timestamp>,
    /// What went wrong, or why it was stopped or left out.
    error: Option<String>,
    created_by: Option<UserId>,
    created_at: Timestamp,
    sent_at: Option<Timestamp>,
}

impl From<Message> for View {
    fn from(message: Message) -> Self {
        Self {
            id: message.id,
            contact_id: message.contact_id,
            channel: message.channel,
            to: message.to,
            subject: message.subject,
            body: message.body,
            state: message.state,
            held_until: message.held_until,
            next_attempt_at: message.next_attempt_at,
            error: message.problem,
            created_by: message.created_by,
            created_at: message.created_at,
            sent_at: message.sent_at,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMessage)]
struct Letter {
    channel: Channel,
    /// May hold placeholders; left out, it is the template's.
    #[serde(default)]
    subject: String,
    /// Text with placeholders such as `{{ contact.first_name }}`; left out, the template is sent as it is.
    #[serde(default)]
    body: String,
    #[serde(default)]
    template_id: Option<TemplateId>,
    /// Send it although the person unsubscribed from campaigns.
    #[serde(default)]
    despite_unsubscribed: bool,
    /// Send a text message although they have their quiet hours.
    #[serde(default)]
    despite_quiet_hours: bool,
}

/// Writes a message to a contact. It is held for ten seconds, in which `DELETE /api/messages/{id}` takes it back.
#[utoipa::path(
    post,
    path = "/api/contacts/{id}/messages",
    operation_id = "create_message",
    tag = "messages",
    params(("id" = ContactId, Path, description = "The contact")),
    request_body = Letter,
    responses((status = 202, body = answer::One<View>)),
    extensions(("x-permission" = json!("campaigns:send"))),
)]
async fn create(
    allow: Allow<rights::CampaignsSend>,
    app: Data<App>,
    id: Path<ContactId>,
    letter: Json<Letter>,
) -> Result<HttpResponse, AppError> {
    let letter = letter.into_inner();
    let new = NewMessage {
        channel: letter.channel,
        subject: letter.subject,
        body: letter.body,
        template_id: letter.template_id,
        despite_unsubscribed: letter.despite_unsubscribed,
        despite_quiet_hours: letter.despite_quiet_hours,
    };
    let sent = app.services.messages.send(allow.scope(), *id, new).await?;
    (app.poke)();
    let message = sent.ok_or_else(AppError::not_found)?;
    Ok(answer::with(StatusCode::ACCEPTED, View::from(message)))
}

/// One message and where it stands.
#[utoipa::path(
    get,
    path = "/api/messages/{id}",
    operation_id = "get_message",
    tag = "messages",
    params(("id" = RecipientId, Path, description = "The message")),
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("campaigns:read"))),
)]
async fn get(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    id: Path<RecipientId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.messages.get(allow.scope(), *id).await?;
    Ok(answer::ok(View::from(found.ok_or_else(AppError::not_found)?)))
}

/// Takes back a message that has not left.
#[utoipa::path(
    delete,
    path = "/api/messages/{id}",
    operation_id = "undo_message",
    tag = "messages",
    params(("id" = RecipientId, Path, description = "The message")),
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("campaigns:send"))),
)]
async fn undo(
    allow: Allow<rights::CampaignsSend>,
    app: Data<App>,
    id: Path<RecipientId>,
) -> Result<HttpResponse, AppError> {
    let undone = app.services.messages.undo(allow.scope(), *id).await?;
    (app.poke)();
    Ok(answer::ok(View::from(undone.ok_or_else(AppError::not_found)?)))
}

/// What a person says about a message that waits for them.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MessageDecision)]
pub enum Decision {
    /// Lets a stopped one go.
    Release,
    /// Sends one in doubt again, at the risk of a double.
    SendAgain,
    /// Takes one in doubt as sent.
    MarkSent,
}

/// Does what a person said about a message.
///
/// # Errors
/// 404 where there is none, 409 where it does not wait for that.
pub async fn settle(
    app: &App,
    scope: &crm_core::Scope,
    id: RecipientId,
    decision: Decision,
) -> Result<Message, AppError> {
    let messages = &app.services.messages;
    let settled = match decision {
        Decision::Release => messages.release(scope, id).await?,
        Decision::SendAgain => messages.decide(scope, id, UnknownDecision::SendAgain).await?,
        Decision::MarkSent => messages.decide(scope, id, UnknownDecision::MarkSent).await?,
    };
    (app.poke)();
    settled.ok_or_else(AppError::not_found)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessageDecisionInput)]
struct Decided {
    decision: Decision,
}

/// Settles a message that was stopped, or of which nobody can tell whether it was taken.
#[utoipa::path(
    post,
    path = "/api/messages/{id}/decide",
    operation_id = "decide_message",
    tag = "messages",
    params(("id" = RecipientId, Path, description = "The message")),
    request_body = Decided,
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("campaigns:send"))),
)]
async fn decide(
    allow: Allow<rights::CampaignsSend>,
    app: Data<App>,
    id: Path<RecipientId>,
    body: Json<Decided>,
) -> Result<HttpResponse, AppError> {
    Ok(answer::ok(View::from(settle(&app, allow.scope(), *id, body.decision).await?)))
}

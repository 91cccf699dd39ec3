//! `/api/incoming-mail`: the mailbox the workspace reads, a look into it, and whether anybody can reach this machine.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::mailbox::{Found, Look, Mailbox, MailboxState, NewMailbox};
use crm_core::{IncomingMailboxId, ProviderId, Timestamp};
use crm_providers::imap::ImapPlace;
use crm_providers::providers::{Security, TestStep};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::{answer, etag};
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

/// What stands where a password would.
const HIDDEN: &str = "••••";

/// `/api/incoming-mail…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/incoming-mail")
                .route(web::get().to(get))
                .route(web::put().to(save))
                .route(web::delete().to(remove)),
        )
        .route("/incoming-mail/check", web::post().to(check))
        .route("/incoming-mail/closed", web::post().to(switch));
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(get, save, remove, check, switch))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
#[schema(as = IncomingMail)]
struct View {
    /// Whether the workspace says that nobody can reach this machine from outside: nothing it sends leads here then.
    closed: bool,
    /// The mailbox that is read, where there is one.
    mailbox: Option<MailboxView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = IncomingMailbox)]
struct MailboxView {
    id: IncomingMailboxId,
    /// Mail to this address ends up in it.
    address: String,
    host: String,
    port: u16,
    security: Security,
    username: String,
    /// Dots: it is never shown.
    password: &'static str,
    /// The connected account it is read as, in place of a password.
    provider_id: Option<ProviderId>,
    folder: String,
    is_enabled: bool,
    state: MailboxState,
    last_checked_at: Option<Timestamp>,
    last_success_at: Option<Timestamp>,
    /// What was wrong the last time, in the server's words.
    last_error: Option<String>,
}

impl From<Mailbox> for MailboxView {
    fn from(mailbox: Mailbox) -> Self {
        Self {
            id: mailbox.id,
            address: mailbox.address,
            host: mailbox.place.host,
            port: mailbox.place.port,
            security: mailbox.place.security,
            username: mailbox.place.username,
            password: HIDDEN,
            provider_id: mailbox.provider_id,
            folder: mailbox.place.folder,
            is_enabled: mailbox.is_enabled,
            state: mailbox.state,
            last_checked_at: mailbox.last_checked_at,
            last_success_at: mailbox.last_success_at,
            last_error: mailbox.last_error,
        }
    }
}

/// A mailbox in a request.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IncomingMailboxInput)]
struct Body {
    /// Mail to this address ends up in it.
    address: String,
    /// The connected account it is read as: a Gmail or Outlook provider with `may_read`. Server, user name and password are
    /// its own then.
    #[serde(default)]
    provider_id: Option<ProviderId>,
    /// Host name or address of the IMAP server.
    #[serde(default)]
    host: String,
    /// 993 unless said.
    #[serde(default)]
    port: Option<u16>,
    /// `tls` unless said.
    #[serde(default)]
    security: Option<Security>,
    #[serde(default)]
    username: String,
    /// The password; left out, the stored one stays.
    #[serde(default)]
    password: Option<String>,
    /// The folder to read; `INBOX` unless said.
    #[serde(default)]
    folder: Option<String>,
    /// Whether it is read; it is unless said.
    #[serde(default)]
    is_enabled: Option<bool>,
}

impl From<Body> for NewMailbox {
    fn from(body: Body) -> Self {
        Self {
            address: body.address,
            place: ImapPlace {
                host: body.host,
                port: body.port.unwrap_or(993),
                security: body.security.unwrap_or(Security::Tls),
                username: body.username,
                folder: body.folder.unwrap_or_else(|| "INBOX".to_owned()),
            },
            password: body
                .password
                .filter(|text| !text.is_empty() && text != HIDDEN)
                .map(SecretString::from),
            provider_id: body.provider_id,
            is_enabled: body.is_enabled.unwrap_or(true),
        }
    }
}

/// The mailbox the workspace reads.
#[utoipa::path(
    get,
    path = "/api/incoming-mail",
    operation_id = "get_incoming_mail",
    tag = "incoming mail",
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("providers:read"))),
)]
async fn get(
    allow: Allow<rights::ProvidersRead>,
    app: Data<App>,
) -> Result<HttpResponse, AppError> {
    let (scope, incoming) = (allow.scope(), &app.services.incoming);
    let mailbox = incoming.get(scope).await?;
    let version = mailbox.as_ref().map_or(0, |mailbox| mailbox.version);
    let closed = incoming.is_closed(scope).await?;
    let view = View { closed, mailbox: mailbox.map(MailboxView::from) };
    Ok(etag::tagged(answer::ok(view), version))
}

/// Sets the mailbox up or changes it. A password is never shown again, and goes with the server it was given for.
#[utoipa::path(
    put,
    path = "/api/incoming-mail",
    operation_id = "update_incoming_mail",
    tag = "incoming mail",
    params(etag::IfMatch),
    request_body = Body,
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("providers:write"))),
)]
async fn save(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let (scope, incoming) = (allow.scope(), &app.services.incoming);
    let seen = etag::if_match(&req)?;
    let saved = incoming.save(scope, body.into_inner().into(), seen).await?;
    let version = saved.version;
    let closed = incoming.is_closed(scope).await?;
    Ok(etag::tagged(answer::ok(View { closed, mailbox: Some(saved.into()) }), version))
}

/// Forgets the mailbox. What was read stays.
#[utoipa::path(
    delete,
    path = "/api/incoming-mail",
    operation_id = "delete_incoming_mail",
    tag = "incoming mail",
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("providers:write"))),
)]
async fn remove(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
) -> Result<HttpResponse, AppError> {
    app.services.incoming.remove(allow.scope()).await?;
    Ok(answer::done())
}

#[derive(Serialize, ToSchema)]
#[schema(as = IncomingMailLook)]
struct LookView {
    /// How far it came; it ends with what failed.
    steps: Vec<StepView>,
    /// New messages.
    messages: u32,
    /// Reports about messages of the workspace among them.
    reports: u32,
    complaints: u32,
    answers: u32,
    unsubscribed: u32,
}

#[derive(Serialize, ToSchema)]
#[schema(as = IncomingMailStep)]
struct StepView {
    /// `connect`, `greeting` or `tls`, `sign_in`, `open`, `read`
    step: &'static str,
    ok: bool,
    /// What happened, with the server's words.
    message: String,
    millis: u64,
}

impl From<TestStep> for StepView {
    fn from(step: TestStep) -> Self {
        Self { step: step.step, ok: step.ok, message: step.message, millis: step.millis }
    }
}

impl From<Look> for LookView {
    fn from(look: Look) -> Self {
        let Found { messages, reports, complaints, answers, unsubscribed } = look.found;
        let steps = look.steps.into_iter().map(StepView::from).collect();
        Self { steps, messages, reports, complaints, answers, unsubscribed }
    }
}

/// Reads the mailbox now. What goes wrong with it is in the steps.
#[utoipa::path(
    post,
    path = "/api/incoming-mail/check",
    operation_id = "check_incoming_mail",
    tag = "incoming mail",
    responses((status = 200, body = answer::One<LookView>)),
    extensions(("x-permission" = json!("providers:write"))),
)]
async fn check(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
) -> Result<HttpResponse, AppError> {
    let look = app.services.incoming.check(allow.scope()).await?;
    Ok(answer::ok(LookView::from(look)))
}

/// Whether anybody can reach this machine.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IncomingMailClosed)]
struct Switch {
    /// Whether nobody can.
    closed: bool,
}

/// Says that nobody can reach this machine from outside, or no longer. Then opens and clicks are not tracked, and people
/// unsubscribe by mail.
#[utoipa::path(
    post,
    path = "/api/incoming-mail/closed",
    operation_id = "close_incoming_mail",
    tag = "incoming mail",
    request_body = Switch,
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("providers:write"))),
)]
async fn switch(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    body: Json<Switch>,
) -> Result<HttpResponse, AppError> {
    app.services.incoming.set_closed(allow.scope(), body.closed).await?;
    Ok(answer::done())
}

//! `/hooks/twilio/{id}`, `/hooks/mailgun/{id}`: what providers tell by themselves. Nobody is signed in here; every request is
//! signed. Twilio signs the address it was given as well, which is that of `PUBLIC_URL`, whatever a request calls this server.

use actix_web::http::header;
use actix_web::web::{self, Bytes, Data, Path, PayloadConfig, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::inbound::{Keyword, MailEvent, ReceivedText};
use crm_core::{Phone, ProviderId, RecipientId, Scope};
use crm_providers::twilio::{self, CallBody, Callback, SignedCall};
use serde::Deserialize;

use super::frame;
use crate::error::AppError;
use crate::state::App;

/// Most bytes of a request: Twilio's are a few hundred.
const MOST: usize = 32 * 1024;
/// The same of Mailgun's, which bring headers and variables of the message along.
const MOST_OF_EVENT: usize = 128 * 1024;
/// What Twilio takes for "nothing to answer".
const NOTHING: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";
/// `/hooks/…`
pub fn routes(config: &mut ServiceConfig) {
    config.service(
        web::resource("/hooks/twilio/{id}")
            .app_data(PayloadConfig::new(MOST))
            .route(web::post().to(hear)),
    );
    config.service(
        web::resource("/hooks/mailgun/{id}")
            .app_data(PayloadConfig::new(MOST_OF_EVENT))
            .route(web::post().to(hear_mailgun)),
    );
}

#[derive(Deserialize, Default)]
struct Params {
    recipient: Option<RecipientId>,
}

async fn hear(
    app: Data<App>,
    req: HttpRequest,
    id: Path<ProviderId>,
    params: Query<Params>,
    body: Bytes,
) -> Result<HttpResponse, AppError> {
    app.limits.public(frame::origin(&req).ip_address.as_deref())?;
    let public = app.config.public_url.as_deref().ok_or_else(AppError::not_found)?;
    let header_of = |name: &str| req.headers().get(name).and_then(|value| value.to_str().ok());
    let path = req.uri().path_and_query().map_or("/", |path| path.as_str());
    let call = SignedCall {
        url: format!("{public}{path}"),
        body: match header_of("content-type") {
            Some(json) if json.starts_with("application/json") => CallBody::Json(body.to_vec()),
            _ => CallBody::Form(url::form_urlencoded::parse(&body).into_owned().collect()),
        },
        signature: header_of("x-twilio-signature").unwrap_or_default().to_owned(),
        settings: header_of("x-twilio-webhooks-signature-settings").map(ToOwned::to_owned),
    };
    let heard = app.services.providers.twilio_callback(*id, &call).await?;
    let Some((scope, callback)) = heard else { return Err(AppError::forbidden()) };
    match callback {
        Callback::Received { sid, from, body, opt_out } => {
            received(&app, &scope, (sid, &from, body), opt_out.as_deref()).await?;
        }
        Callback::Status { status, error, .. } => {
            if let Some(recipient) = params.recipient {
                let (told, at) = (twilio::delivery(&status, error), app.services.ctx.now());
                app.services.inbound.delivery(&scope, recipient, told, at).await?;
            }
        }
    }
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "text/xml")).body(NOTHING))
}

async fn received(
    app: &App,
    scope: &Scope,
    (external_id, from, body): (String, &str, String),
    opt_out: Option<&str>,
) -> Result<(), AppError> {
    // A short code or a name cannot be answered, and nobody in the contact book has it.
    let Ok(from) = Phone::parse(from, "") else { return Ok(()) };
    let keyword = match opt_out {
        Some("STOP") => Some(Keyword::Stop),
        Some("START") => Some(Keyword::Start),
        Some("HELP") => Some(Keyword::Help),
        _ => None,
    };
    let at = app.services.ctx.now();
    let text = ReceivedText { from, body, external_id, keyword, at };
    app.services.inbound.text(scope, text).await?;
    Ok(())
}

/// Mailgun tries again for hours, unless it is told by 406 that there is no use.
async fn hear_mailgun(
    app: Data<App>,
    req: HttpRequest,
    id: Path<ProviderId>,
    body: Result<Bytes, actix_web::Error>,
) -> Result<HttpResponse, AppError> {
    app.limits.public(frame::origin(&req).ip_address.as_deref())?;
    let hopeless = || Ok(HttpResponse::NotAcceptable().finish());
    let Ok(body) = body else { return hopeless() };
    let Some((scope, heard)) = app.services.providers.mailgun_webhook(*id, &body).await? else {
        return hopeless();
    };
    let token = Some(heard.token().to_owned());
    if let (Some(recipient_id), Some(told)) = (heard.event.recipient_id, heard.event.told) {
        let event = MailEvent {
            provider_id: *id,
            external_id: heard.event.id,
            token,
            recipient_id,
            told,
            at: app.services.ctx.now(),
        };
        app.services.inbound.event(&scope, event).await?;
    }
    Ok(HttpResponse::Ok().finish())
}

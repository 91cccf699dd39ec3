//! `/hooks/twilio/{id}`: what a provider tells by itself. Nobody is signed in here; every request is signed by the provider
//! over the address it was given, which is that of `PUBLIC_URL`, whatever a request calls this server.

use actix_web::http::header;
use actix_web::web::{self, Bytes, Data, Path, PayloadConfig, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::inbound::{Keyword, ReceivedText};
use crm_core::{Phone, ProviderId, RecipientId, Scope};
use crm_providers::twilio::{self, Callback, SignedCall};
use serde::Deserialize;

use super::frame;
use crate::error::AppError;
use crate::state::App;

/// Most bytes of a request: Twilio's are a few hundred.
const MOST: usize = 32 * 1024;
/// What Twilio takes for "nothing to answer".
const NOTHING: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";
/// `/hooks/…`
pub fn routes(config: &mut ServiceConfig) {
    config.service(
        web::resource("/hooks/twilio/{id}")
            .app_data(PayloadConfig::new(MOST))
            .route(web::post().to(hear)),
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
    // A newer way to sign, with a key that is not the account's.
    if header_of("x-twilio-webhooks-signature-settings").is_some() {
        tracing::warn!("Twilio signs its requests with a key of its own, which is not supported");
        return Err(AppError::forbidden());
    }
    let path = req.uri().path_and_query().map_or("/", |path| path.as_str());
    let call = SignedCall {
        url: format!("{public}{path}"),
        fields: url::form_urlencoded::parse(&body).into_owned().collect(),
        signature: header_of("x-twilio-signature").unwrap_or_default().to_owned(),
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

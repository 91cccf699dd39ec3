//! Requests that change something must come from our own pages: their origin is checked, and a session's requests
//! repeat a token that only our pages know.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};
use crm_core::token;
use serde::Deserialize;

use super::authenticate::Identity;
use super::body::is_file;
use crate::error::AppError;
use crate::state::App;

/// Requests that need no session, whose origin is all there is to check.
pub(super) const DOORS: [&str; 9] = [
    "/login",
    "/login/code",
    "/setup",
    "/reset",
    "/reset/use",
    "/api/auth/login",
    "/api/auth/register",
    "/api/auth/reset",
    "/api/auth/reset/use",
];

/// Marks a multipart request whose token is still to be checked by [`crate::extract::Upload`].
#[derive(Debug, Clone, Copy)]
pub struct TokenInBody;

/// The field every form has.
#[derive(Deserialize)]
struct TokenField {
    #[serde(default)]
    csrf_token: String,
}

/// Answers forged requests with 403 `csrf_failed`.
///
/// # Errors
/// None of its own.
pub async fn check(
    app: web::Data<App>,
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    match verify(&app, &mut req).await {
        Ok(()) => Ok(next.call(req).await?.map_into_boxed_body()),
        Err(err) => Ok(req.error_response(err)),
    }
}

async fn verify(app: &App, req: &mut ServiceRequest) -> Result<(), AppError> {
    let changes = !req.method().is_safe();
    // One-click unsubscribe comes from mail programs: its token is the proof (RFC 8058).
    let public = req.path().starts_with("/u/") || req.path().starts_with("/hooks/");
    if !changes || public {
        return Ok(());
    }
    // A browser adds cookies to a forged request by itself, a key never: whoever shows a valid one meant the request.
    if req.extensions().get::<Identity>().is_some_and(|identity| identity.key.is_some()) {
        return Ok(());
    }
    if !same_origin(req, app.config.public_url.as_deref()) {
        return Err(AppError::csrf());
    }
    // Doors for people who are not signed in: where they are after all, there is no token to ask for.
    if DOORS.contains(&req.path()) {
        return Ok(());
    }
    let expected = req.extensions().get::<Identity>().map(|identity| identity.csrf_token.clone());
    let Some(expected) = expected else { return Ok(()) };
    let header = req.headers().get("x-csrf-token").and_then(|value| value.to_str().ok());
    let right = match header {
        Some(sent) => token::equal(sent, &expected),
        None => in_body(req, &expected).await?,
    };
    if right { Ok(()) } else { Err(AppError::csrf()) }
}

/// What browsers say about where a request comes from. Other programs say nothing and have no session of ours to abuse.
fn same_origin(req: &ServiceRequest, public_url: Option<&str>) -> bool {
    let text = |name: header::HeaderName| {
        req.headers().get(name).map(|value| value.to_str().unwrap_or("null").to_owned())
    };
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site"))
        && site != "same-origin"
        && site != "none"
    {
        return false;
    }
    let Some(origin) = text(header::ORIGIN) else { return true };
    let host = text(header::HOST).unwrap_or_default();
    let same_host = ["http://", "https://"]
        .iter()
        .any(|scheme| origin.strip_prefix(scheme).is_some_and(|rest| rest == host));
    same_host || public_url == Some(origin.as_str())
}

/// Looks for the token in a form's body and puts the body back. A form with a file is checked where the file is read.
async fn in_body(req: &mut ServiceRequest, expected: &str) -> Result<bool, AppError> {
    if is_file(req) && !req.path().starts_with("/api/") {
        req.extensions_mut().insert(TokenInBody);
        return Ok(true);
    }
    if !req.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Ok(false);
    }
    let body = req.extract::<web::Bytes>().await;
    let body = body.map_err(|_| AppError::malformed("the form could not be read"))?;
    let sent = token_of(&body);
    req.set_payload(body.into());
    Ok(sent.is_some_and(|sent| token::equal(&sent, expected)))
}

/// The token field of a form. A form's body and a query string are written alike.
fn token_of(body: &web::Bytes) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    web::Query::<TokenField>::from_query(text).ok().map(|query| query.into_inner().csrf_token)
}

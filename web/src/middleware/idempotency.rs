//! `Idempotency-Key`: a POST of the API that is sent again under the same key is answered again, and done once.

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse, web};
use crm_core::idempotency::{Kept, Keyed, Seen};

use super::authenticate::Identity;
use super::body::is_file;
use crate::error::AppError;
use crate::state::{App, Services};

/// Longest key.
const MAX_KEY: usize = 255;
/// Says that an answer is the one that was given before.
const REPLAYED: header::HeaderName = header::HeaderName::from_static("idempotency-replayed");

/// Answers a repeated request from what was kept, or lets it through and keeps its answer.
///
/// # Errors
/// Those of the handler.
pub async fn remember(
    app: web::Data<App>,
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let request = match keyed(&mut req).await {
        Ok(Some(request)) => request,
        Ok(None) => return Ok(next.call(req).await?.map_into_boxed_body()),
        Err(err) => return Ok(req.error_response(err)),
    };
    match app.services.repeated.begin(&request).await {
        Ok(Seen::First) => {}
        Ok(Seen::Answered(kept)) => return Ok(again(req, kept)),
        Ok(seen) => return Ok(req.error_response(refusal(&seen))),
        Err(err) => return Ok(req.error_response(AppError::from(err))),
    }
    let services = app.services.clone();
    // A caller that hangs up must not stop the work between its commit and the note that it was done.
    let working = actix_web::rt::spawn(work(services, request, req, next));
    working.await.map_err(AppError::internal)?
}

async fn work(
    services: Services,
    request: Keyed,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let secret = tells_a_secret(req.path());
    let answer = next.call(req).await?.map_into_boxed_body();
    if !answer.status().is_success() {
        // Nothing was changed; what is put right may be sent under the same key.
        if let Err(err) = services.repeated.forget(&request).await {
            tracing::error!(%err, "a request that failed is still taken for running");
        }
        return Ok(answer);
    }
    let (req, answer) = answer.into_parts();
    let (answer, body) = answer.into_parts();
    let body = to_bytes(body).await.map_err(|_| AppError::internal("an answer without a body"))?;
    let text = (!secret).then(|| String::from_utf8_lossy(&body).into_owned());
    let etag = answer.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok());
    let kept = Kept { status: answer.status().as_u16(), body: text, etag: etag.map(str::to_owned) };
    if let Err(err) = services.repeated.answered(&request, kept).await {
        tracing::error!(%err, "an answer was not kept; the request cannot be repeated");
    }
    Ok(ServiceResponse::new(req, answer.set_body(body).map_into_boxed_body()))
}

/// The request by its key; `None` where it has none, or is not one of those that may have one.
async fn keyed(req: &mut ServiceRequest) -> Result<Option<Keyed>, AppError> {
    if req.method() != Method::POST || !req.path().starts_with("/api/") {
        return Ok(None);
    }
    let Some(key) = req.headers().get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().unwrap_or_default().to_owned();
    // Whoever is not signed in is turned away by the handler, and signing in is nothing to repeat.
    let Some(identity) = req.extensions().get::<Identity>().cloned() else { return Ok(None) };
    let user_id = identity.user.id;
    if key.is_empty() || key.len() > MAX_KEY {
        let problem = "must have from 1 to 255 visible characters";
        return Err(AppError::invalid("Idempotency-Key", problem));
    }
    let text = |name: &str| {
        let value = req.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let (workspace, length) = (text("x-workspace-id"), text("content-length"));
    // An API key is told nothing that was answered to another one, whose scopes may reach further.
    let by = identity.key.map(|key| key.id.to_string()).unwrap_or_default();
    let name = format!("POST {}\n{workspace}\n{by}\n{key}", req.uri());
    let body = if is_file(req) {
        // A file is read by its handler alone; its length must do.
        length.into_bytes()
    } else {
        let body = req.extract::<web::Bytes>().await;
        let body = body.map_err(|_| AppError::malformed("the body could not be read"))?;
        req.set_payload(body.clone().into());
        body.to_vec()
    };
    Ok(Some(Keyed { user_id, name, body }))
}

/// Whether an answer holds what is shown once and stored nowhere: keys, recovery codes, invitation links.
fn tells_a_secret(path: &str) -> bool {
    path.starts_with("/api/auth/") || path.contains("/invitations")
}

fn again(req: ServiceRequest, kept: Kept) -> ServiceResponse<BoxBody> {
    let Some(body) = kept.body else {
        return req.error_response(AppError::conflict(
            "already_answered",
            "this request was done; its answer held a secret that is shown once",
        ));
    };
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut answer = HttpResponse::build(status);
    answer.insert_header(header::ContentType::json()).insert_header((REPLAYED, "true"));
    if let Some(etag) = kept.etag {
        answer.insert_header((header::ETAG, etag));
    }
    req.into_response(answer.body(body))
}

fn refusal(seen: &Seen) -> AppError {
    match seen {
        Seen::Different => AppError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "this Idempotency-Key was used for another request",
        ),
        Seen::Interrupted => AppError::conflict(
            "request_interrupted",
            "the server stopped while it worked on this request; look whether it was done, and use a new key",
        ),
        Seen::First | Seen::Answered(_) | Seen::Running => {
            AppError::conflict("request_running", "this request is being worked on")
        }
    }
}

//! Headers every answer carries.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web;

use crate::state::App;

/// Content security policy of pages: nothing but our own files.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'; manifest-src 'self'; worker-src 'self'";

/// Policy of a message shown in a frame: it may neither run scripts nor fetch anything. The sandbox holds even where
/// somebody opens the frame's address by itself.
pub const MESSAGE_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; \
    frame-ancestors 'self'; form-action 'none'; base-uri 'none'";

/// Adds them, where the handler has not set its own.
///
/// # Errors
/// Those of the handler.
pub async fn add(
    app: web::Data<App>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let asset = req.path().starts_with("/assets/");
    let mut answer = next.call(req).await?;
    let headers = answer.headers_mut();
    let mut set = |name: &'static str, value: &'static str| {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set("content-security-policy", PAGE_POLICY);
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "same-origin");
    set("cross-origin-opener-policy", "same-origin");
    set("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=()");
    if !asset {
        // Everything else is about people, or is about to be.
        set("cache-control", "no-store");
        set("vary", "HX-Request, Accept-Encoding, Cookie");
    }
    if app.config.is_https() {
        set("strict-transport-security", "max-age=31536000; includeSubDomains");
    }
    Ok(answer)
}

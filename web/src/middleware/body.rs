//! Bodies are read whole before a handler sees them, within limits of size and time: one that trickles in cannot hold a
//! handler, let alone a transaction. Files come as multipart and are read by [`crate::extract::Upload`].

use std::time::Duration;

use actix_web::HttpMessage;
use actix_web::body::{BodyStream, BoxBody, MessageBody, to_bytes_limited};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::web::Bytes;

use crate::error::AppError;

/// Largest body that is no file, in bytes.
pub const MAX_BODY: usize = 2 * 1024 * 1024;
/// How long such a body may take to arrive.
const LIMIT: Duration = Duration::from_secs(30);

/// Reads the body and hands it on.
///
/// # Errors
/// None of its own.
pub async fn read(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if has_body(&req) && !is_file(&req) {
        let body = match whole(&mut req).await {
            Ok(body) => body,
            Err(err) => return Ok(req.error_response(err)),
        };
        if let Err(err) = is_no_list(&req, &body) {
            return Ok(req.error_response(err));
        }
        req.set_payload(body.into());
    }
    Ok(next.call(req).await?.map_into_boxed_body())
}

fn has_body(req: &ServiceRequest) -> bool {
    let length = req.headers().get(header::CONTENT_LENGTH);
    length.is_some_and(|length| length != "0")
        || req.headers().contains_key(header::TRANSFER_ENCODING)
}

/// Whether the body is a form with a file in it.
pub fn is_file(req: &ServiceRequest) -> bool {
    req.content_type().eq_ignore_ascii_case("multipart/form-data")
}

/// Every JSON body is an object. A list is refused here, because reading one into a struct would take its items for the
/// fields in their order.
fn is_no_list(req: &ServiceRequest, body: &[u8]) -> Result<(), AppError> {
    let is_json = req.content_type().eq_ignore_ascii_case("application/json");
    if !is_json || !body.trim_ascii_start().starts_with(b"[") {
        return Ok(());
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(body) {
        Ok(_) => Err(AppError::invalid("body", "must be a JSON object, not a list")),
        Err(err) => Err(AppError::malformed(format!("the body is no JSON: {err}"))),
    }
}

async fn whole(req: &mut ServiceRequest) -> Result<Bytes, AppError> {
    let mut payload = req.take_payload();
    let stream = futures::stream::poll_fn(move |context| {
        futures::Stream::poll_next(std::pin::Pin::new(&mut payload), context)
    });
    let reading = to_bytes_limited(BodyStream::new(stream), MAX_BODY);
    match tokio::time::timeout(LIMIT, reading).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Ok(Err(_))) => Err(AppError::malformed("the body could not be read")),
        Ok(Err(_)) => Err(AppError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "the body is larger than 2 MB",
        )),
        Err(_) => Err(too_slow()),
    }
}

/// 408: the body did not arrive in time.
pub fn too_slow() -> AppError {
    AppError::new(
        StatusCode::REQUEST_TIMEOUT,
        "too_slow",
        "the body took too long to arrive; nothing was changed",
    )
}

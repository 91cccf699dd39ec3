//! `ETag` and `If-Match` (RFC 9110): which version of an object a caller saw.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};

use crate::error::AppError;

/// `If-Match`, for the document.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes what `if_match` reads")]
pub struct IfMatch {
    /// The `ETag` of the version that was seen; another version is answered with 412.
    #[param(rename = "If-Match", value_type = String, required = false, example = "\"3\"")]
    if_match: Option<String>,
}

/// The answer with the object's version as its `ETag`.
pub fn tagged(mut answer: HttpResponse, version: i64) -> HttpResponse {
    if let Ok(value) = header::HeaderValue::from_str(&format!("\"{version}\"")) {
        answer.headers_mut().insert(header::ETAG, value);
    }
    answer
}

/// The version the caller says it saw; `None` where it does not say, or says `*`.
///
/// # Errors
/// 412 where it names something that cannot be a version of ours.
pub fn if_match(req: &HttpRequest) -> Result<Option<i64>, AppError> {
    let Some(value) = req.headers().get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version = text.trim_start_matches("W/").trim_matches('"').parse();
    version.map(Some).map_err(|_| {
        AppError::new(
            actix_web::http::StatusCode::PRECONDITION_FAILED,
            "stale",
            "If-Match names no version of this object",
        )
    })
}

//! Errors as pages: the same table of errors, shown to people.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};

use super::authenticate::Identity;
use crate::error::AppError;
use crate::pages::errors;
use crate::state::App;

/// Turns the error answers of pages into pages; a caller who is not signed in is led to the sign-in page.
///
/// # Errors
/// None of its own.
pub async fn show(
    app: web::Data<App>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if req.path().starts_with("/api/") {
        return Ok(next.call(req).await?.map_into_boxed_body());
    }
    let get = req.method() == Method::GET;
    let partial = req.headers().contains_key("hx-request");
    let wanted = req.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let answer = next.call(req).await?.map_into_boxed_body();
    let Some(error) = error_of(&answer) else { return Ok(answer) };
    let identity: Option<Identity> = answer.request().extensions().get().cloned();
    let page = if error.status() == StatusCode::UNAUTHORIZED && !partial {
        let next = if get { wanted.as_str() } else { "" };
        errors::to_login(&app, next)
    } else {
        errors::page(&app, answer.request(), identity.as_ref(), &error).await
    };
    Ok(answer.into_response(page))
}

/// The error an answer stands for, if it is one that has no page yet.
fn error_of(answer: &ServiceResponse<BoxBody>) -> Option<AppError> {
    let status = answer.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    if let Some(error) = answer.response().extensions().get::<AppError>() {
        return Some(error.clone());
    }
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("text/html")) {
        return None;
    }
    Some(match status {
        StatusCode::NOT_FOUND => AppError::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => {
            AppError::new(status, "method_not_allowed", "this address cannot be used like that")
        }
        status if status.is_server_error() => AppError::internal(status),
        status => AppError::new(status, "malformed", "this request could not be understood"),
    })
}

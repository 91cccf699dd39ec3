//! JSON bodies, query strings and path parts, with errors that name the field.

use actix_web::error::{JsonPayloadError, QueryPayloadError};
use actix_web::http::StatusCode;
use actix_web::web;
use crm_core::paging::{Cursor, PageRequest};
use serde::Deserialize;

use crate::error::AppError;
use crate::middleware::body::MAX_BODY;

/// A JSON body.
pub type Json<T> = web::Json<T>;
/// A query string.
pub type Query<T> = web::Query<T>;

/// How JSON bodies are read: errors come from our table.
pub fn json_config() -> web::JsonConfig {
    web::JsonConfig::default().limit(MAX_BODY).error_handler(|err, _| {
        match err {
            JsonPayloadError::ContentType => AppError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "send the body as application/json",
            ),
            JsonPayloadError::Overflow { .. } | JsonPayloadError::OverflowKnownLength { .. } => {
                AppError::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "too_large",
                    "the body is larger than 2 MB",
                )
            }
            JsonPayloadError::Deserialize(err) if err.is_data() => wrong_data(&err.to_string()),
            other => AppError::malformed(format!("the body is no JSON: {other}")),
        }
        .into()
    })
}

/// How query strings are read.
pub fn query_config() -> web::QueryConfig {
    web::QueryConfig::default().error_handler(|err, _| {
        let text = match &err {
            QueryPayloadError::Deserialize(err) => err.to_string(),
            other => other.to_string(),
        };
        wrong_data(&text).into()
    })
}

/// How page forms are read.
pub fn form_config() -> web::FormConfig {
    web::FormConfig::default().limit(MAX_BODY).error_handler(|err, _| {
        AppError::malformed(format!("the form could not be read: {err}")).into()
    })
}

/// An id in a path that is none: there is nothing there.
pub fn path_config() -> web::PathConfig {
    web::PathConfig::default().error_handler(|_, _| AppError::not_found().into())
}

/// serde's message, with the field it quotes.
fn wrong_data(text: &str) -> AppError {
    let problem = text.split(" at line ").next().unwrap_or(text).to_owned();
    let field = problem.split('`').nth(1).unwrap_or("body").to_owned();
    let problem = if problem.starts_with("missing field") {
        "is required".to_owned()
    } else if problem.starts_with("unknown field") {
        "is not a field of this request".to_owned()
    } else {
        return AppError::new(StatusCode::UNPROCESSABLE_ENTITY, "validation_failed", problem)
            .about("body");
    };
    let mut error = AppError::invalid(field.clone(), problem.clone());
    error.message = format!("{field} {problem}");
    error
}

/// `limit` and `cursor` of a list.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Rows wanted, up to 200.
    pub limit: Option<u64>,
    /// Where the page begins.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// The page asked for.
    ///
    /// # Errors
    /// 422 naming `limit` or `cursor`.
    pub fn request(&self) -> Result<PageRequest, AppError> {
        let limit = match self.limit {
            None => 0,
            Some(limit @ 1..=200) => limit,
            Some(_) => return Err(AppError::invalid("limit", "must be from 1 to 200")),
        };
        let cursor = match self.cursor.as_deref() {
            None | Some("") => None,
            Some(text) => {
                let cursor = Cursor::decode(text);
                Some(cursor.map_err(|err| AppError::invalid("cursor", err.to_string()))?)
            }
        };
        Ok(PageRequest { limit, cursor })
    }
}

//! What a caller is told when something did not work: status, stable code, message and the fields it is about.
//! `table.rs` says it of every error of the services.

use std::collections::BTreeMap;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use crm_core::{ContactId, KeyScope};
use serde::Serialize;

mod table;

/// What a caller is told when something did not work.
#[derive(Debug, Clone, Serialize)]
pub struct AppError {
    #[serde(skip)]
    status: StatusCode,
    /// Stable word for programs.
    pub code: &'static str,
    /// Sentence for people.
    pub message: String,
    /// Field → what is wrong with it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// The contact it collides with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<ContactId>,
    /// Seconds after which to try again.
    #[serde(skip)]
    retry_after: Option<u64>,
    /// The right that was missing; it goes into the audit log.
    #[serde(skip)]
    pub lacking: Option<&'static str>,
}

/// The body of an error answer.
#[derive(Serialize)]
struct Envelope<'a> {
    data: Option<()>,
    error: &'a AppError,
}

impl AppError {
    /// An error without fields.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            fields: BTreeMap::new(),
            contact_id: None,
            retry_after: None,
            lacking: None,
        }
    }

    /// 401: nobody is signed in.
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "sign in first")
    }

    /// 403: the role does not allow it.
    pub fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "your role in this workspace does not allow this",
        )
    }

    /// 403: the caller does not have `right`.
    pub fn lacking(right: &'static str) -> Self {
        Self::forbidden().noting(right)
    }

    /// 401: the API key is wrong, revoked, expired, or its user is gone; which of them is nobody's business.
    pub fn bad_key() -> Self {
        Self::unauthenticated().saying("this API key is not valid")
    }

    /// 403: the role would allow it, the API key does not reach so far.
    pub fn insufficient_scope(needed: KeyScope) -> Self {
        let text = format!("this API key does not have the scope {needed}");
        Self::new(StatusCode::FORBIDDEN, "insufficient_scope", text)
    }

    /// 403: an API key asked for what only a signed-in person may do.
    pub fn session_required() -> Self {
        let error = Self::new(
            StatusCode::FORBIDDEN,
            "session_required",
            "an API key cannot do this; sign in with a password",
        );
        error.noting("session")
    }

    /// 403: the request does not prove that it comes from one of our pages.
    pub fn csrf() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "csrf_failed",
            "this request could not be verified; load the page again and repeat it",
        )
    }

    /// 404: there is no such thing in this workspace.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is nothing here")
    }

    /// 400: the request cannot be read.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", message)
    }

    /// 400: several workspaces and none named.
    pub fn workspace_required() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "workspace_required",
            "you belong to several workspaces; name one by X-Workspace-Id or workspace_id",
        )
    }

    /// 422: one field is wrong.
    pub fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Self {
        let problem = problem.into();
        let mut error =
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation_failed", problem.clone());
        error.fields.insert(field.into(), problem);
        error
    }

    /// 409 with a precise code.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// 429: too many attempts.
    pub fn rate_limited(seconds: u64) -> Self {
        let mut error = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limited",
            format!("too many attempts; try again in {}", minutes(seconds)),
        );
        error.retry_after = Some(seconds);
        error
    }

    /// 500: our fault. The cause goes to the log and nowhere else.
    pub fn internal(cause: impl fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something went wrong on our side; nothing was changed",
        )
    }

    /// The HTTP status.
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The same error, noted in the audit log as the refusal of `right`.
    #[must_use]
    pub const fn noting(mut self, right: &'static str) -> Self {
        self.lacking = Some(right);
        self
    }

    /// The same error in other words.
    #[must_use]
    pub fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// The same error about this field too.
    #[must_use]
    pub fn about(mut self, field: impl Into<String>) -> Self {
        self.fields.insert(field.into(), self.message.clone());
        self
    }

    /// The same error with the seconds after which to try again.
    #[must_use]
    pub const fn after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The same error naming the contact it collides with.
    #[must_use]
    pub const fn naming(mut self, contact_id: Option<ContactId>) -> Self {
        self.contact_id = contact_id;
        self
    }

    /// The same error with what it says about `field` said about `other`.
    #[must_use]
    pub fn renamed(mut self, field: &str, other: &str) -> Self {
        if let Some(problem) = self.fields.remove(field) {
            self.fields.insert(other.to_owned(), problem);
        }
        self
    }

    /// Where the error is the person's to mend (4xx that names what): what forms show again with what was typed.
    pub fn is_correctable(&self) -> bool {
        matches!(self.status, StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT)
            || self.code == "wrong_password"
    }
}

fn minutes(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for AppError {}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status);
        if let Some(seconds) = self.retry_after {
            answer.insert_header(("Retry-After", seconds.to_string()));
        }
        let mut answer = answer.json(Envelope { data: None, error: self });
        // The pages' middleware shows the same error as a page.
        answer.extensions_mut().insert(self.clone());
        answer
    }
}

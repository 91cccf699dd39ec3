//! The answers of every operation that did not work, in the document.

use std::collections::BTreeMap;

use crm_core::ContactId;
use utoipa::ToSchema;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Ref, Response, ResponseBuilder};

/// Any answer that is no success.
#[derive(ToSchema)]
#[schema(as = Error)]
#[expect(dead_code, reason = "describes what `AppError` writes")]
pub(super) struct ErrorAnswer {
    /// Always `null` here.
    #[schema(value_type = (), required)]
    data: Option<()>,
    error: Problem,
}

/// What did not work.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `AppError` writes")]
struct Problem {
    /// Stable word for programs.
    #[schema(example = "validation_failed")]
    code: String,
    /// Sentence for people.
    message: String,
    /// Field → what is wrong with it.
    #[schema(nullable = false)]
    fields: Option<BTreeMap<String, String>>,
    /// The contact that has this address or number already.
    #[schema(nullable = false)]
    contact_id: Option<ContactId>,
}

/// Status, name in the document, and when it is answered.
pub(super) const ALL: [(&str, &str, &str); 15] = [
    (
        "400",
        "Malformed",
        "The request cannot be read, or names no workspace where there are several.",
    ),
    ("401", "Unauthenticated", "Nobody is signed in, or the key or password is wrong."),
    ("403", "Forbidden", "The caller may not do this; `error.code` says what is missing."),
    ("404", "NotFound", "There is no such thing in this workspace."),
    ("408", "TooSlow", "The body did not arrive in time."),
    ("409", "Conflict", "It collides with what is there; `error.code` says with what."),
    ("410", "Gone", "The link or code was used, replaced, or is too old."),
    ("412", "Stale", "`If-Match` is not the version there is."),
    ("413", "TooLarge", "The body is too large."),
    ("415", "UnsupportedMediaType", "The body is of another type than this route takes."),
    ("422", "Invalid", "A field is wrong; `error.fields` says which and why."),
    ("429", "RateLimited", "Too many calls; `Retry-After` says when to try again."),
    ("500", "Internal", "Something went wrong on the server; nothing was changed."),
    ("503", "Unavailable", "The server cannot answer just now."),
    ("507", "DiskFull", "There is no room left on the server's disk; nothing was changed."),
];

/// One of them.
pub(super) fn response(status: &str, description: &str) -> Response {
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Error"))).build();
    let mut response =
        ResponseBuilder::new().description(description).content("application/json", body);
    if status == "429" {
        let seconds = HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(Type::Integer)))
            .description(Some("Seconds"))
            .build();
        response = response.header("Retry-After", seconds);
    }
    response.build()
}

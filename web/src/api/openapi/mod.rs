//! The `OpenAPI` document of this API, made from what stands beside its handlers: `GET /api/openapi.json`, `pi-crm openapi`
//! and the page `GET /api/docs`.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};
use utoipa::OpenApi;

use super::{
    ai, audit, auth, backups, campaigns, contacts, domains, export, fields, import, incoming,
    insights, lists, logs, messages, practice, providers, segments, suppressions, tasks, templates,
    users, workspaces,
};
use crate::error::AppError;

mod asks;
mod complete;
mod errors;
mod page;
pub mod shapes;

pub use asks::{Asks, PERMISSION};

/// `/api/openapi.json`, `/api/docs`
pub fn routes(config: &mut ServiceConfig) {
    config.route("/openapi.json", web::get().to(json)).route("/docs", web::get().to(page::handle));
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "pi-crm",
        description = "Every answer is an envelope: `data` with `error: null`, or `data: null` with an `error` that has a \
            stable `code`, a `message` for people and, where it is about fields, `fields`. Times are UTC, money is in \
            minor units, ids are UUIDs. The workspace of a call is named by `X-Workspace-Id` or `workspace_id`; whoever \
            belongs to one alone may leave it out.",
        license(name = "MIT", identifier = "MIT"),
    ),
    paths(json, page::handle),
    components(schemas(errors::ErrorAnswer)),
    tags(
        (name = "auth", description = "Signing in and out, one's own password, second factor, sessions and API keys"),
        (name = "users", description = "The people of the installation, for whoever runs it"),
        (name = "backups", description = "Backups of the whole installation, for whoever runs it"),
        (name = "workspaces", description = "Workspaces, their members and invitations"),
        (name = "contacts", description = "Contacts and their timelines"),
        (name = "lists", description = "Stages and tags"),
        (name = "fields", description = "Custom fields of contacts"),
        (name = "logs", description = "Entries of timelines"),
        (name = "tasks", description = "Follow-ups"),
        (name = "segments", description = "Filters over contacts"),
        (name = "templates", description = "What messages are written from"),
        (name = "campaigns", description = "Messages to many: approval, sending, and who got what"),
        (name = "messages", description = "Messages to one contact"),
        (name = "insights", description = "What stands out in a workspace, and answers to questions about it"),
        (name = "suppressions", description = "Addresses that must not be written to"),
        (name = "providers", description = "What messages leave through"),
        (name = "incoming mail", description = "The mailbox a workspace reads"),
        (name = "ai", description = "Drafts by a language model: settings and cost"),
        (name = "import", description = "Contacts from CSV files and vCards"),
        (name = "export", description = "Contacts as files"),
        (name = "practice", description = "What the practice provider took instead of sending it"),
        (name = "audit", description = "Who did what"),
        (name = "openapi", description = "This description"),
    ),
)]
struct Head;

/// The document, whole.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = Head::openapi();
    let parts: [fn() -> utoipa::openapi::OpenApi; 23] = [
        auth::Document::openapi,
        users::Document::openapi,
        backups::Document::openapi,
        workspaces::Document::openapi,
        contacts::Document::openapi,
        lists::Document::openapi,
        fields::Document::openapi,
        logs::Document::openapi,
        tasks::Document::openapi,
        segments::Document::openapi,
        templates::Document::openapi,
        campaigns::Document::openapi,
        messages::Document::openapi,
        insights::Document::openapi,
        suppressions::Document::openapi,
        providers::Document::openapi,
        incoming::Document::openapi,
        domains::Document::openapi,
        ai::Document::openapi,
        import::Document::openapi,
        export::Document::openapi,
        practice::Document::openapi,
        audit::Document::openapi,
    ];
    for part in parts {
        document.merge(part());
    }
    complete::run(&mut document);
    document
}

/// This description for programs, as `OpenAPI` 3.1.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "get_openapi",
    tag = "openapi",
    responses((status = 200, body = Object)),
    extensions(("x-permission" = json!("nothing"))),
)]
async fn json() -> Result<HttpResponse, AppError> {
    let text = document().to_json().map_err(AppError::internal)?;
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "application/json")).body(text))
}

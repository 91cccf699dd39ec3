//! `/api/logs…` and `/api/contacts/:id/logs`: timelines.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::timeline::{LogChange, LogContent, LogEntry, LogFilter};
use crm_core::{ContactId, LogId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::{answer, etag};
use crate::error::AppError;
use crate::extract::{Allow, Json, PageQuery, Query, rights};
use crate::state::App;

/// `/api/logs…`, `/api/contacts/:id/logs`
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/logs", web::post().to(add))
        .service(
            web::resource("/logs/{id}")
                .route(web::get().to(get))
                .route(web::patch().to(change))
                .route(web::delete().to(delete)),
        )
        .route("/contacts/{id}/logs", web::get().to(page));
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(add, get, change, delete, page))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
#[schema(as = LogEntry)]
struct View {
    id: LogId,
    contact_id: ContactId,
    #[serde(rename = "type")]
    kind: &'static str,
    content: LogContent,
    timestamp: Timestamp,
    status: String,
    actor_id: Option<UserId>,
    /// Whether it was changed after it was written.
    edited: bool,
}

impl From<LogEntry> for View {
    fn from(entry: LogEntry) -> Self {
        Self {
            id: entry.id,
            contact_id: entry.contact_id,
            kind: entry.content.kind(),
            content: entry.content,
            timestamp: entry.timestamp,
            status: entry.status,
            actor_id: entry.actor_id,
            edited: entry.version > 1,
        }
    }
}

/// An entry with its version.
fn tagged(answer: impl FnOnce(View) -> HttpResponse, entry: LogEntry) -> HttpResponse {
    let version = entry.version;
    etag::tagged(answer(View::from(entry)), version)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LogInput)]
struct Body {
    contact_id: ContactId,
    #[serde(rename = "type")]
    kind: String,
    content: serde_json::Map<String, serde_json::Value>,
    /// When it happened; now, where it is left out.
    #[serde(default)]
    timestamp: Option<Timestamp>,
}

/// What changes; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LogChange)]
struct Change {
    /// Fields of the content by name.
    #[serde(default)]
    content: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    timestamp: Option<Timestamp>,
}

impl Body {
    /// The content read as what its type says.
    fn content(self) -> Result<LogContent, AppError> {
        let names: Vec<String> = self.content.keys().cloned().collect();
        let mut tagged = self.content;
        tagged.insert("type".to_owned(), self.kind.into());
        let content: LogContent = serde_json::from_value(tagged.into()).map_err(|err| {
            let text = err.to_string();
            let field = if text.starts_with("unknown variant") { "type" } else { "content" };
            AppError::invalid(field, text)
        })?;
        let known = content.fields();
        match names.iter().find(|name| !known.contains(&name.as_str())) {
            Some(name) => {
                let text = format!("a {} has no field \"{name}\"", content.kind());
                Err(AppError::invalid("content", text))
            }
            None => Ok(content),
        }
    }
}

/// Adds an entry to a contact's timeline.
#[utoipa::path(
    post,
    path = "/api/logs",
    operation_id = "create_log",
    tag = "logs",
    request_body = Body,
    responses((status = 201, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("logs:write"))),
)]
async fn add(
    allow: Allow<rights::LogsWrite>,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let body = body.into_inner();
    let (contact_id, at) = (body.contact_id, body.timestamp);
    let entry = app.services.timeline.add(allow.scope(), contact_id, body.content()?, at).await?;
    Ok(tagged(answer::created, entry))
}

/// One entry.
#[utoipa::path(
    get,
    path = "/api/logs/{id}",
    operation_id = "get_log",
    tag = "logs",
    params(("id" = LogId, Path, description = "The entry")),
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("logs:read"))),
)]
async fn get(
    allow: Allow<rights::LogsRead>,
    app: Data<App>,
    id: Path<LogId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.timeline.get(allow.scope(), *id).await?;
    Ok(tagged(answer::ok, found.ok_or_else(AppError::not_found)?))
}

/// Changes a note or call of one's own.
#[utoipa::path(
    patch,
    path = "/api/logs/{id}",
    operation_id = "change_log",
    tag = "logs",
    params(("id" = LogId, Path, description = "The entry"), etag::IfMatch),
    request_body = Change,
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("logs:write"))),
)]
async fn change(
    allow: Allow<rights::LogsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<LogId>,
    body: Json<Change>,
) -> Result<HttpResponse, AppError> {
    let seen = etag::if_match(&req)?;
    let Change { content, timestamp } = body.into_inner();
    let change = LogChange { content, timestamp };
    let changed = app.services.timeline.change(allow.scope(), *id, seen, change).await?;
    Ok(tagged(answer::ok, changed.ok_or_else(AppError::not_found)?))
}

/// Deletes a note or call of one's own.
#[utoipa::path(
    delete,
    path = "/api/logs/{id}",
    operation_id = "delete_log",
    tag = "logs",
    params(("id" = LogId, Path, description = "The entry")),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("logs:write"))),
)]
async fn delete(
    allow: Allow<rights::LogsWrite>,
    app: Data<App>,
    id: Path<LogId>,
) -> Result<HttpResponse, AppError> {
    let there = app.services.timeline.delete(allow.scope(), *id).await?;
    if there { Ok(answer::done()) } else { Err(AppError::not_found()) }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Params {
    /// One type, or several with commas between them.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Only what this person did.
    actor_id: Option<UserId>,
    /// Only from this moment on.
    since: Option<Timestamp>,
    /// Only before this moment.
    until: Option<Timestamp>,
    limit: Option<u64>,
    cursor: Option<String>,
}

/// A contact's timeline, newest first.
#[utoipa::path(
    get,
    path = "/api/contacts/{id}/logs",
    operation_id = "list_logs",
    tag = "contacts",
    params(("id" = ContactId, Path, description = "The contact"), Params),
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("logs:read"))),
)]
async fn page(
    allow: Allow<rights::LogsRead>,
    app: Data<App>,
    id: Path<ContactId>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let params = params.into_inner();
    let page = PageQuery { limit: params.limit, cursor: params.cursor }.request()?;
    let kinds = params.kind.as_deref().unwrap_or_default().split(',');
    let filter = LogFilter {
        kinds: kinds.filter(|kind| !kind.is_empty()).map(str::to_owned).collect(),
        actor_id: params.actor_id,
        since: params.since,
        until: params.until,
    };
    let found = app.services.timeline.page(allow.scope(), *id, &filter, page).await?;
    Ok(answer::page(found, View::from))
}

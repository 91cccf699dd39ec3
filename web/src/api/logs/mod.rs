//! `/api/logs` and `/api/contacts/:id/logs`: timelines.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, ServiceConfig};
use crm_contacts::timeline::{LogContent, LogEntry};
use crm_core::{ContactId, LogId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, PageQuery, Query, rights};
use crate::state::App;

/// `/api/logs`, `/api/contacts/:id/logs`
pub fn routes(config: &mut ServiceConfig) {
    config.route("/logs", web::post().to(add)).route("/contacts/{id}/logs", web::get().to(page));
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(add, page))]
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
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LogInput)]
struct Body {
    contact_id: ContactId,
    #[serde(rename = "type")]
    kind: String,
    content: serde_json::Map<String, serde_json::Value>,
}

impl Body {
    /// The content read as what its type says.
    fn content(self) -> Result<LogContent, AppError> {
        let mut tagged = self.content;
        tagged.insert("type".to_owned(), self.kind.into());
        serde_json::from_value(tagged.into()).map_err(|err| {
            let text = err.to_string();
            let field = if text.starts_with("unknown variant") { "type" } else { "content" };
            AppError::invalid(field, text)
        })
    }
}

/// Adds an entry to a contact's timeline.
#[utoipa::path(
    post,
    path = "/api/logs",
    operation_id = "create_log",
    tag = "logs",
    request_body = Body,
    responses((status = 201, body = answer::One<View>)),
    extensions(("x-permission" = json!("logs:write"))),
)]
async fn add(
    allow: Allow<rights::LogsWrite>,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let body = body.into_inner();
    let contact_id = body.contact_id;
    let entry = app.services.timeline.add(allow.scope(), contact_id, body.content()?).await?;
    Ok(answer::created(View::from(entry)))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Params {
    #[serde(rename = "type")]
    kind: Option<String>,
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
    let found =
        app.services.timeline.page(allow.scope(), *id, params.kind.as_deref(), page).await?;
    Ok(answer::page(found, View::from))
}

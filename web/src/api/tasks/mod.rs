//! `/api/tasks`: follow-ups.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::tasks::{NewTask, Task, TaskChange, TaskFilter, TaskKind};
use crm_core::{ContactId, TaskId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::{answer, double, etag};
use crate::error::AppError;
use crate::extract::{Allow, Json, PageQuery, Query, rights};
use crate::state::App;

/// `/api/tasks…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/tasks").route(web::get().to(list)).route(web::post().to(create)))
        .service(
            web::resource("/tasks/{id}")
                .route(web::get().to(get))
                .route(web::patch().to(change))
                .route(web::delete().to(delete)),
        );
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(list, create, get, change, delete))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
#[schema(as = Task)]
struct View {
    id: TaskId,
    contact_id: ContactId,
    assignee_id: Option<UserId>,
    kind: TaskKind,
    title: String,
    due_at: Option<Timestamp>,
    done_at: Option<Timestamp>,
    created_by: Option<UserId>,
    created_at: Timestamp,
}

impl From<Task> for View {
    fn from(task: Task) -> Self {
        Self {
            id: task.id,
            contact_id: task.contact_id,
            assignee_id: task.assignee_id,
            kind: task.kind,
            title: task.title,
            due_at: task.due_at,
            done_at: task.done_at,
            created_by: task.created_by,
            created_at: task.created_at,
        }
    }
}

/// A task with its version.
fn tagged(answer: impl FnOnce(View) -> HttpResponse, task: Task) -> HttpResponse {
    let version = task.version;
    etag::tagged(answer(View::from(task)), version)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TaskInput)]
struct Body {
    contact_id: ContactId,
    title: String,
    #[serde(default)]
    kind: TaskKind,
    #[serde(default)]
    assignee_id: Option<UserId>,
    #[serde(default)]
    due_at: Option<Timestamp>,
}

/// What changes; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TaskChange)]
#[expect(
    clippy::option_option,
    reason = "absent, null and set are three different wishes of a PATCH"
)]
struct Change {
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    kind: Option<TaskKind>,
    #[serde(default, deserialize_with = "double::option")]
    assignee_id: Option<Option<UserId>>,
    #[serde(default, deserialize_with = "double::option")]
    due_at: Option<Option<Timestamp>>,
    #[serde(default)]
    done: Option<bool>,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Params {
    assignee_id: Option<UserId>,
    contact_id: Option<ContactId>,
    due_before: Option<Timestamp>,
    done: Option<bool>,
    limit: Option<u64>,
    cursor: Option<String>,
    // Names the workspace of the call; the middleware has read it.
    #[serde(rename = "workspace_id")]
    #[param(ignore)]
    _workspace_id: Option<String>,
}

/// Follow-ups, the most urgent first; those without a time come last. With `done=true`, the last one done comes first.
#[utoipa::path(
    get,
    path = "/api/tasks",
    operation_id = "list_tasks",
    tag = "tasks",
    params(Params),
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("tasks:read"))),
)]
async fn list(
    allow: Allow<rights::TasksRead>,
    app: Data<App>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let params = params.into_inner();
    let page = PageQuery { limit: params.limit, cursor: params.cursor }.request()?;
    let filter = TaskFilter {
        assignee_id: params.assignee_id,
        contact_id: params.contact_id,
        due_before: params.due_before,
        done: params.done,
        page,
    };
    Ok(answer::page(app.services.tasks.list(allow.scope(), filter).await?, View::from))
}

/// Writes a follow-up down.
#[utoipa::path(
    post,
    path = "/api/tasks",
    operation_id = "create_task",
    tag = "tasks",
    request_body = Body,
    responses((status = 201, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("tasks:write"))),
)]
async fn create(
    allow: Allow<rights::TasksWrite>,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let body = body.into_inner();
    let new = NewTask {
        contact_id: body.contact_id,
        assignee_id: body.assignee_id,
        kind: body.kind,
        title: body.title,
        due_at: body.due_at,
    };
    Ok(tagged(answer::created, app.services.tasks.create(allow.scope(), new).await?))
}

/// One follow-up.
#[utoipa::path(
    get,
    path = "/api/tasks/{id}",
    operation_id = "get_task",
    tag = "tasks",
    params(("id" = TaskId, Path, description = "The task")),
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("tasks:read"))),
)]
async fn get(
    allow: Allow<rights::TasksRead>,
    app: Data<App>,
    id: Path<TaskId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.tasks.get(allow.scope(), *id).await?;
    Ok(tagged(answer::ok, found.ok_or_else(AppError::not_found)?))
}

/// Changes a follow-up: puts it off, hands it on, says that it is done.
#[utoipa::path(
    patch,
    path = "/api/tasks/{id}",
    operation_id = "change_task",
    tag = "tasks",
    params(("id" = TaskId, Path, description = "The task"), etag::IfMatch),
    request_body = Change,
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("tasks:write"))),
)]
async fn change(
    allow: Allow<rights::TasksWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<TaskId>,
    body: Json<Change>,
) -> Result<HttpResponse, AppError> {
    let seen = etag::if_match(&req)?;
    let body = body.into_inner();
    let change = TaskChange {
        title: body.title,
        kind: body.kind,
        assignee_id: body.assignee_id,
        due_at: body.due_at,
        done: body.done,
    };
    let changed = app.services.tasks.change(allow.scope(), *id, seen, change).await?;
    Ok(tagged(answer::ok, changed.ok_or_else(AppError::not_found)?))
}

/// Deletes a follow-up.
#[utoipa::path(
    delete,
    path = "/api/tasks/{id}",
    operation_id = "delete_task",
    tag = "tasks",
    params(("id" = TaskId, Path, description = "The task")),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("tasks:write"))),
)]
async fn delete(
    allow: Allow<rights::TasksWrite>,
    app: Data<App>,
    id: Path<TaskId>,
) -> Result<HttpResponse, AppError> {
    let there = app.services.tasks.delete(allow.scope(), *id).await?;
    if there { Ok(answer::done()) } else { Err(AppError::not_found()) }
}

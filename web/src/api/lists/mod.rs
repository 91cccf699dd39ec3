//! `/api/lists`: stages and tags.

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::lists::{List, NewList};
use crm_core::{ContactId, ListId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::{answer, etag};
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

/// `/api/lists…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/lists").route(web::get().to(all)).route(web::post().to(create)))
        .route("/lists/assign", web::post().to(assign))
        .route("/lists/unassign", web::post().to(unassign))
        .service(
            web::resource("/lists/{id}")
                .route(web::get().to(get))
                .route(web::put().to(update))
                .route(web::delete().to(delete)),
        );
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(all, create, get, update, delete, assign, unassign))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
#[schema(as = List)]
struct View {
    id: ListId,
    name: String,
    is_primary: bool,
    position: i64,
    color: i64,
    contacts: u64,
    created_at: Timestamp,
}

impl From<List> for View {
    fn from(list: List) -> Self {
        Self {
            id: list.id,
            name: list.name,
            is_primary: list.is_primary,
            position: list.position,
            color: list.color,
            contacts: list.contacts,
            created_at: list.created_at,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ListInput)]
struct Body {
    name: String,
    #[serde(default)]
    is_primary: bool,
    #[serde(default)]
    color: Option<i64>,
    #[serde(default)]
    position: Option<i64>,
}

impl From<Body> for NewList {
    fn from(body: Body) -> Self {
        Self {
            name: body.name,
            is_primary: body.is_primary,
            color: body.color,
            position: body.position,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ListAssignment)]
struct Assignment {
    contact_id: ContactId,
    list_id: ListId,
}

/// All stages and tags.
#[utoipa::path(
    get,
    path = "/api/lists",
    operation_id = "list_lists",
    tag = "lists",
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("lists:read"))),
)]
async fn all(allow: Allow<rights::ListsRead>, app: Data<App>) -> Result<HttpResponse, AppError> {
    let lists = app.services.lists.all(allow.scope()).await?;
    Ok(answer::whole(lists.into_iter().map(View::from).collect()))
}

/// Makes a stage or a tag.
#[utoipa::path(
    post,
    path = "/api/lists",
    operation_id = "create_list",
    tag = "lists",
    request_body = Body,
    responses((status = 201, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("lists:write"))),
)]
async fn create(
    allow: Allow<rights::ListsWrite>,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let made = app.services.lists.create(allow.scope(), body.into_inner().into()).await?;
    let version = made.version;
    Ok(etag::tagged(answer::created(View::from(made)), version))
}

/// One stage or tag.
#[utoipa::path(
    get,
    path = "/api/lists/{id}",
    operation_id = "get_list",
    tag = "lists",
    params(("id" = ListId, Path, description = "The list")),
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("lists:read"))),
)]
async fn get(
    allow: Allow<rights::ListsRead>,
    app: Data<App>,
    id: Path<ListId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.lists.get(allow.scope(), *id).await?;
    let list = found.ok_or_else(AppError::not_found)?;
    let version = list.version;
    Ok(etag::tagged(answer::ok(View::from(list)), version))
}

/// Changes a stage or a tag.
#[utoipa::path(
    put,
    path = "/api/lists/{id}",
    operation_id = "update_list",
    tag = "lists",
    params(("id" = ListId, Path, description = "The list"), etag::IfMatch),
    request_body = Body,
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("lists:write"))),
)]
async fn update(
    allow: Allow<rights::ListsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ListId>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let seen = etag::if_match(&req)?;
    let change = body.into_inner().into();
    let changed = app.services.lists.update(allow.scope(), *id, seen, change).await?;
    let list = changed.ok_or_else(AppError::not_found)?;
    let version = list.version;
    Ok(etag::tagged(answer::ok(View::from(list)), version))
}

/// Deletes a stage or a tag; its contacts stay.
#[utoipa::path(
    delete,
    path = "/api/lists/{id}",
    operation_id = "delete_list",
    tag = "lists",
    params(("id" = ListId, Path, description = "The list")),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("lists:write"))),
)]
async fn delete(
    allow: Allow<rights::ListsWrite>,
    app: Data<App>,
    id: Path<ListId>,
) -> Result<HttpResponse, AppError> {
    let there = app.services.lists.delete(allow.scope(), *id).await?;
    if there { Ok(answer::done()) } else { Err(AppError::not_found()) }
}

/// Puts a contact on a list; a stage replaces the one before.
#[utoipa::path(
    post,
    path = "/api/lists/assign",
    operation_id = "assign_list",
    tag = "lists",
    request_body = Assignment,
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("contacts:write"))),
)]
async fn assign(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    body: Json<Assignment>,
) -> Result<HttpResponse, AppError> {
    app.services.lists.assign(allow.scope(), body.contact_id, body.list_id).await?;
    Ok(answer::done())
}

/// Takes a contact off a list.
#[utoipa::path(
    post,
    path = "/api/lists/unassign",
    operation_id = "unassign_list",
    tag = "lists",
    request_body = Assignment,
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("contacts:write"))),
)]
async fn unassign(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    body: Json<Assignment>,
) -> Result<HttpResponse, AppError> {
    app.services.lists.unassign(allow.scope(), body.contact_id, body.list_id).await?;
    Ok(answer::done())
}

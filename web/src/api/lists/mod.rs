//! `/api/lists`: stages and tags.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, ServiceConfig};
use crm_contacts::lists::{List, NewList};
use crm_core::{ContactId, ListId, Timestamp};
use serde::{Deserialize, Serialize};

use super::answer;
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

#[derive(Serialize)]
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Assignment {
    contact_id: ContactId,
    list_id: ListId,
}

async fn all(allow: Allow<rights::ListsRead>, app: Data<App>) -> Result<HttpResponse, AppError> {
    let lists = app.services.lists.all(allow.scope()).await?;
    Ok(answer::whole(lists.into_iter().map(View::from).collect()))
}

async fn create(
    allow: Allow<rights::ListsWrite>,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let made = app.services.lists.create(allow.scope(), body.into_inner().into()).await?;
    Ok(answer::created(View::from(made)))
}

async fn get(
    allow: Allow<rights::ListsRead>,
    app: Data<App>,
    id: Path<ListId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.lists.get(allow.scope(), *id).await?;
    Ok(answer::ok(View::from(found.ok_or_else(AppError::not_found)?)))
}

async fn update(
    allow: Allow<rights::ListsWrite>,
    app: Data<App>,
    id: Path<ListId>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let changed = app.services.lists.update(allow.scope(), *id, body.into_inner().into()).await?;
    Ok(answer::ok(View::from(changed.ok_or_else(AppError::not_found)?)))
}

async fn delete(
    allow: Allow<rights::ListsWrite>,
    app: Data<App>,
    id: Path<ListId>,
) -> Result<HttpResponse, AppError> {
    let there = app.services.lists.delete(allow.scope(), *id).await?;
    if there { Ok(answer::done()) } else { Err(AppError::not_found()) }
}

async fn assign(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    body: Json<Assignment>,
) -> Result<HttpResponse, AppError> {
    app.services.lists.assign(allow.scope(), body.contact_id, body.list_id).await?;
    Ok(answer::done())
}

async fn unassign(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    body: Json<Assignment>,
) -> Result<HttpResponse, AppError> {
    app.services.lists.unassign(allow.scope(), body.contact_id, body.list_id).await?;
    Ok(answer::done())
}

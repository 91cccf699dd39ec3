//! `/api/workspaces`

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::campaigns::Status;
use crm_core::accounts::{Entry, Membership, NewWorkspace, Workspace};
use crm_core::{PageRequest, Permission, Role, Scope, Timestamp, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::{answer, etag};
use crate::error::AppError;
use crate::extract::{Caller, Json, require};
use crate::state::App;

pub mod invitations;
mod members;

/// `/api/workspaces…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/workspaces").route(web::get().to(list)).route(web::post().to(create)),
        )
        .service(
            web::resource("/workspaces/{id}")
                .route(web::get().to(get))
                .route(web::put().to(update))
                .route(web::delete().to(delete)),
        )
        .service(
            web::resource("/workspaces/{id}/members")
                .route(web::get().to(members::list))
                .route(web::post().to(members::add)),
        )
        .service(
            web::resource("/workspaces/{id}/members/{user_id}")
                .route(web::put().to(members::change))
                .route(web::delete().to(members::remove)),
        )
        .service(
            web::resource("/workspaces/{id}/invitations")
                .route(web::get().to(invitations::list))
                .route(web::post().to(invitations::create)),
        )
        .route(
            "/workspaces/{id}/invitations/{invitation_id}",
            web::delete().to(invitations::revoke),
        );
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(
    list,
    create,
    get,
    update,
    delete,
    members::list,
    members::add,
    members::change,
    members::remove,
    invitations::list,
    invitations::create,
    invitations::revoke
))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
/// A workspace as the API shows it.
#[schema(as = Workspace)]
pub(super) struct View {
    id: WorkspaceId,
    name: String,
    user_id: UserId,
    currency: String,
    default_region: String,
    time_zone: String,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
}

impl From<Workspace> for View {
    fn from(w: Workspace) -> Self {
        Self {
            id: w.id,
            name: w.name,
            user_id: w.user_id,
            currency: w.currency,
            default_region: w.default_region,
            time_zone: w.time_zone,
            created_at: w.created_at,
            role: None,
        }
    }
}

impl From<Membership> for View {
    fn from(membership: Membership) -> Self {
        Self { role: Some(membership.role), ..membership.workspace.into() }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WorkspaceInput)]
struct Body {
    name: String,
    #[serde(default = "euro")]
    currency: String,
    #[serde(default = "austria")]
    default_region: String,
    #[serde(default = "utc")]
    time_zone: String,
}

fn euro() -> String {
    "EUR".to_owned()
}

fn austria() -> String {
    "AT".to_owned()
}

fn utc() -> String {
    "UTC".to_owned()
}

impl From<Body> for NewWorkspace {
    fn from(body: Body) -> Self {
        Self {
            name: body.name,
            currency: body.currency,
            default_region: body.default_region,
            time_zone: body.time_zone,
        }
    }
}

/// The workspace is named by the path here, not by the header: its scope is entered with the caller's own rights.
async fn enter(
    app: &App,
    caller: &Caller,
    id: WorkspaceId,
    permission: Permission,
) -> Result<Scope, AppError> {
    let address = caller.actor.ip_address.clone();
    match app.services.accounts.enter(caller.identity.user.id, Some(id), address).await? {
        Entry::Entered(scope) => {
            let scope = match &caller.identity.key {
                Some(key) => scope.through_key(key.clone()),
                None => scope,
            };
            require(&scope, permission)?;
            Ok(scope)
        }
        Entry::Choose | Entry::Nowhere => Err(AppError::not_found()),
    }
}

/// A wrong name is about the field `name` here.
fn named(mut error: AppError) -> AppError {
    if let Some(problem) = error.fields.remove("workspace_name") {
        error.fields.insert("name".to_owned(), problem);
    }
    error
}

/// A workspace with its version.
fn tagged(answer: impl FnOnce(View) -> HttpResponse, workspace: Workspace) -> HttpResponse {
    let version = workspace.version;
    etag::tagged(answer(View::from(workspace)), version)
}

/// The caller's workspaces.
#[utoipa::path(
    get,
    path = "/api/workspaces",
    operation_id = "list_workspaces",
    tag = "workspaces",
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("anybody, key: workspaces:read"))),
)]
async fn list(caller: Caller, app: Data<App>) -> Result<HttpResponse, AppError> {
    caller.reaches(Permission::WorkspaceRead)?;
    let found = app.services.accounts.memberships(caller.identity.user.id).await?;
    Ok(answer::whole(found.into_iter().map(View::from).collect()))
}

/// Makes a workspace with the caller as its owner.
#[utoipa::path(
    post,
    path = "/api/workspaces",
    operation_id = "create_workspace",
    tag = "workspaces",
    request_body = Body,
    responses((status = 201, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("anybody, key: workspaces:write"))),
)]
async fn create(
    caller: Caller,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    caller.reaches(Permission::WorkspaceWrite)?;
    let made =
        app.services.accounts.create_workspace(&caller.actor, body.into_inner().into()).await;
    Ok(tagged(answer::created, made.map_err(|err| named(err.into()))?))
}

/// One workspace.
#[utoipa::path(
    get,
    path = "/api/workspaces/{id}",
    operation_id = "get_workspace",
    tag = "workspaces",
    params(("id" = WorkspaceId, Path, description = "The workspace")),
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("workspaces:read"))),
)]
async fn get(
    caller: Caller,
    app: Data<App>,
    id: Path<WorkspaceId>,
) -> Result<HttpResponse, AppError> {
    let scope = enter(&app, &caller, *id, Permission::WorkspaceRead).await?;
    Ok(tagged(answer::ok, app.services.accounts.workspace(&scope).await?))
}

/// Changes a workspace.
#[utoipa::path(
    put,
    path = "/api/workspaces/{id}",
    operation_id = "update_workspace",
    tag = "workspaces",
    params(("id" = WorkspaceId, Path, description = "The workspace"), etag::IfMatch),
    request_body = Body,
    responses((status = 200, body = answer::One<View>, headers(("ETag" = String, description = "Its version")))),
    extensions(("x-permission" = json!("workspaces:write"))),
)]
async fn update(
    caller: Caller,
    app: Data<App>,
    req: HttpRequest,
    id: Path<WorkspaceId>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let scope = enter(&app, &caller, *id, Permission::WorkspaceWrite).await?;
    let seen = etag::if_match(&req)?;
    let change = body.into_inner().into();
    let changed = app.services.accounts.update_workspace(&scope, seen, change).await;
    Ok(tagged(answer::ok, changed.map_err(|err| named(err.into()))?))
}

/// Deletes a workspace and everything in it.
#[utoipa::path(
    delete,
    path = "/api/workspaces/{id}",
    operation_id = "delete_workspace",
    tag = "workspaces",
    params(("id" = WorkspaceId, Path, description = "The workspace")),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("workspaces:delete"))),
)]
async fn delete(
    caller: Caller,
    app: Data<App>,
    id: Path<WorkspaceId>,
) -> Result<HttpResponse, AppError> {
    let scope = enter(&app, &caller, *id, Permission::WorkspaceDelete).await?;
    remove(&app, &scope).await?;
    Ok(answer::done())
}

/// Deletes the scope's workspace, everything in it, and the files of its imports.
///
/// # Errors
/// 409 while a campaign is being sent.
pub async fn remove(app: &App, scope: &Scope) -> Result<(), AppError> {
    let one = PageRequest { limit: 1, cursor: None };
    if app.services.campaigns.list(scope, Some(Status::Sending), one).await?.total > 0 {
        let problem = "a campaign is being sent; pause or cancel it first";
        return Err(AppError::conflict("invalid_state", problem));
    }
    let imports = app.services.imports.ids(scope).await?;
    app.services.accounts.delete_workspace(scope).await?;
    Ok(app.services.imports.forget(imports).await?)
}

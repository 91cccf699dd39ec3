//! `/api/workspaces/:id/members`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_core::accounts::Member;
use crm_core::{Permission, Role, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Caller, Json};
use crate::state::App;

#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
struct View {
    user_id: UserId,
    name: String,
    email: String,
    role: Role,
}

impl From<Member> for View {
    fn from(member: Member) -> Self {
        Self { user_id: member.user_id, name: member.name, email: member.email, role: member.role }
    }
}

/// Its members.
#[utoipa::path(
    get,
    path = "/api/workspaces/{id}/members",
    operation_id = "list_members",
    tag = "workspaces",
    params(("id" = WorkspaceId, Path, description = "The workspace")),
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("workspaces:read"))),
)]
pub(super) async fn list(
    caller: Caller,
    app: Data<App>,
    id: Path<WorkspaceId>,
) -> Result<HttpResponse, AppError> {
    let scope = super::enter(&app, &caller, *id, Permission::WorkspaceRead).await?;
    let members = app.services.accounts.members(&scope).await?;
    Ok(answer::whole(members.into_iter().map(View::from).collect()))
}

/// Somebody the caller shares another workspace with. Everybody else is invited.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemberInput)]
pub(super) struct New {
    user_id: UserId,
    role: Role,
}

/// Adds a colleague from another workspace.
#[utoipa::path(
    post,
    path = "/api/workspaces/{id}/members",
    operation_id = "add_member",
    tag = "workspaces",
    params(("id" = WorkspaceId, Path, description = "The workspace")),
    request_body = New,
    responses((status = 201, body = answer::One<View>)),
    extensions(("x-permission" = json!("members:write"))),
)]
pub(super) async fn add(
    caller: Caller,
    app: Data<App>,
    id: Path<WorkspaceId>,
    body: Json<New>,
) -> Result<HttpResponse, AppError> {
    let scope = super::enter(&app, &caller, *id, Permission::MembersWrite).await?;
    let member = app.services.accounts.add_colleague(&scope, body.user_id, body.role).await?;
    Ok(answer::created(View::from(member)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemberChange)]
pub(super) struct Change {
    role: Role,
}

/// Changes a member's role.
#[utoipa::path(
    put,
    path = "/api/workspaces/{id}/members/{user_id}",
    operation_id = "change_member",
    tag = "workspaces",
    params(("id" = WorkspaceId, Path, description = "The workspace"), ("user_id" = UserId, Path, description = "The member")),
    request_body = Change,
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("members:write"))),
)]
pub(super) async fn change(
    caller: Caller,
    app: Data<App>,
    path: Path<(WorkspaceId, UserId)>,
    body: Json<Change>,
) -> Result<HttpResponse, AppError> {
    let (id, user_id) = path.into_inner();
    let scope = super::enter(&app, &caller, id, Permission::MembersWrite).await?;
    let member = app.services.accounts.change_role(&scope, user_id, body.role).await?;
    Ok(answer::ok(View::from(member)))
}

/// Removes a member, or leaves.
///
/// Everybody may leave, so that the role is looked at by the service. A key has to reach as far as for any other member.
#[utoipa::path(
    delete,
    path = "/api/workspaces/{id}/members/{user_id}",
    operation_id = "remove_member",
    tag = "workspaces",
    params(("id" = WorkspaceId, Path, description = "The workspace"), ("user_id" = UserId, Path, description = "The member")),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("oneself or members:write"))),
)]
pub(super) async fn remove(
    caller: Caller,
    app: Data<App>,
    path: Path<(WorkspaceId, UserId)>,
) -> Result<HttpResponse, AppError> {
    let (id, user_id) = path.into_inner();
    let scope = super::enter(&app, &caller, id, Permission::WorkspaceRead).await?;
    caller.reaches(Permission::MembersWrite)?;
    app.services.accounts.remove_member(&scope, user_id).await?;
    Ok(answer::done())
}

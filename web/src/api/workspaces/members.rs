//! `/api/workspaces/:id/members`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_core::accounts::Member;
use crm_core::{Permission, Role, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Caller, Json};
use crate::state::App;

#[derive(Serialize)]
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
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    user_id: UserId,
    role: Role,
}

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    role: Role,
}

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

/// Everybody may leave, so that the role is looked at by the service. A key has to reach as far as for any other member.
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

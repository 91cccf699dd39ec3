//! `/api/workspaces/:id/members`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_core::{Permission, Role, UserId, WorkspaceId};
use serde::Serialize;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::SignedIn;
use crate::state::App;

#[derive(Serialize)]
struct View {
    user_id: UserId,
    name: String,
    email: String,
    role: Role,
}

pub(super) async fn list(
    caller: SignedIn,
    app: Data<App>,
    id: Path<WorkspaceId>,
) -> Result<HttpResponse, AppError> {
    let scope = super::enter(&app, &caller, *id, Permission::WorkspaceRead).await?;
    let members = app.services.accounts.members(&scope).await?;
    let view = |member: crm_core::accounts::Member| View {
        user_id: member.user_id,
        name: member.name,
        email: member.email,
        role: member.role,
    };
    Ok(answer::whole(members.into_iter().map(view).collect()))
}

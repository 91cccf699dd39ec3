//! `/api/workspaces/:id/invitations`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_core::accounts::Invitation;
use crm_core::{InvitationId, Permission, Role, Timestamp, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Caller, Json};
use crate::pages::invitation::{self, Made};
use crate::state::App;

#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
struct View {
    id: InvitationId,
    email: String,
    role: Role,
    invited_by: Option<UserId>,
    created_at: Timestamp,
    expires_at: Timestamp,
    is_expired: bool,
}

impl From<Invitation> for View {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id,
            email: invitation.email,
            role: invitation.role,
            invited_by: invitation.invited_by,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            is_expired: invitation.is_expired,
        }
    }
}

/// What is answered once and never again.
#[derive(Serialize, ToSchema)]
#[schema(as = InvitationMade)]
struct MadeView {
    #[serde(flatten)]
    invitation: View,
    /// The link; without `PUBLIC_URL` a path, to be put behind the address people reach the server by.
    link: String,
    /// Whether it went out by mail.
    mailed: bool,
}

/// Invitations that are open.
#[utoipa::path(
    get,
    path = "/api/workspaces/{id}/invitations",
    operation_id = "list_invitations",
    tag = "workspaces",
    params(("id" = WorkspaceId, Path, description = "The workspace")),
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("members:write"))),
)]
pub(super) async fn list(
    caller: Caller,
    app: Data<App>,
    id: Path<WorkspaceId>,
) -> Result<HttpResponse, AppError> {
    let scope = super::enter(&app, &caller, *id, Permission::MembersWrite).await?;
    let open = app.services.accounts.invitations(&scope).await?;
    Ok(answer::whole(open.into_iter().map(View::from).collect()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InvitationInput)]
pub(super) struct Body {
    email: String,
    role: Role,
}

/// Invites somebody; this answer alone holds the link.
#[utoipa::path(
    post,
    path = "/api/workspaces/{id}/invitations",
    operation_id = "create_invitation",
    tag = "workspaces",
    params(("id" = WorkspaceId, Path, description = "The workspace")),
    request_body = Body,
    responses((status = 201, body = answer::One<MadeView>)),
    extensions(("x-permission" = json!("members:write"))),
)]
pub(super) async fn create(
    caller: Caller,
    app: Data<App>,
    id: Path<WorkspaceId>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let scope = super::enter(&app, &caller, *id, Permission::MembersWrite).await?;
    let name = &caller.identity.user.name;
    let Made { invitation, link, mailed } =
        invitation::invite(&app, &scope, name, &body.email, body.role).await?;
    Ok(answer::created(MadeView { invitation: invitation.into(), link, mailed: mailed.is_sent() }))
}

/// Takes an invitation back.
#[utoipa::path(
    delete,
    path = "/api/workspaces/{id}/invitations/{invitation_id}",
    operation_id = "revoke_invitation",
    tag = "workspaces",
    params(("id" = WorkspaceId, Path, description = "The workspace"), ("invitation_id" = InvitationId, Path, description = "The invitation")),
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("members:write"))),
)]
pub(super) async fn revoke(
    caller: Caller,
    app: Data<App>,
    path: Path<(WorkspaceId, InvitationId)>,
) -> Result<HttpResponse, AppError> {
    let (id, invitation_id) = path.into_inner();
    let scope = super::enter(&app, &caller, id, Permission::MembersWrite).await?;
    app.services.accounts.revoke_invitation(&scope, invitation_id).await?;
    Ok(answer::done())
}

//! `/api/workspaces/:id/invitations`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use crm_core::accounts::Invitation;
use crm_core::{InvitationId, Permission, Role, Timestamp, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};

use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Caller, Json};
use crate::pages::invitation::{self, Made};
use crate::state::App;

#[derive(Serialize)]
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
#[derive(Serialize)]
struct MadeView {
    #[serde(flatten)]
    invitation: View,
    /// The link; without `PUBLIC_URL` a path, to be put behind the address people reach the server by.
    link: String,
    /// Whether it went out by mail.
    mailed: bool,
}

pub(super) async fn list(
    caller: Caller,
    app: Data<App>,
    id: Path<WorkspaceId>,
) -> Result<HttpResponse, AppError> {
    let scope = super::enter(&app, &caller, *id, Permission::MembersWrite).await?;
    let open = app.services.accounts.invitations(&scope).await?;
    Ok(answer::whole(open.into_iter().map(View::from).collect()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    email: String,
    role: Role,
}

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

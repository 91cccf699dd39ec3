//! `/settings/team`: members, their roles, and invitations.

use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::accounts::{Invitation, Member};
use crm_core::{InvitationId, Permission, Role, Scope, UserId};
use serde::Deserialize;

use crate::error::AppError;
use crate::extract::{Allow, Right, rights};
use crate::mailer::Mailed;
use crate::pages::{frame, invitation};
use crate::state::App;
use crate::views::common::{Choice, FormErrors};
use crate::views::team::{FreshInvitation, InvitationRow, MemberRow, TeamPage};
use crate::views::{Flash, Section};

const HERE: &str = "/settings/team";

pub(super) async fn show(
    allow: Allow<rights::WorkspaceRead>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let view = page(&app, &req, &allow, &Typed::default(), FormErrors::none()).await?;
    frame::ok(&app, &req, &view)
}

async fn page<R: Right>(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<R>,
    typed: &Typed,
    errors: FormErrors,
) -> Result<TeamPage, AppError> {
    let scope = allow.scope();
    let may_manage = scope.allows(Permission::MembersWrite);
    let members = app.services.accounts.members(scope).await?;
    let invitations =
        if may_manage { app.services.accounts.invitations(scope).await? } else { Vec::new() };
    let chosen = Some(typed.role.as_str()).filter(|role| !role.is_empty()).unwrap_or("editor");
    Ok(TeamPage {
        shell: frame::shell(app, req, allow, Section::Settings, "Team").await?,
        members: members.into_iter().map(|member| row(scope, may_manage, member)).collect(),
        invitations: invitations.into_iter().map(|one| invitation_row(scope, one)).collect(),
        may_manage,
        roles: choices(scope.role(), chosen),
        email: typed.email.clone(),
        errors,
        fresh: None,
    })
}

/// The roles somebody of role `by` may give.
fn choices(by: Role, chosen: &str) -> Vec<Choice> {
    let given = Role::ALL.into_iter().filter(|role| by.covers(*role));
    given
        .map(|role| {
            let word = role.as_str();
            Choice::new(word, frame::role_name(role), word == chosen)
                .with_hint(frame::role_says(role))
        })
        .collect()
}

fn row(scope: &Scope, may_manage: bool, member: Member) -> MemberRow {
    let may_change = may_manage && scope.role().covers(member.role);
    MemberRow {
        id: member.user_id.to_string(),
        name: member.name,
        email: member.email,
        role: frame::role_name(member.role).to_owned(),
        choices: if may_change { choices(scope.role(), member.role.as_str()) } else { Vec::new() },
        is_me: scope.user_id() == Some(member.user_id),
    }
}

fn invitation_row(scope: &Scope, invitation: Invitation) -> InvitationRow {
    InvitationRow {
        id: invitation.id.to_string(),
        email: invitation.email,
        role_word: invitation.role.as_str().to_owned(),
        role: frame::role_name(invitation.role).to_owned(),
        expires_at: invitation.expires_at.to_string(),
        is_expired: invitation.is_expired,
        may_change: scope.role().covers(invitation.role),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    email: String,
    role: String,
}

fn role(word: &str) -> Result<Role, AppError> {
    Role::parse(word).ok_or_else(|| AppError::invalid("role", "choose a role"))
}

/// Shows the page at once and leads nowhere: the link is in no database and no cookie, so this answer alone has it.
pub(super) async fn invite(
    allow: Allow<rights::MembersWrite>,
    app: Data<App>,
    req: HttpRequest,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    match make(&app, &allow, &typed).await {
        Ok(fresh) => {
            let mut view = page(&app, &req, &allow, &Typed::default(), FormErrors::none()).await?;
            view.fresh = Some(fresh);
            frame::ok(&app, &req, &view)
        }
        Err(error) if error.status().is_client_error() => {
            let errors = frame::form_errors(&error, &["email", "role"]);
            let view = page(&app, &req, &allow, &typed, errors).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

async fn make(
    app: &App,
    allow: &Allow<rights::MembersWrite>,
    typed: &Typed,
) -> Result<FreshInvitation, AppError> {
    let role = role(&typed.role)?;
    let name = &allow.identity().user.name;
    let made = invitation::invite(app, allow.scope(), name, &typed.email, role).await?;
    Ok(FreshInvitation {
        email: made.invitation.email,
        is_path: app.config.public_url.is_none(),
        link: made.link,
        mailed: made.mailed.is_sent(),
        problem: match made.mailed {
            Mailed::Failed(problem) => Some(frame::sentence(&problem)),
            Mailed::Sent | Mailed::NoProvider => None,
        },
    })
}

/// Leads back with what happened; a refusal is a sentence there.
fn back(app: &App, done: Result<&str, AppError>) -> Result<HttpResponse, AppError> {
    let said = match done {
        Ok(said) => Flash::ok(said),
        Err(error) if error.is_correctable() || error.code == "forbidden" => {
            Flash::bad(frame::sentence(&error.message))
        }
        Err(error) => return Err(error),
    };
    Ok(frame::lead_to(app, HERE, Some(said)))
}

pub(super) async fn revoke(
    allow: Allow<rights::MembersWrite>,
    app: Data<App>,
    id: Path<InvitationId>,
) -> Result<HttpResponse, AppError> {
    let done = app.services.accounts.revoke_invitation(allow.scope(), *id).await;
    back(&app, done.map(|()| "The invitation is revoked.").map_err(AppError::from))
}

pub(super) async fn change_role(
    allow: Allow<rights::MembersWrite>,
    app: Data<App>,
    id: Path<UserId>,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let done = match role(&typed.role) {
        Ok(role) => {
            let changed = app.services.accounts.change_role(allow.scope(), *id, role).await;
            changed.map_err(AppError::from)
        }
        Err(error) => Err(error),
    };
    let said = done.map(|member| format!("{} is {} now.", member.name, member.role.as_str()));
    match said {
        Ok(said) => back(&app, Ok(&said)),
        Err(error) => back(&app, Err(error)),
    }
}

pub(super) async fn remove(
    allow: Allow<rights::MembersWrite>,
    app: Data<App>,
    id: Path<UserId>,
) -> Result<HttpResponse, AppError> {
    let done = app.services.accounts.remove_member(allow.scope(), *id).await;
    back(&app, done.map(|()| "They have no access any more.").map_err(AppError::from))
}

pub(super) async fn leave(
    allow: Allow<rights::WorkspaceRead>,
    app: Data<App>,
) -> Result<HttpResponse, AppError> {
    let me = allow.identity().user.id;
    match app.services.accounts.remove_member(allow.scope(), me).await.map_err(AppError::from) {
        Ok(()) => {
            let said = Flash::ok("You have left the workspace.");
            Ok(frame::lead_to(&app, "/settings/workspaces", Some(said)))
        }
        Err(error) => back(&app, Err(error)),
    }
}

//! `/invitation/{token}`: joining a workspace. Opening the page changes nothing; its button joins.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Form, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::accounts::{
    AccountsError, INVITATION_LIFETIME, Invitation, Membership, NewUser, Offer, Origin, User,
};
use crm_core::{Actor, EmailAddress, Role, Scope};
use secrecy::SecretString;
use serde::Deserialize;

use super::frame;
use crate::door as way_in;
use crate::error::AppError;
use crate::mailer::{self, Mailed};
use crate::state::App;
use crate::views::Flash;
use crate::views::common::FormErrors;
use crate::views::invitation::{InvitationPage, InvitationState};
use crate::views::mail::InvitationMail;

/// `/invitation/{token}`
pub fn routes(config: &mut ServiceConfig) {
    config.service(
        web::resource("/invitation/{token}")
            .route(web::get().to(show))
            .route(web::post().to(submit)),
    );
}

/// An invitation just made, with the link that is shown this once.
pub struct Made {
    /// The invitation.
    pub invitation: Invitation,
    /// Where to accept it: a link where `PUBLIC_URL` says how people reach this server, else a path.
    pub link: String,
    /// Whether it went out by mail.
    pub mailed: Mailed,
}

/// Invites an address and, where that is possible, mails it the link.
///
/// # Errors
/// 403 or 409 where the rules of members refuse it, 422 for an address that is none.
pub async fn invite(
    app: &App,
    scope: &Scope,
    invited_by: &str,
    email: &str,
    role: Role,
) -> Result<Made, AppError> {
    let (invitation, token) = app.services.accounts.invite(scope, email, role).await?;
    // Never from the request: whoever sends it could name a host of theirs there.
    let public = app.config.public_url.as_deref();
    let link = format!("{}/invitation/{token}", public.unwrap_or_default());
    let to = EmailAddress::parse(&invitation.email).ok().filter(|_| public.is_some());
    let mailed = match to {
        None => Mailed::NoProvider,
        Some(to) => {
            let mail = InvitationMail {
                workspace_name: app.services.accounts.workspace(scope).await?.name,
                invited_by: invited_by.to_owned(),
                role: frame::role_name(role).to_lowercase(),
                role_says: frame::role_says(role).to_owned(),
                link: link.clone(),
                days: INVITATION_LIFETIME.as_secs() / (24 * 60 * 60),
            };
            mailer::send(app, scope, &to, &mail).await?
        }
    };
    Ok(Made { invitation, link, mailed })
}

/// Makes a user and a member by an invitation.
///
/// # Errors
/// 410 where the invitation is not valid, 403 for another address than its own, 409 and 422 for the user, 429 after
/// too many tries.
pub async fn register(
    app: &App,
    token: &str,
    user: NewUser,
    from: Origin,
) -> Result<(User, Membership), AppError> {
    app.limits.login("invitation", from.ip_address.as_deref())?;
    Ok(app.services.accounts.register_invited(token, user, from).await?)
}

async fn show(
    app: Data<App>,
    req: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse, AppError> {
    let offer = app.services.accounts.offer(&token).await?;
    let view = view(&app, &req, &token, offer.as_ref());
    let status = if offer.is_some() { StatusCode::OK } else { StatusCode::GONE };
    frame::page(&app, &req, status, &view)
}

fn view(app: &App, req: &HttpRequest, token: &str, offer: Option<&Offer>) -> InvitationPage {
    let identity = frame::identity(req);
    let mut door = frame::door(app, req);
    let mut signed_in_as = String::new();
    if let Some(identity) = identity {
        door.csrf_token = identity.csrf_token;
        signed_in_as = identity.user.email;
    }
    let Some(offer) = offer else {
        return InvitationPage { door, state: InvitationState::Gone, ..InvitationPage::default() };
    };
    let state = if signed_in_as == offer.email {
        InvitationState::Join
    } else if !signed_in_as.is_empty() {
        InvitationState::WrongAccount
    } else if offer.has_account {
        InvitationState::SignIn
    } else {
        InvitationState::Register
    };
    InvitationPage {
        door,
        action: format!("/invitation/{token}"),
        workspace_name: offer.workspace_name.clone(),
        invited_by: offer.invited_by.clone(),
        role: frame::role_name(offer.role).to_owned(),
        role_says: frame::role_says(offer.role).to_owned(),
        email: offer.email.clone(),
        signed_in_as,
        name: String::new(),
        state,
        errors: FormErrors::none(),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    name: String,
    password: String,
}

async fn submit(
    app: Data<App>,
    req: HttpRequest,
    token: Path<String>,
    form: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let form = form.into_inner();
    let name = form.name.clone();
    let from = frame::origin(&req);
    let joined = match frame::identity(&req) {
        Some(identity) => {
            let actor = Actor::user(identity.user.id, from.ip_address);
            accept(&app, &token, &actor).await
        }
        None => sign_up(&app, &req, &token, form, from).await,
    };
    match joined {
        Ok(membership) => {
            let said = format!("You are a member of {} now.", membership.workspace.name);
            let mut answer = frame::lead_to(&app, "/dashboard", Some(Flash::ok(said)));
            let cookie = frame::workspace_cookie(&app, membership.workspace.id);
            answer.add_cookie(&cookie).map_err(AppError::internal)?;
            Ok(answer)
        }
        Err(error) if error.status().is_client_error() => {
            let offer = app.services.accounts.offer(&token).await?;
            let mut view = view(&app, &req, &token, offer.as_ref());
            view.errors = frame::form_errors(&error, &["name", "password"]);
            view.name = name;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

/// Makes somebody who has an account a member by an invitation.
///
/// # Errors
/// 410 where the invitation is not valid, 403 for another address than theirs, 429 after too many tries.
pub async fn accept(app: &App, token: &str, actor: &Actor) -> Result<Membership, AppError> {
    app.limits.login("invitation", actor.ip_address.as_deref())?;
    Ok(app.services.accounts.accept_invitation(token, actor).await?)
}

/// A new person; their address is the invitation's, which they have proved by having the link.
async fn sign_up(
    app: &App,
    req: &HttpRequest,
    token: &str,
    form: Typed,
    from: Origin,
) -> Result<Membership, AppError> {
    let accounts = app.services.accounts.as_ref();
    let offer = accounts.offer(token).await?.ok_or(AccountsError::InvitationGone)?;
    let user = NewUser {
        email: offer.email,
        name: form.name,
        password: SecretString::from(form.password),
        is_admin: false,
    };
    let (user, membership) = register(app, token, user, from.clone()).await?;
    way_in::enter(app, req, user, from).await?;
    Ok(membership)
}

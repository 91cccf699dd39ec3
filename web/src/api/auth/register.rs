//! `POST /api/auth/register`: the first user with the code the terminal shows, everybody else with an invitation.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use crm_core::accounts::{NewUser, NewWorkspace, Origin, User};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::SessionView;
use crate::api::answer;
use crate::error::AppError;
use crate::extract::Json;
use crate::middleware::authenticate::csrf_token;
use crate::middleware::session_store;
use crate::pages::{frame, invitation as join, setup};
use crate::state::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RegisterInput)]
pub(super) struct Body {
    email: String,
    password: String,
    name: String,
    /// The code of the first run.
    #[serde(default)]
    setup_code: Option<String>,
    /// The token of an invitation: the last part of its link.
    #[serde(default)]
    invitation: Option<String>,
    /// Name of the first workspace.
    #[serde(default)]
    workspace_name: Option<String>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    default_region: Option<String>,
    #[serde(default)]
    time_zone: Option<String>,
}

/// Registers the first user with the setup code, anybody else with an invitation.
#[utoipa::path(
    post,
    path = "/api/auth/register",
    operation_id = "register",
    tag = "auth",
    request_body = Body,
    responses((status = 201, body = answer::One<SessionView>)),
    extensions(("x-permission" = json!("nothing"))),
)]
pub(super) async fn handle(
    app: Data<App>,
    req: HttpRequest,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let body = body.into_inner();
    let from = frame::origin(&req);
    let user = match (&body.setup_code, &body.invitation) {
        (Some(code), None) => first_user(&app, code, &body, from.clone()).await?,
        (None, Some(token)) => join::register(&app, token, new_user(&body), from.clone()).await?.0,
        _ => return Err(AppError::invalid("invitation", "send either setup_code or invitation")),
    };
    let view = user.clone().into();
    let token = session_store::sign_in(&req, app.services.accounts.as_ref(), user, from).await?;
    let csrf_token = csrf_token(app.config.secrets.signing_key(), &token);
    Ok(answer::created(SessionView { user: view, csrf_token }))
}

fn new_user(body: &Body) -> NewUser {
    NewUser {
        email: body.email.clone(),
        name: body.name.clone(),
        password: SecretString::from(body.password.clone()),
        is_admin: false,
    }
}

async fn first_user(app: &App, code: &str, body: &Body, from: Origin) -> Result<User, AppError> {
    let mut workspace =
        NewWorkspace::named(body.workspace_name.as_deref().unwrap_or("My workspace"));
    if let Some(currency) = &body.currency {
        workspace.currency.clone_from(currency);
    }
    if let Some(region) = &body.default_region {
        workspace.default_region.clone_from(region);
    }
    if let Some(zone) = &body.time_zone {
        workspace.time_zone.clone_from(zone);
    }
    let user = NewUser { is_admin: true, ..new_user(body) };
    setup::first_run(app, code, user, workspace, from).await
}

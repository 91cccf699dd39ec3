//! `POST /api/auth/register`: the first user, with the code the terminal shows.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use crm_core::accounts::{NewUser, NewWorkspace};
use secrecy::SecretString;
use serde::Deserialize;

use super::SessionView;
use crate::api::answer;
use crate::error::AppError;
use crate::extract::Json;
use crate::middleware::authenticate::csrf_token;
use crate::middleware::session_store;
use crate::pages::{frame, setup};
use crate::state::App;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    email: String,
    password: String,
    name: String,
    setup_code: String,
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

pub(super) async fn handle(
    app: Data<App>,
    req: HttpRequest,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let body = body.into_inner();
    let mut workspace =
        NewWorkspace::named(body.workspace_name.unwrap_or_else(|| "My workspace".to_owned()));
    if let Some(currency) = body.currency {
        workspace.currency = currency;
    }
    if let Some(region) = body.default_region {
        workspace.default_region = region;
    }
    if let Some(zone) = body.time_zone {
        workspace.time_zone = zone;
    }
    let user = NewUser {
        email: body.email,
        name: body.name,
        password: SecretString::from(body.password),
        is_admin: true,
    };
    let from = frame::origin(&req);
    let user = setup::first_run(&app, &body.setup_code, user, workspace, from.clone()).await?;
    let view = user.clone().into();
    let token = session_store::sign_in(&req, app.services.accounts.as_ref(), user, from).await?;
    let csrf_token = csrf_token(app.config.secrets.signing_key(), &token);
    Ok(answer::created(SessionView { user: view, csrf_token }))
}

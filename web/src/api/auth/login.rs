//! `POST /api/auth/login`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use secrecy::SecretString;
use serde::Deserialize;

use super::SessionView;
use crate::api::answer;
use crate::error::AppError;
use crate::extract::Json;
use crate::middleware::authenticate::csrf_token;
use crate::middleware::session_store;
use crate::pages::frame;
use crate::state::App;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    email: String,
    password: String,
}

pub(super) async fn handle(
    app: Data<App>,
    req: HttpRequest,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let body = body.into_inner();
    let from = frame::origin(&req);
    app.limits.login(&body.email, from.ip_address.as_deref())?;
    let accounts = app.services.accounts.as_ref();
    let user = accounts.authenticate(&body.email, SecretString::from(body.password)).await?;
    // The same answer for a wrong password, an unknown address and a disabled account.
    let user = user.ok_or_else(|| {
        AppError::unauthenticated().saying("this e-mail address and password do not match")
    })?;
    let view = user.clone().into();
    let token = session_store::sign_in(&req, accounts, user, from).await?;
    let csrf_token = csrf_token(app.config.secrets.signing_key(), &token);
    Ok(answer::ok(SessionView { user: view, csrf_token }))
}

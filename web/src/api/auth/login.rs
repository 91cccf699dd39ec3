//! `POST /api/auth/login`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::SessionView;
use crate::api::answer;
use crate::door;
use crate::error::AppError;
use crate::extract::Json;
use crate::middleware::authenticate::csrf_token;
use crate::pages::frame;
use crate::state::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LoginInput)]
pub(super) struct Body {
    email: String,
    password: String,
    /// Of the authenticator app, or a recovery code; needed once a second factor is set up.
    #[serde(default)]
    code: Option<String>,
}

/// Signs in and sets the session cookie.
#[utoipa::path(
    post,
    path = "/api/auth/login",
    operation_id = "login",
    tag = "auth",
    request_body = Body,
    responses((status = 200, body = answer::One<SessionView>)),
    extensions(("x-permission" = json!("nothing"))),
)]
pub(super) async fn handle(
    app: Data<App>,
    req: HttpRequest,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let body = body.into_inner();
    let from = frame::origin(&req);
    let user = door::password(&app, &body.email, SecretString::from(body.password), &from).await?;
    door::second_factor(&app, &user, body.code.as_deref(), &from).await?;
    let view = user.clone().into();
    let token = door::enter(&app, &req, user, from).await?;
    let csrf_token = csrf_token(app.config.secrets.signing_key(), &token);
    Ok(answer::ok(SessionView { user: view, csrf_token }))
}

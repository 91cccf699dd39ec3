//! `POST /api/auth/password`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::SessionView;
use crate::api::answer;
use crate::door;
use crate::error::AppError;
use crate::extract::{Json, SignedIn};
use crate::middleware::authenticate::csrf_token;
use crate::pages::frame;
use crate::state::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordChange)]
pub(super) struct Body {
    current_password: String,
    new_password: String,
}

/// Changes one's own password and ends all other sessions.
#[utoipa::path(
    post,
    path = "/api/auth/password",
    operation_id = "change_password",
    tag = "auth",
    request_body = Body,
    responses((status = 200, body = answer::One<SessionView>)),
    extensions(("x-permission" = json!("session"))),
)]
pub(super) async fn handle(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let body = body.into_inner();
    let user = caller.identity.user;
    let (current, new) =
        (SecretString::from(body.current_password), SecretString::from(body.new_password));
    let from = frame::origin(&req);
    let token = door::change_password(&app, &req, &user, current, new, from).await?;
    let csrf_token = csrf_token(app.config.secrets.signing_key(), &token);
    Ok(answer::ok(SessionView { user, csrf_token }))
}

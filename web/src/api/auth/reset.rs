//! `POST /api/auth/reset`, `POST /api/auth/reset/use`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::Json;
use crate::pages::{frame, reset};
use crate::state::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResetRequest)]
pub(super) struct Ask {
    email: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResetUse)]
pub(super) struct Redeem {
    /// The token of a link, or a code.
    token: String,
    new_password: String,
}

/// Mails a link for a new password, where the address is known.
///
/// The same answer whether anybody has the address or not.
#[utoipa::path(
    post,
    path = "/api/auth/reset",
    operation_id = "request_password_reset",
    tag = "auth",
    request_body = Ask,
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("nothing"))),
)]
pub(super) async fn ask(
    app: Data<App>,
    req: HttpRequest,
    body: Json<Ask>,
) -> Result<HttpResponse, AppError> {
    reset::request(&app, body.into_inner().email, frame::origin(&req)).await?;
    Ok(answer::done())
}

/// Sets a new password with the token of a link, or a code.
#[utoipa::path(
    post,
    path = "/api/auth/reset/use",
    operation_id = "use_password_reset",
    tag = "auth",
    request_body = Redeem,
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("nothing"))),
)]
pub(super) async fn redeem(
    app: Data<App>,
    req: HttpRequest,
    body: Json<Redeem>,
) -> Result<HttpResponse, AppError> {
    let body = body.into_inner();
    reset::redeem(&app, &body.token, body.new_password.into(), frame::origin(&req)).await?;
    Ok(answer::done())
}

//! `POST /api/auth/reset`, `POST /api/auth/reset/use`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::api::answer;
use crate::error::AppError;
use crate::extract::Json;
use crate::pages::{frame, reset};
use crate::state::App;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    email: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Redeem {
    /// The token of a link, or a code.
    token: String,
    new_password: String,
}

/// The same answer whether anybody has the address or not.
pub(super) async fn ask(
    app: Data<App>,
    req: HttpRequest,
    body: Json<Ask>,
) -> Result<HttpResponse, AppError> {
    reset::request(&app, body.into_inner().email, frame::origin(&req)).await?;
    Ok(answer::done())
}

pub(super) async fn redeem(
    app: Data<App>,
    req: HttpRequest,
    body: Json<Redeem>,
) -> Result<HttpResponse, AppError> {
    let body = body.into_inner();
    reset::redeem(&app, &body.token, body.new_password.into(), frame::origin(&req)).await?;
    Ok(answer::done())
}

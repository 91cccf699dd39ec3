//! `POST /api/auth/reset/use`

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
pub(super) struct Redeem {
    /// The token of a link, or a code.
    token: String,
    new_password: String,
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

//! `GET /api/auth/me`, `PATCH /api/auth/me`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use crm_core::accounts::ProfileChange;
use serde::Deserialize;
use utoipa::ToSchema;

use super::SessionView;
use crate::api::answer;
use crate::door;
use crate::error::AppError;
use crate::extract::{Caller, Json, SignedIn};
use crate::pages::frame;
use crate::state::App;

/// The caller.
#[utoipa::path(
    get,
    path = "/api/auth/me",
    operation_id = "get_me",
    tag = "auth",
    responses((status = 200, body = answer::One<SessionView>)),
    extensions(("x-permission" = json!("anybody"))),
)]
pub(super) async fn handle(caller: Caller) -> Result<HttpResponse, AppError> {
    let identity = caller.identity;
    Ok(answer::ok(SessionView { user: identity.user, csrf_token: identity.csrf_token }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProfileChange)]
pub(super) struct Body {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    /// Needed for another address.
    #[serde(default)]
    current_password: Option<String>,
}

/// Changes one's own name or address.
#[utoipa::path(
    patch,
    path = "/api/auth/me",
    operation_id = "change_me",
    tag = "auth",
    request_body = Body,
    responses((status = 200, body = answer::One<SessionView>)),
    extensions(("x-permission" = json!("session"))),
)]
pub(super) async fn change(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let body = body.into_inner();
    let change = ProfileChange {
        name: body.name,
        email: body.email,
        current_password: body.current_password.map(Into::into),
    };
    let user = door::change_profile(&app, &caller, change, &frame::origin(&req)).await?;
    let csrf_token = caller.identity.csrf_token;
    Ok(answer::ok(SessionView { user: user.into(), csrf_token }))
}

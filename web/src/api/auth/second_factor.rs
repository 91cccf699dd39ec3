//! `/api/auth/second-factor`: setting a second factor up, its recovery codes, and taking it away.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use crm_core::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::answer;
use crate::door;
use crate::error::AppError;
use crate::extract::{Json, SignedIn};
use crate::pages::frame;
use crate::state::App;

#[derive(Serialize, ToSchema)]
#[schema(as = SecondFactor)]
struct StateView {
    enabled: bool,
    confirmed_at: Option<Timestamp>,
    recovery_codes_left: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SecondFactorEnrolment)]
struct EnrolmentView<'a> {
    secret: &'a str,
    address: &'a str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RecoveryCodes)]
struct CodesView {
    recovery_codes: Vec<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordConfirmation)]
pub(super) struct Password {
    current_password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SecondFactorCode)]
pub(super) struct Code {
    code: String,
}

async fn confirmed(
    app: &App,
    req: &HttpRequest,
    caller: &SignedIn,
    body: Json<Password>,
) -> Result<(), AppError> {
    let password = SecretString::from(body.into_inner().current_password);
    door::confirm(app, &caller.identity.user, password, &frame::origin(req)).await
}

/// Whether a second factor is set up.
#[utoipa::path(
    get,
    path = "/api/auth/second-factor",
    operation_id = "get_second_factor",
    tag = "auth",
    responses((status = 200, body = answer::One<StateView>)),
    extensions(("x-permission" = json!("session"))),
)]
pub(super) async fn state(caller: SignedIn, app: Data<App>) -> Result<HttpResponse, AppError> {
    let state = app.services.second_factors.state(caller.identity.user.id).await?;
    Ok(answer::ok(StateView {
        enabled: state.is_some(),
        confirmed_at: state.map(|state| state.confirmed_at),
        recovery_codes_left: state.map_or(0, |state| state.recovery_codes_left),
    }))
}

/// Begins to set up a second factor.
#[utoipa::path(
    post,
    path = "/api/auth/second-factor",
    operation_id = "begin_second_factor",
    tag = "auth",
    request_body = Password,
    responses((status = 201, body = answer::One<EnrolmentView<'static>>)),
    extensions(("x-permission" = json!("session"))),
)]
pub(super) async fn begin(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
    body: Json<Password>,
) -> Result<HttpResponse, AppError> {
    confirmed(&app, &req, &caller, body).await?;
    let factors = &app.services.second_factors;
    let begun = factors.begin(&caller.actor, caller.identity.user.id).await?;
    Ok(answer::created(EnrolmentView {
        secret: begun.secret.expose_secret(),
        address: begun.address.expose_secret(),
    }))
}

/// Turns the second factor on with its first code.
#[utoipa::path(
    post,
    path = "/api/auth/second-factor/confirm",
    operation_id = "confirm_second_factor",
    tag = "auth",
    request_body = Code,
    responses((status = 200, body = answer::One<CodesView>)),
    extensions(("x-permission" = json!("session"))),
)]
pub(super) async fn confirm(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
    body: Json<Code>,
) -> Result<HttpResponse, AppError> {
    let user = &caller.identity.user;
    door::guess_code(&app, &user.email, &frame::origin(&req)).await?;
    let factors = &app.services.second_factors;
    let recovery_codes = factors.confirm(&caller.actor, user.id, &body.code).await?;
    Ok(answer::ok(CodesView { recovery_codes }))
}

/// Replaces the recovery codes.
#[utoipa::path(
    post,
    path = "/api/auth/second-factor/recovery-codes",
    operation_id = "renew_recovery_codes",
    tag = "auth",
    request_body = Password,
    responses((status = 200, body = answer::One<CodesView>)),
    extensions(("x-permission" = json!("session"))),
)]
pub(super) async fn renew(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
    body: Json<Password>,
) -> Result<HttpResponse, AppError> {
    confirmed(&app, &req, &caller, body).await?;
    let factors = &app.services.second_factors;
    let user_id = caller.identity.user.id;
    let recovery_codes = factors.renew_recovery_codes(&caller.actor, user_id).await?;
    Ok(answer::ok(CodesView { recovery_codes }))
}

/// Takes the second factor away.
#[utoipa::path(
    post,
    path = "/api/auth/second-factor/disable",
    operation_id = "disable_second_factor",
    tag = "auth",
    request_body = Password,
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("session"))),
)]
pub(super) async fn disable(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
    body: Json<Password>,
) -> Result<HttpResponse, AppError> {
    confirmed(&app, &req, &caller, body).await?;
    app.services.second_factors.disable(&caller.actor, caller.identity.user.id).await?;
    Ok(answer::done())
}

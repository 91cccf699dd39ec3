//! `/reset`: a new password for somebody who forgot theirs, by a code an administrator hands over.

use actix_web::web::{Data, Form, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use crm_core::accounts::{AccountsError, MIN_PASSWORD_LENGTH, Origin, User};
use secrecy::SecretString;
use serde::Deserialize;

use super::frame;
use crate::error::AppError;
use crate::state::App;
use crate::views::Flash;
use crate::views::common::FormErrors;
use crate::views::reset::{NewPasswordPage, ResetPage};

/// `/reset…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/reset", web::get().to(show))
        .route("/reset/code", web::get().to(by_code))
        .route("/reset/use", web::post().to(submit))
        .route("/reset/{token}", web::get().to(by_link));
}

/// Sets a new password by a token or code.
///
/// # Errors
/// 410 where it does not work any more, 422 naming `new_password`, 429 after too many tries.
pub async fn redeem(
    app: &App,
    token: &str,
    new: SecretString,
    from: Origin,
) -> Result<User, AppError> {
    app.limits.login("password reset", from.ip_address.as_deref())?;
    let done = app.services.resets.reset_password(token, new, from).await;
    done.map_err(|err| AppError::from(err).renamed("password", "new_password"))
}

async fn show(app: Data<App>, req: HttpRequest) -> Result<HttpResponse, AppError> {
    let view = ResetPage { door: frame::door(&app, &req), ..ResetPage::default() };
    frame::ok(&app, &req, &view)
}

fn new_password(app: &App, req: &HttpRequest, token: &str, by_code: bool) -> NewPasswordPage {
    NewPasswordPage {
        door: frame::door(app, req),
        token: token.to_owned(),
        by_code,
        is_gone: false,
        min_password_length: MIN_PASSWORD_LENGTH,
        errors: FormErrors::none(),
    }
}

async fn by_code(app: Data<App>, req: HttpRequest) -> Result<HttpResponse, AppError> {
    frame::ok(&app, &req, &new_password(&app, &req, "", true))
}

/// Opening a link uses nothing up: mail programs open links too.
async fn by_link(
    app: Data<App>,
    req: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse, AppError> {
    let mut view = new_password(&app, &req, &token, false);
    if app.services.resets.is_reset_open(&token).await? {
        return frame::ok(&app, &req, &view);
    }
    view.is_gone = true;
    let gone = AppError::from(AccountsError::ResetGone);
    frame::again(&app, &req, &gone, &view)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    token: String,
    by_code: String,
    new_password: String,
}

async fn submit(
    app: Data<App>,
    req: HttpRequest,
    form: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let typed = form.into_inner();
    let from = frame::origin(&req);
    match redeem(&app, &typed.token, typed.new_password.into(), from).await {
        Ok(_) => {
            let said = Flash::ok("The password is changed. Sign in with the new one.");
            Ok(frame::lead_to(&app, "/login", Some(said)))
        }
        Err(error) if error.status().is_client_error() => {
            let by_code = typed.by_code == "true";
            let mut view = new_password(&app, &req, &typed.token, by_code);
            view.is_gone = error.code == "reset_gone" && !by_code;
            view.errors = match error.code {
                "reset_gone" => FormErrors::none().with("token", frame::sentence(&error.message)),
                _ => frame::form_errors(&error, &["new_password"]),
            };
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

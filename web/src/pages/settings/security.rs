//! `/settings/security`: the password, and how the second factor stands.

use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::accounts::MIN_PASSWORD_LENGTH;
use secrecy::SecretString;
use serde::Deserialize;

use super::own_shell;
use crate::door;
use crate::error::AppError;
use crate::extract::SignedIn;
use crate::pages::frame;
use crate::state::App;
use crate::views::Flash;
use crate::views::account::{FactorView, SecurityPage};
use crate::views::common::FormErrors;

pub(super) async fn show(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    frame::ok(&app, &req, &view(&app, &req, &caller).await?)
}

pub(super) async fn view(
    app: &App,
    req: &HttpRequest,
    caller: &SignedIn,
) -> Result<SecurityPage, AppError> {
    let factor = app.services.second_factors.state(caller.identity.user.id).await?;
    Ok(SecurityPage {
        shell: own_shell(app, req, caller, "Security").await?,
        min_password_length: MIN_PASSWORD_LENGTH,
        email: caller.identity.user.email.clone(),
        errors: FormErrors::none(),
        second_factor: factor.map(|factor| FactorView {
            confirmed_at: factor.confirmed_at.to_string(),
            recovery_codes_left: factor.recovery_codes_left,
        }),
        factor_errors: FormErrors::none(),
    })
}

#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    current_password: String,
    #[serde(default)]
    new_password: String,
}

pub(super) async fn change_password(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let Typed { current_password, new_password } = typed.into_inner();
    let (current, new) = (SecretString::from(current_password), SecretString::from(new_password));
    let user = &caller.identity.user;
    let from = frame::origin(&req);
    match door::change_password(&app, &req, user, current, new, from).await {
        Ok(_) => {
            let said = Flash::ok("The password is changed. All other sessions have ended.");
            Ok(frame::lead_to(&app, "/settings/security", Some(said)))
        }
        Err(error) if error.is_correctable() => {
            let errors = frame::form_errors(&error, &["current_password", "new_password"]);
            let view = SecurityPage { errors, ..view(&app, &req, &caller).await? };
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

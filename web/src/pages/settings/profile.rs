//! `/settings/profile`: name and address.

use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::accounts::ProfileChange;
use serde::Deserialize;

use super::own_shell;
use crate::door;
use crate::error::AppError;
use crate::extract::SignedIn;
use crate::pages::frame;
use crate::state::App;
use crate::views::Flash;
use crate::views::account::ProfilePage;
use crate::views::common::FormErrors;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    email: String,
    current_password: String,
}

pub(super) async fn show(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let user = &caller.identity.user;
    let view = ProfilePage {
        shell: own_shell(&app, &req, &caller, "Profile").await?,
        name: user.name.clone(),
        email: user.email.clone(),
        errors: FormErrors::none(),
    };
    frame::ok(&app, &req, &view)
}

pub(super) async fn save(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let typed = typed.into_inner();
    let password = typed.current_password;
    let change = ProfileChange {
        name: Some(typed.name.clone()),
        email: Some(typed.email.clone()),
        current_password: (!password.is_empty()).then(|| password.into()),
    };
    match door::change_profile(&app, &caller, change, &frame::origin(&req)).await {
        Ok(_) => {
            let said = Flash::ok("Your profile is saved.");
            Ok(frame::lead_to(&app, "/settings/profile", Some(said)))
        }
        Err(error) if error.is_correctable() => {
            let view = ProfilePage {
                shell: own_shell(&app, &req, &caller, "Profile").await?,
                name: typed.name,
                email: typed.email,
                errors: frame::form_errors(&error, &["name", "email", "current_password"]),
            };
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

//! `/login` and `/logout`.

use actix_web::web::{Data, Form, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::SecretString;
use serde::Deserialize;

use super::frame;
use crate::error::AppError;
use crate::extract::SignedIn;
use crate::middleware::session_store;
use crate::state::App;
use crate::views::common::FormErrors;
use crate::views::door::LoginPage;

/// `/login`, `/logout`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/login").route(web::get().to(show)).route(web::post().to(sign_in)))
        .service(web::resource("/logout").route(web::post().to(sign_out)));
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn show(
    app: Data<App>,
    req: HttpRequest,
    query: Query<Next>,
) -> Result<HttpResponse, AppError> {
    if app.setup.is_open() {
        return Ok(frame::lead_to(&app, "/setup", None));
    }
    if session_store::user(&req).is_some() {
        return Ok(frame::lead_to(&app, frame::local_path(&query.next, "/dashboard"), None));
    }
    let view = LoginPage {
        door: frame::door(&app, &req),
        next: frame::local_path(&query.next, "").to_owned(),
        ..LoginPage::default()
    };
    frame::ok(&app, &req, &view)
}

#[derive(Deserialize)]
struct SignIn {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

async fn sign_in(
    app: Data<App>,
    req: HttpRequest,
    form: Form<SignIn>,
) -> Result<HttpResponse, AppError> {
    let form = form.into_inner();
    match try_sign_in(&app, &req, &form).await {
        Ok(()) => Ok(frame::lead_to(&app, frame::local_path(&form.next, "/dashboard"), None)),
        Err(error) if error.status().is_client_error() => {
            let view = LoginPage {
                door: frame::door(&app, &req),
                email: form.email,
                next: frame::local_path(&form.next, "").to_owned(),
                errors: FormErrors::none().with("password", frame::sentence(&error.message)),
                ..LoginPage::default()
            };
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

async fn try_sign_in(app: &App, req: &HttpRequest, form: &SignIn) -> Result<(), AppError> {
    let from = frame::origin(req);
    app.limits.login(&form.email, from.ip_address.as_deref())?;
    let accounts = app.services.accounts.as_ref();
    let user =
        accounts.authenticate(&form.email, SecretString::from(form.password.clone())).await?;
    // One sentence for a wrong password, an unknown address and a disabled account.
    let user = user.ok_or_else(|| {
        AppError::invalid("password", "this e-mail address and password do not match")
    })?;
    session_store::sign_in(req, accounts, user, from).await?;
    Ok(())
}

async fn sign_out(_: SignedIn, app: Data<App>, req: HttpRequest) -> Result<HttpResponse, AppError> {
    session_store::sign_out(&req, app.services.accounts.as_ref(), frame::origin(&req)).await?;
    Ok(frame::lead_to(&app, "/login", None))
}

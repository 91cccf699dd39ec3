//! `/login` and `/logout`.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use crm_core::accounts::User;
use secrecy::SecretString;
use serde::Deserialize;

use super::{frame, second_step};
use crate::door;
use crate::error::AppError;
use crate::extract::SignedIn;
use crate::middleware::session_store;
use crate::state::App;
use crate::views::common::FormErrors;
use crate::views::door::LoginPage;

/// `/login`, `/login/code`, `/logout`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/login").route(web::get().to(show)).route(web::post().to(sign_in)))
        .service(
            web::resource("/login/code")
                .route(web::get().to(second_step::show))
                .route(web::post().to(second_step::submit)),
        )
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
        Ok(None) => Ok(frame::lead_to(&app, frame::local_path(&form.next, "/dashboard"), None)),
        Ok(Some(waiting)) => Ok(second_step::ask(&app, &waiting, &form.next)),
        Err(error) if error.status().is_client_error() => {
            // A form with a mistake in it, not a page that somebody has to sign in for.
            let error = match error.status() {
                StatusCode::UNAUTHORIZED => AppError::invalid("password", error.message),
                _ => error,
            };
            let view = LoginPage {
                door: frame::door(&app, &req),
                email: form.email,
                next: frame::local_path(&form.next, "").to_owned(),
                errors: FormErrors::none().with("password", frame::sentence(&error.message)),
            };
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

/// Signs in; the user where a second factor is still to come.
async fn try_sign_in(
    app: &App,
    req: &HttpRequest,
    form: &SignIn,
) -> Result<Option<User>, AppError> {
    let from = frame::origin(req);
    let password = SecretString::from(form.password.clone());
    let user = door::password(app, &form.email, password, &from).await?;
    if app.services.second_factors.state(user.id).await?.is_some() {
        return Ok(Some(user));
    }
    door::enter(app, req, user, from).await?;
    Ok(None)
}

async fn sign_out(_: SignedIn, app: Data<App>, req: HttpRequest) -> Result<HttpResponse, AppError> {
    session_store::sign_out(&req, app.services.accounts.as_ref(), frame::origin(&req)).await?;
    let mut answer = frame::lead_to(&app, "/login", None);
    session_store::clear_browser(&mut answer);
    Ok(answer)
}

//! `/reset`: a new password for somebody who forgot theirs, by a link that is mailed or a code an administrator hands
//! over. Whoever asks learns nothing about who has an account here.

use actix_web::web::{Data, Form, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use crm_core::EmailAddress;
use crm_core::accounts::{Entry, MIN_PASSWORD_LENGTH, Origin, RESET_LIFETIME, User};
use secrecy::SecretString;
use serde::Deserialize;

use super::frame;
use crate::door;
use crate::error::AppError;
use crate::mailer::{self, Mailed};
use crate::state::App;
use crate::views::Flash;
use crate::views::common::FormErrors;
use crate::views::reset::{NewPasswordPage, ResetMail, ResetPage};

/// `/reset…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/reset").route(web::get().to(show)).route(web::post().to(ask)))
        .route("/reset/code", web::get().to(by_code))
        .route("/reset/use", web::post().to(submit))
        .route("/reset/{token}", web::get().to(by_link));
}

/// Mails a link to whoever has the address. The work happens after the answer, which therefore takes as long for
/// unknown addresses as for known ones.
///
/// # Errors
/// 429 after too many requests.
pub async fn request(app: &Data<App>, email: String, from: Origin) -> Result<(), AppError> {
    door::ask_for_reset(app, &email, &from).await?;
    // Links lead to the address the settings name, never to one the request names.
    let Some(public_url) = app.config.public_url.clone() else { return Ok(()) };
    let app = Data::clone(app);
    actix_web::rt::spawn(async move {
        if let Err(error) = mail_link(&app, &email, &public_url, from).await {
            tracing::error!(%error, "a link for a new password could not be mailed");
        }
    });
    Ok(())
}

async fn mail_link(app: &App, email: &str, public_url: &str, from: Origin) -> Result<(), AppError> {
    let Some((user, token)) = app.services.resets.request_reset(email, from).await? else {
        return Ok(());
    };
    let mail = ResetMail {
        name: user.name.clone(),
        link: format!("{public_url}/reset/{token}"),
        minutes: RESET_LIFETIME.as_secs() / 60,
    };
    mail_to(app, &user, &mail).await
}

/// Sends by the first of the person's workspaces that can.
async fn mail_to(app: &App, user: &User, mail: &ResetMail) -> Result<(), AppError> {
    let accounts = &app.services.accounts;
    let to = EmailAddress::parse(&user.email).map_err(AppError::internal)?;
    for membership in accounts.memberships(user.id).await? {
        let entry = accounts.enter(user.id, Some(membership.workspace.id), None).await?;
        let Entry::Entered(scope) = entry else { continue };
        match mailer::send(app, &scope, &to, mail).await? {
            Mailed::Sent => return Ok(()),
            Mailed::NoProvider => {}
            Mailed::Failed(why) => tracing::warn!(why, "a mail server refused a link"),
        }
    }
    tracing::warn!("somebody asked for a new password, and none of their workspaces can send mail");
    Ok(())
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
    frame::ok(&app, &req, &view(&app, &req))
}

fn view(app: &App, req: &HttpRequest) -> ResetPage {
    ResetPage {
        door: frame::door(app, req),
        by_mail: app.config.public_url.is_some(),
        ..ResetPage::default()
    }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    email: String,
}

async fn ask(
    app: Data<App>,
    req: HttpRequest,
    form: Form<Asked>,
) -> Result<HttpResponse, AppError> {
    let email = form.into_inner().email;
    match request(&app, email.clone(), frame::origin(&req)).await {
        Ok(()) => {
            let said = Flash::info(
                "If somebody here has this address and the server can send mail, a link is on its way.",
            );
            Ok(frame::lead_to(&app, "/reset", Some(said)))
        }
        Err(error) if error.status().is_client_error() => {
            let errors = FormErrors::none().with("email", frame::sentence(&error.message));
            let view = ResetPage { email, errors, ..view(&app, &req) };
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
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
    let gone = AppError::from(crm_core::accounts::AccountsError::ResetGone);
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

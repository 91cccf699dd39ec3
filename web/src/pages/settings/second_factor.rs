//! `/settings/security/second-factor`: setting a second factor up, its recovery codes, and taking it away.

use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::accounts::AccountsError;
use qrcode::{Color, EcLevel, QrCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::{own_shell, security};
use crate::door;
use crate::error::AppError;
use crate::extract::SignedIn;
use crate::pages::frame;
use crate::state::App;
use crate::views::Flash;
use crate::views::account::{RecoveryCodesPage, SecondFactorPage, SecurityPage};
use crate::views::common::FormErrors;

const SECURITY: &str = "/settings/security";
const PAGE: &str = "/settings/security/second-factor";

#[derive(Deserialize)]
pub(super) struct Password {
    #[serde(default)]
    factor_password: String,
}

#[derive(Deserialize)]
pub(super) struct Code {
    #[serde(default)]
    code: String,
}

/// The security page again, with what is wrong in the second factor's form.
async fn again(
    app: &App,
    req: &HttpRequest,
    caller: &SignedIn,
    error: AppError,
) -> Result<HttpResponse, AppError> {
    if !error.is_correctable() {
        return Err(error);
    }
    let error = error.renamed("current_password", "factor_password");
    let factor_errors = frame::form_errors(&error, &["factor_password"]);
    let view = SecurityPage { factor_errors, ..security::view(app, req, caller).await? };
    frame::again(app, req, &error, &view)
}

pub(super) async fn begin(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
    typed: Form<Password>,
) -> Result<HttpResponse, AppError> {
    let (user, from) = (&caller.identity.user, frame::origin(&req));
    let password = SecretString::from(typed.into_inner().factor_password);
    if let Err(error) = door::confirm(&app, user, password, &from).await {
        return again(&app, &req, &caller, error).await;
    }
    match app.services.second_factors.begin(&caller.actor, user.id).await {
        Ok(_) => Ok(frame::lead_to(&app, PAGE, None)),
        Err(AccountsError::FactorExists) => Ok(frame::lead_to(&app, SECURITY, None)),
        Err(err) => Err(err.into()),
    }
}

pub(super) async fn show(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    match view(&app, &req, &caller, FormErrors::none()).await? {
        Some(view) => frame::ok(&app, &req, &view),
        None => Ok(frame::lead_to(&app, SECURITY, None)),
    }
}

async fn view(
    app: &App,
    req: &HttpRequest,
    caller: &SignedIn,
    errors: FormErrors,
) -> Result<Option<SecondFactorPage>, AppError> {
    let begun = app.services.second_factors.begun(caller.identity.user.id).await?;
    let Some(begun) = begun else { return Ok(None) };
    let (picture, picture_size) = picture(begun.address.expose_secret())?;
    Ok(Some(SecondFactorPage {
        shell: own_shell(app, req, caller, "Set up a second factor").await?,
        secret: in_fours(begun.secret.expose_secret()),
        picture,
        picture_size,
        errors,
    }))
}

fn in_fours(secret: &str) -> String {
    secret.chars().enumerate().fold(String::new(), |mut text, (at, character)| {
        if at > 0 && at % 4 == 0 {
            text.push(' ');
        }
        text.push(character);
        text
    })
}

/// A QR code as the path of an SVG, and how many squares it has on one side.
fn picture(text: &str) -> Result<(String, usize), AppError> {
    use std::fmt::Write as _;
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(AppError::internal)?;
    let size = code.width();
    let mut path = String::new();
    for (row, colors) in code.to_colors().chunks(size).enumerate() {
        for (column, color) in colors.iter().enumerate() {
            if *color == Color::Dark {
                // Writing to a String cannot fail.
                let _ = write!(path, "M{column} {row}h1v1h-1z");
            }
        }
    }
    Ok((path, size))
}

pub(super) async fn confirm(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
    typed: Form<Code>,
) -> Result<HttpResponse, AppError> {
    let user = &caller.identity.user;
    door::guess_code(&app, &user.email, &frame::origin(&req)).await?;
    let confirmed = app.services.second_factors.confirm(&caller.actor, user.id, &typed.code).await;
    match confirmed {
        Ok(codes) => codes_page(&app, &req, &caller, codes, true).await,
        Err(AccountsError::NoFactor) => Ok(frame::lead_to(&app, SECURITY, None)),
        Err(err) => {
            let error = AppError::from(err);
            let errors = frame::form_errors(&error, &["code"]);
            match view(&app, &req, &caller, errors).await? {
                Some(view) if error.is_correctable() => frame::again(&app, &req, &error, &view),
                _ => Err(error),
            }
        }
    }
}

/// Not a redirect: the codes are in this answer and nowhere else.
async fn codes_page(
    app: &App,
    req: &HttpRequest,
    caller: &SignedIn,
    codes: Vec<String>,
    is_new: bool,
) -> Result<HttpResponse, AppError> {
    let shell = own_shell(app, req, caller, "Recovery codes").await?;
    frame::ok(app, req, &RecoveryCodesPage { shell, codes, is_new })
}

pub(super) async fn renew(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
    typed: Form<Password>,
) -> Result<HttpResponse, AppError> {
    let (user, from) = (&caller.identity.user, frame::origin(&req));
    let password = SecretString::from(typed.into_inner().factor_password);
    if let Err(error) = door::confirm(&app, user, password, &from).await {
        return again(&app, &req, &caller, error).await;
    }
    let codes = app.services.second_factors.renew_recovery_codes(&caller.actor, user.id).await?;
    codes_page(&app, &req, &caller, codes, false).await
}

pub(super) async fn disable(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
    typed: Form<Password>,
) -> Result<HttpResponse, AppError> {
    let (user, from) = (&caller.identity.user, frame::origin(&req));
    let password = SecretString::from(typed.into_inner().factor_password);
    if let Err(error) = door::confirm(&app, user, password, &from).await {
        return again(&app, &req, &caller, error).await;
    }
    app.services.second_factors.disable(&caller.actor, user.id).await?;
    let said = Flash::ok("The second factor is off.");
    Ok(frame::lead_to(&app, SECURITY, Some(said)))
}

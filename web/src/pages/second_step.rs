//! `/login/code`: the second step of a sign-in. Between the steps there is no session: a signed cookie says whose
//! password was right, for five minutes and for as long as that password is theirs.

use std::time::Duration;

use actix_web::cookie::time::Duration as CookieAge;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Query};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::accounts::User;
use crm_core::{Timestamp, UserId, token};
use serde::Deserialize;

use super::{errors, frame};
use crate::door;
use crate::error::AppError;
use crate::state::App;
use crate::views::Flash;
use crate::views::common::FormErrors;
use crate::views::door::SecondStepPage;

const COOKIE: &str = "pi-crm-code";
const PATH: &str = "/login/code";
/// How long somebody may take to find their phone.
const LIFETIME: Duration = Duration::from_mins(5);

/// Leads on to the second step.
pub(super) fn ask(app: &App, user: &User, next: &str) -> HttpResponse {
    let until = app.services.ctx.now().plus(LIFETIME);
    let value = format!("{}.{}.{}", user.id, until.unix_millis(), signature(app, user, until));
    let next = match frame::local_path(next, "") {
        "" => PATH.to_owned(),
        next => format!("{PATH}?next={}", errors::serde_urlencode(next)),
    };
    let mut answer = frame::lead_to(app, &next, None);
    // A cookie that cannot be written leaves the person where they were.
    let _ = answer.add_cookie(&cookie(app, value, CookieAge::minutes(5)));
    answer
}

fn signature(app: &App, user: &User, until: Timestamp) -> String {
    let message = format!("{}\n{}\n{}", user.id, until.unix_millis(), user.stamp);
    token::sign(app.config.secrets.signing_key(), "second step", &message)
}

fn cookie(app: &App, value: String, lifetime: CookieAge) -> Cookie<'static> {
    Cookie::build(COOKIE, value)
        .path(PATH)
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.config.is_https())
        .max_age(lifetime)
        .finish()
}

/// Whose password was right a moment ago.
async fn waiting(app: &App, req: &HttpRequest) -> Result<Option<User>, AppError> {
    let Some(cookie) = req.cookie(COOKIE) else { return Ok(None) };
    let mut parts = cookie.value().splitn(3, '.');
    let (Some(id), Some(until), Some(signed)) = (parts.next(), parts.next(), parts.next()) else {
        return Ok(None);
    };
    let (Ok(id), Ok(millis)) = (id.parse::<UserId>(), until.parse::<i64>()) else {
        return Ok(None);
    };
    let now = app.services.ctx.now();
    let left = u64::try_from(millis.saturating_sub(now.unix_millis())).unwrap_or_default();
    if left == 0 || Duration::from_millis(left) > LIFETIME {
        return Ok(None);
    }
    let user = app.services.credentials.user(id).await?;
    let until = now.plus(Duration::from_millis(left));
    Ok(user.filter(|user| {
        user.disabled_at.is_none() && token::equal(signed, &signature(app, user, until))
    }))
}

fn start_again(app: &App) -> HttpResponse {
    let said = Flash::info("That took too long. Sign in again.");
    frame::lead_to(app, "/login", Some(said))
}

#[derive(Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

pub(super) async fn show(
    app: Data<App>,
    req: HttpRequest,
    query: Query<Next>,
) -> Result<HttpResponse, AppError> {
    if waiting(&app, &req).await?.is_none() {
        return Ok(start_again(&app));
    }
    let view = SecondStepPage {
        door: frame::door(&app, &req),
        next: frame::local_path(&query.next, "").to_owned(),
        errors: FormErrors::none(),
    };
    frame::ok(&app, &req, &view)
}

#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn submit(
    app: Data<App>,
    req: HttpRequest,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let Some(user) = waiting(&app, &req).await? else { return Ok(start_again(&app)) };
    let from = frame::origin(&req);
    match door::second_factor(&app, &user, Some(&typed.code), &from).await {
        Ok(()) => {
            door::enter(&app, &req, user, from).await?;
            let mut answer =
                frame::lead_to(&app, frame::local_path(&typed.next, "/dashboard"), None);
            let gone = cookie(&app, String::new(), CookieAge::ZERO);
            answer.add_cookie(&gone).map_err(AppError::internal)?;
            Ok(answer)
        }
        Err(error) if error.status().is_client_error() => {
            let error = match error.status() {
                StatusCode::UNAUTHORIZED => AppError::invalid("code", error.message),
                _ => error,
            };
            let view = SecondStepPage {
                door: frame::door(&app, &req),
                next: frame::local_path(&typed.next, "").to_owned(),
                errors: FormErrors::none().with("code", frame::sentence(&error.message)),
            };
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

//! `/settings/appearance`: light, dark, or as the device says. Kept in a cookie, so that the first paint is right.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame::{self, THEME_COOKIE};
use crate::state::App;
use crate::views::settings::AppearancePage;
use crate::views::{Flash, Section};

pub(super) async fn show(
    allow: Allow<rights::WorkspaceRead>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let shell = frame::shell(&app, &req, &allow, Section::Settings, "Appearance").await?;
    frame::ok(&app, &req, &AppearancePage { shell })
}

#[derive(Deserialize)]
pub(super) struct Typed {
    theme: Choice,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Choice {
    Auto,
    Light,
    Dark,
}

pub(super) async fn save(
    _: Allow<rights::WorkspaceRead>,
    app: Data<App>,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let (value, lifetime) = match typed.theme {
        Choice::Auto => ("", Duration::ZERO),
        Choice::Light => ("light", Duration::days(400)),
        Choice::Dark => ("dark", Duration::days(400)),
    };
    let cookie = Cookie::build(THEME_COOKIE, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.config.is_https())
        .max_age(lifetime)
        .finish();
    let mut answer = frame::lead_to(&app, "/settings/appearance", Some(Flash::ok("Saved.")));
    answer.add_cookie(&cookie).map_err(AppError::internal)?;
    Ok(answer)
}

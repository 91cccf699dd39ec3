//! `POST /settings/providers/{id}/connect` and `/disconnect`, and `GET /oauth/callback`, where a person comes back to.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::ProviderId;
use crm_providers::providers::{Return, Visitor};
use serde::Deserialize;

use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::middleware::session_store;
use crate::pages::frame;
use crate::state::App;
use crate::views::mailbox::MailboxGoPage;
use crate::views::{Flash, Section};

/// Where the service sends people back to. It has to be entered there, letter by letter.
pub(super) fn redirect(app: &App) -> String {
    let base = app.config.public_url.clone();
    let base = base.unwrap_or_else(|| format!("http://localhost:{}", app.config.port));
    format!("{base}/oauth/callback")
}

fn visitor(
    allow: &Allow<rights::ProvidersWrite>,
    app: &App,
    req: &HttpRequest,
) -> Result<Visitor, AppError> {
    let session = session_store::token(req).ok_or_else(AppError::not_found)?;
    Ok(Visitor {
        user_id: allow.identity().user.id,
        session: session.into(),
        redirect: redirect(app),
    })
}

/// What went wrong, shown on the page of providers where a person can do something about it.
fn told(app: &App, error: AppError) -> Result<HttpResponse, AppError> {
    if error.is_correctable() {
        let said = Flash::bad(frame::sentence(&error.message));
        return Ok(frame::lead_to(app, "/settings/providers", Some(said)));
    }
    Err(error)
}

pub(super) async fn connect(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ProviderId>,
) -> Result<HttpResponse, AppError> {
    let providers = &app.services.providers;
    let found = providers.get(allow.scope(), *id).await?.ok_or_else(AppError::not_found)?;
    let visitor = visitor(&allow, &app, &req)?;
    let begun = providers.connect(allow.scope(), *id, &visitor).await.map_err(AppError::from);
    let url = match begun {
        Ok(url) => url.ok_or_else(AppError::not_found)?,
        Err(error) => return told(&app, error),
    };
    let title = format!("Connect {}", found.name);
    let service = if found.config.kind() == "outlook" { "Microsoft" } else { "Google" };
    let view = MailboxGoPage {
        shell: frame::shell(&app, &req, &allow, Section::Settings, title).await?,
        name: found.name,
        service: service.to_owned(),
        url,
    };
    frame::ok(&app, &req, &view)
}

#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    state: String,
    code: Option<String>,
    error: Option<String>,
}

pub(super) async fn back(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
    back: Query<Back>,
) -> Result<HttpResponse, AppError> {
    let Back { state, code, error } = back.into_inner();
    let visitor = visitor(&allow, &app, &req)?;
    let back = Return { state, code, error };
    let connected = app.services.providers.connected(allow.scope(), &visitor, back).await;
    match connected.map_err(AppError::from) {
        Ok(provider) => {
            let account = provider.account.unwrap_or_default();
            let said = format!("{} is connected as {account}. Send a test now.", provider.name);
            Ok(frame::lead_to(&app, "/settings/providers", Some(Flash::ok(said))))
        }
        Err(error) => told(&app, error),
    }
}

pub(super) async fn disconnect(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    id: Path<ProviderId>,
) -> Result<HttpResponse, AppError> {
    let there = app.services.providers.disconnect(allow.scope(), *id).await?;
    if !there {
        return Err(AppError::not_found());
    }
    let said = Flash::ok("The mailbox is disconnected.");
    Ok(frame::lead_to(&app, "/settings/providers", Some(said)))
}

//! `POST /import/{id}/run`, `/cancel`, `GET /import/{id}`, `/errors.csv`: the run and its report.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::import::ImportState;
use crm_core::ImportId;

use super::check::Rules;
use super::{convert, undo};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::imports::ImportRunPage;
use crate::views::{Flash, Section};

/// Seconds until the page asks again without JavaScript.
const REFRESH: u32 = 2;

pub(super) async fn start(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<ImportId>,
    form: Form<Rules>,
) -> Result<HttpResponse, AppError> {
    let import = convert::find(&app, allow.scope(), *id).await?;
    let plan = form.plan(&import, false)?;
    let planned = app.services.imports.plan(allow.scope(), *id, plan).await?;
    planned.ok_or_else(AppError::not_found)?;
    (app.poke)();
    Ok(frame::lead_to(&app, &format!("/import/{id}"), None))
}

pub(super) async fn show(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ImportId>,
) -> Result<HttpResponse, AppError> {
    let import = convert::find(&app, allow.scope(), *id).await?;
    if import.state == ImportState::Uploaded {
        return Ok(frame::lead_to(&app, &format!("/import/{id}/map"), None));
    }
    let progress = convert::progress(&import);
    if frame::is_partial(&req) {
        let part = app.views.component("imports.progress", "progress", &progress);
        return Ok(frame::html_answer(
            &app,
            &req,
            StatusCode::OK,
            part.map_err(AppError::internal)?,
        ));
    }
    let working = convert::is_working(&import) || undo::is_working(&import);
    let mut shell = frame::shell(&app, &req, &allow, Section::Import, "Import").await?;
    shell.refresh_seconds = working.then_some(REFRESH);
    let problems =
        if working { Vec::new() } else { convert::problems(&app, allow.scope(), *id).await? };
    let view = ImportRunPage {
        shell,
        import: convert::head(&import),
        progress,
        problems,
        undo: undo::view(&app, allow.scope(), &import).await?,
    };
    frame::ok(&app, &req, &view)
}

pub(super) async fn cancel(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<ImportId>,
) -> Result<HttpResponse, AppError> {
    let stopped = app.services.imports.cancel(allow.scope(), *id).await?;
    stopped.ok_or_else(AppError::not_found)?;
    let said = Flash::info("The import was stopped. Rows read so far stay.");
    Ok(frame::lead_to(&app, &format!("/import/{id}"), Some(said)))
}

pub(super) async fn errors_csv(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    id: Path<ImportId>,
) -> Result<HttpResponse, AppError> {
    let csv = app.services.imports.errors_csv(allow.scope(), *id).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"errors.csv\""))
        .body(csv.ok_or_else(AppError::not_found)?))
}

//! `GET, POST /import`: earlier imports, and a new file.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::import::{Import, ImportState};
use crm_core::PageRequest;

use super::convert;
use crate::error::AppError;
use crate::extract::{Allow, Right, Upload, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::Section;
use crate::views::common::FormErrors;
use crate::views::imports::{ImportRow, ImportsPage};

/// Largest file, as the page says it.
const MAX_MEGABYTES: u64 = 64;

pub(super) async fn show(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let view = view(&app, &req, &allow, FormErrors::none()).await?;
    frame::ok(&app, &req, &view)
}

async fn view<R: Right>(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<R>,
    errors: FormErrors,
) -> Result<ImportsPage, AppError> {
    let history = app.services.imports.list(allow.scope(), PageRequest::default()).await?;
    Ok(ImportsPage {
        shell: frame::shell(app, req, allow, Section::Import, "Import contacts").await?,
        history: history.items.into_iter().map(row).collect(),
        errors,
        max_megabytes: MAX_MEGABYTES,
    })
}

fn row(import: Import) -> ImportRow {
    let id = import.id;
    let url = match import.state {
        ImportState::Uploaded => format!("/import/{id}/map"),
        _ if import.dry_run => format!("/import/{id}/check"),
        _ => format!("/import/{id}"),
    };
    // A trial changed nothing: its import is not finished yet.
    let state = if import.dry_run { ImportState::Uploaded } else { import.state };
    ImportRow {
        url,
        state: convert::state(state).to_owned(),
        counts: convert::counts(import.counts),
        created_at: import.created_at.to_string(),
        file_name: import.file_name,
    }
}

pub(super) async fn upload(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    mut upload: Upload,
) -> Result<HttpResponse, AppError> {
    let stored = match upload.files.remove("file") {
        Some(file) if !file.bytes.is_empty() => {
            let imports = &app.services.imports;
            imports.upload(allow.scope(), &file.file_name, file.bytes).await.map_err(AppError::from)
        }
        _ => Err(AppError::invalid("file", "choose a CSV or vCard file")),
    };
    match stored {
        Ok(import) => Ok(frame::lead_to(&app, &format!("/import/{}/map", import.id), None)),
        Err(error) if error.status().is_client_error() => {
            let errors = frame::form_errors(&error, &["file"]);
            let view = view(&app, &req, &allow, errors).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

//! `/api/import`: CSV files and vCards.

use actix_web::http::header;
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpResponse, http::StatusCode};
use crm_contacts::import::{Import, ImportMode, ImportPlan, ImportState, Mapping};
use crm_core::{ImportId, ListId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::answer;
use crate::error::AppError;
use crate::extract::{Allow, PageQuery, Query, Upload, rights};
use crate::state::App;

mod undo;

/// `/api/import…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/import").route(web::get().to(list)).route(web::post().to(create)))
        .route("/import/{id}", web::get().to(get))
        .route("/import/{id}/errors.csv", web::get().to(errors_csv))
        .route("/import/{id}/cancel", web::post().to(cancel))
        .route("/import/{id}/undo", web::post().to(undo::handle))
        .route("/import/{id}/kept", web::get().to(undo::kept));
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(list, create, get, errors_csv, cancel, undo::handle, undo::kept))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
#[schema(as = Import)]
struct View {
    id: ImportId,
    file_name: String,
    state: ImportState,
    dry_run: bool,
    mode: ImportMode,
    list_id: Option<ListId>,
    /// Column of the file → field of the contact.
    #[schema(value_type = BTreeMap<String, String>)]
    mapping: Mapping,
    total: u64,
    created: u64,
    updated: u64,
    skipped: u64,
    failed: u64,
    error: Option<String>,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
    /// What undoing came to, once that was asked for.
    undo: Option<undo::View>,
}

impl From<Import> for View {
    fn from(import: Import) -> Self {
        Self {
            id: import.id,
            file_name: import.file_name,
            state: import.state,
            dry_run: import.dry_run,
            mode: import.mode,
            list_id: import.list_id,
            mapping: import.mapping,
            total: import.counts.total,
            created: import.counts.created,
            updated: import.counts.updated,
            skipped: import.counts.skipped,
            failed: import.counts.failed,
            error: import.error,
            created_at: import.created_at,
            finished_at: import.finished_at,
            undo: import.undo.map(undo::View::from),
        }
    }
}

/// A CSV or vCard file and what to do with it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `create` reads")]
struct CsvUpload {
    /// The CSV file, or the vCards (`.vcf`, version 2.1, 3.0 or 4.0), at most 64 MB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// JSON: column of the file → field of the contact or `custom.<name>`; guessed where it is left out. Cards have the
    /// columns `First name`, `Last name`, `Email`, `Phone`, `Company`, `Job title`, `Birthday`, `Website`, `Tags`,
    /// `Notes` and others; properties without one are columns by their names.
    mapping: Option<String>,
    /// What to do with a contact that is there already.
    mode: Option<ImportMode>,
    /// The list to put every contact on.
    list_id: Option<ListId>,
    /// Only say what would happen.
    dry_run: Option<bool>,
}

/// A field of the form read as one of a few words.
fn word<T: for<'de> Deserialize<'de>>(upload: &Upload, name: &str) -> Result<Option<T>, AppError> {
    let Some(text) = upload.field(name) else { return Ok(None) };
    let value = serde_json::Value::String(text.to_owned());
    serde_json::from_value(value).map(Some).map_err(|err| AppError::invalid(name, err.to_string()))
}

fn plan(upload: &Upload) -> Result<ImportPlan, AppError> {
    let mapping = upload.field("mapping").map(|text| {
        serde_json::from_str::<Mapping>(text).map_err(|err| {
            AppError::invalid("mapping", format!("must be a JSON object of column to field: {err}"))
        })
    });
    let dry_run = match upload.field("dry_run") {
        None | Some("false" | "0") => false,
        Some("true" | "1" | "on") => true,
        Some(_) => return Err(AppError::invalid("dry_run", "must be true or false")),
    };
    Ok(ImportPlan {
        mapping: mapping.transpose()?,
        mode: word(upload, "mode")?.unwrap_or_default(),
        list_id: word(upload, "list_id")?,
        dry_run,
    })
}

/// Takes a CSV or vCard file and queues it.
#[utoipa::path(
    post,
    path = "/api/import",
    operation_id = "create_import",
    tag = "import",
    request_body(content = CsvUpload, content_type = "multipart/form-data"),
    responses((status = 202, body = answer::One<View>)),
    extensions(("x-permission" = json!("contacts:write"))),
)]
async fn create(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    mut upload: Upload,
) -> Result<HttpResponse, AppError> {
    let plan = plan(&upload)?;
    let file = upload
        .files
        .remove("file")
        .ok_or_else(|| AppError::invalid("file", "choose a CSV or vCard file"))?;
    let imports = &app.services.imports;
    let stored = imports.upload(allow.scope(), &file.file_name, file.bytes).await?;
    let queued = imports.plan(allow.scope(), stored.id, plan).await?;
    (app.poke)();
    let import = queued.ok_or_else(AppError::not_found)?;
    Ok(answer::with(StatusCode::ACCEPTED, View::from(import)))
}

/// Imports.
#[utoipa::path(
    get,
    path = "/api/import",
    operation_id = "list_imports",
    tag = "import",
    params(PageQuery),
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("contacts:read"))),
)]
async fn list(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    params: Query<PageQuery>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.imports.list(allow.scope(), params.request()?).await?;
    Ok(answer::page(found, View::from))
}

/// One import and its counts.
#[utoipa::path(
    get,
    path = "/api/import/{id}",
    operation_id = "get_import",
    tag = "import",
    params(("id" = ImportId, Path, description = "The import")),
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("contacts:read"))),
)]
async fn get(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    id: Path<ImportId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.imports.get(allow.scope(), *id).await?;
    Ok(answer::ok(View::from(found.ok_or_else(AppError::not_found)?)))
}

/// The rows that failed, each with a reason.
#[utoipa::path(
    get,
    path = "/api/import/{id}/errors.csv",
    operation_id = "get_import_errors",
    tag = "import",
    params(("id" = ImportId, Path, description = "The import")),
    responses((status = 200, body = String, content_type = "text/csv")),
    extensions(("x-permission" = json!("contacts:read"))),
)]
async fn errors_csv(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    id: Path<ImportId>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.imports.errors_csv(allow.scope(), *id).await?;
    let csv = found.ok_or_else(AppError::not_found)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"errors.csv\""))
        .body(csv))
}

/// Stops an import; rows read so far stay.
#[utoipa::path(
    post,
    path = "/api/import/{id}/cancel",
    operation_id = "cancel_import",
    tag = "import",
    params(("id" = ImportId, Path, description = "The import")),
    responses((status = 200, body = answer::One<View>)),
    extensions(("x-permission" = json!("contacts:write"))),
)]
async fn cancel(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<ImportId>,
) -> Result<HttpResponse, AppError> {
    let stopped = app.services.imports.cancel(allow.scope(), *id).await?;
    Ok(answer::ok(View::from(stopped.ok_or_else(AppError::not_found)?)))
}

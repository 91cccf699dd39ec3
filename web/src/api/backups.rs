//! `/api/backups`: backups of the whole installation, for whoever runs it.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{self, Bytes, Data, Path, ServiceConfig};
use crm_backup::Backup;
use crm_core::{BackupId, Timestamp};
use futures::stream;
use serde::Serialize;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use utoipa::{OpenApi, ToSchema};

use super::answer;
use crate::error::AppError;
use crate::extract::Administrator;
use crate::state::App;

/// Bytes of a file that are in memory at a time.
const CHUNK: usize = 64 * 1024;

/// `/api/backups…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(web::resource("/backups").route(web::get().to(list)).route(web::post().to(create)))
        .route("/backups/{id}/download", web::get().to(download));
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(list, create, download))]
pub(super) struct Document;

#[derive(Serialize, ToSchema)]
#[schema(as = Backup)]
struct View {
    id: BackupId,
    path: String,
    created_at: Timestamp,
    bytes: u64,
    verified: bool,
}

impl From<Backup> for View {
    fn from(backup: Backup) -> Self {
        let Backup { id, path, created_at, bytes, verified } = backup;
        Self { id, path, created_at, bytes, verified }
    }
}

/// Backups, newest first.
#[utoipa::path(
    get,
    path = "/api/backups",
    operation_id = "list_backups",
    tag = "backups",
    responses((status = 200, body = answer::Many<View>)),
    extensions(("x-permission" = json!("administrator"))),
)]
async fn list(_: Administrator, app: Data<App>) -> Result<HttpResponse, AppError> {
    let backups = app.services.backups.list().await?;
    Ok(answer::whole::<View>(backups.into_iter().map(View::from).collect()))
}

/// Makes a backup and checks it, which takes its time.
#[utoipa::path(
    post,
    path = "/api/backups",
    operation_id = "create_backup",
    tag = "backups",
    responses((status = 201, body = answer::One<View>)),
    extensions(("x-permission" = json!("administrator"))),
)]
async fn create(admin: Administrator, app: Data<App>) -> Result<HttpResponse, AppError> {
    let made = app.services.backups.create(&admin.actor).await?;
    Ok(answer::created(View::from(made)))
}

/// A backup as a file. `zstd -d` makes a SQLite database of it.
#[utoipa::path(
    get,
    path = "/api/backups/{id}/download",
    operation_id = "download_backup",
    tag = "backups",
    params(("id" = BackupId, Path, description = "The backup")),
    responses((status = 200, content_type = "application/zstd", body = String)),
    extensions(("x-permission" = json!("administrator"))),
)]
async fn download(
    _: Administrator,
    app: Data<App>,
    id: Path<BackupId>,
) -> Result<HttpResponse, AppError> {
    let backup = app.services.backups.get(*id).await?.ok_or_else(AppError::not_found)?;
    let path = std::path::PathBuf::from(&backup.path);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let file = File::open(&path).await.map_err(|_| AppError::not_found())?;
    let chunks = stream::try_unfold(file, |mut file| async move {
        let mut chunk = vec![0; CHUNK];
        let read = file.read(&mut chunk).await?;
        chunk.truncate(read);
        let more = (read > 0).then(|| (Bytes::from(chunk), file));
        Ok::<_, std::io::Error>(more)
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/zstd"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(Box::pin(chunks)))
}

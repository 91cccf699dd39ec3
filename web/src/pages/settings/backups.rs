//! `/settings/backups`: backups of the whole installation, for whoever runs it.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_backup::{Backup, BackupError, Standing};

use super::shell_of;
use crate::error::AppError;
use crate::extract::Administrator;
use crate::pages::frame;
use crate::state::App;
use crate::views::Flash;
use crate::views::backups::{BackupRow, BackupsPage};

const HERE: &str = "/settings/backups";

/// `/settings/backups`
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::resource("/settings/backups").route(web::get().to(show)).route(web::post().to(create)),
    );
}

async fn show(
    admin: Administrator,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let standing = app.services.backups.standing().await?;
    let backups = app.services.backups.list().await?;
    let shell = shell_of(&app, &req, &admin.identity, "Backups").await?;
    let mut page = BackupsPage {
        shell,
        is_elsewhere: standing == Standing::Elsewhere,
        is_good: matches!(standing, Standing::Good { .. }),
        is_late: false,
        error: None,
        backups: backups.into_iter().map(row).collect(),
    };
    if let Standing::Late { error, .. } = standing {
        page.is_late = true;
        page.error = error;
    }
    frame::ok(&app, &req, &page)
}

async fn create(admin: Administrator, app: Data<App>) -> Result<HttpResponse, AppError> {
    let flash = match app.services.backups.create(&admin.actor).await {
        Ok(_) => Flash::ok("The backup is made and checked."),
        Err(BackupError::Store(error)) => return Err(error.into()),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "there is no backup");
            Flash::bad(format!("There is no backup: {error}."))
        }
    };
    Ok(frame::lead_to(&app, HERE, Some(flash)))
}

fn row(backup: Backup) -> BackupRow {
    let name = backup.path.rsplit('/').next().unwrap_or_default().to_owned();
    BackupRow {
        id: backup.id.to_string(),
        name,
        path: backup.path,
        created_at: backup.created_at.to_string(),
        size: size(backup.bytes),
        is_verified: backup.verified,
    }
}

/// In the unit that leaves few digits.
fn size(bytes: u64) -> String {
    let (kilo, mega, giga) = (1_000, 1_000_000, 1_000_000_000);
    match bytes {
        0..1_000_000 => format!("{} KB", bytes.div_ceil(kilo)),
        1_000_000..1_000_000_000 => format!("{}.{} MB", bytes / mega, bytes % mega / 100_000),
        _ => format!("{}.{} GB", bytes / giga, bytes % giga / 100_000_000),
    }
}

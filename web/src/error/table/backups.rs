//! Backups.

use actix_web::http::StatusCode;
use crm_backup::BackupError;

use super::chain;
use crate::error::AppError;

impl From<BackupError> for AppError {
    fn from(err: BackupError) -> Self {
        match err {
            BackupError::Busy | BackupError::OnServer | BackupError::NoFolder(_) => {
                Self::conflict("invalid_state", err.to_string())
            }
            BackupError::Full(_) => {
                tracing::error!(cause = chain(&err), "the disk is full");
                let text = "the disk backups go to is full; nothing was changed";
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "disk_full", text)
            }
            BackupError::Damaged { .. } | BackupError::File { .. } | BackupError::Broken(_) => {
                Self::internal(chain(&err))
            }
            BackupError::Store(err) => err.into(),
        }
    }
}

//! What can go wrong with a backup, in words for whoever keeps the machine.

use std::io;
use std::path::{Path, PathBuf};

use crm_core::StoreError;

/// Why there is no backup, or no restore. Nothing half done has a name of its own.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Another one is being made or put back on this data folder.
    #[error("another backup or restore is going on; wait until it is done")]
    Busy,
    /// The database is on a server.
    #[error("the database is on a PostgreSQL server: back it up with pg_dump")]
    OnServer,
    /// The folder backups go to is not there: a disk that is not mounted, perhaps.
    #[error("the folder {} is not there; is its disk mounted?", .0.display())]
    NoFolder(PathBuf),
    /// No space left where this file was to be written.
    #[error("the disk is full at {}", .0.display())]
    Full(PathBuf),
    /// The file is no backup, or not what it was when it was made.
    #[error("{} is not a sound backup: {problem}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        problem: String,
    },
    /// A file cannot be read or written.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The thread that did the work broke down.
    #[error("the work broke down: {0}")]
    Broken(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupError {
    pub(crate) fn damaged(path: &Path, problem: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), problem: problem.into() }
    }

    /// A failure at `path`.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::FileTooLarge
            | io::ErrorKind::QuotaExceeded => Self::Full(path),
            _ => Self::File { path, source },
        }
    }

    /// A failure of SQLite with the file at `path`.
    pub(crate) fn sqlite(path: &Path) -> impl FnOnce(rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let path = path.to_owned();
        move |error| match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(path),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { path, problem: error.to_string() }
            }
            _ => Self::File { path, source: io::Error::other(error) },
        }
    }
}

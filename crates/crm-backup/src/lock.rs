//! One at a time on a data folder, in whichever process: a lock of the system, which ends with its process.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::BackupError;

/// Held while a backup is made or put back.
#[derive(Debug)]
pub(crate) struct Turn {
    _file: File,
}

impl Turn {
    pub(crate) fn take(data_dir: &Path) -> Result<Self, BackupError> {
        let path = data_dir.join("backup.lock");
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(false);
        let file = options.open(&path).map_err(BackupError::at(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(BackupError::Busy),
            Err(TryLockError::Error(error)) => Err(BackupError::at(&path)(error)),
        }
    }
}

//! Files that are there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::BackupError;

/// The end of a name whose file is not finished.
pub(crate) const PARTIAL: &str = ".partial";

/// A new file that nobody else reads.
pub(crate) fn private(path: &Path) -> Result<File, BackupError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path).map_err(BackupError::at(path))
}

/// A folder that nobody else reads, made where it is not there.
pub(crate) fn folder(path: &Path) -> Result<(), BackupError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(BackupError::at(path))
}

/// The same name with more at its end.
pub(crate) fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Makes names in the folder of `path` last.
pub(crate) fn sync_names(path: &Path) -> Result<(), BackupError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    match synced {
        // Some file systems of removable disks cannot.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        other => other.map_err(BackupError::at(folder)),
    }
}

/// Makes what is in the file last.
pub(crate) fn sync(path: &Path) -> Result<(), BackupError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(BackupError::at(path))
}

/// Removes it where it is there.
pub(crate) fn remove(path: &Path) -> Result<(), BackupError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(BackupError::at(path)(error)),
        _ => Ok(()),
    }
}

/// Removes a database that was only worked with, and what SQLite puts beside it.
pub(crate) fn remove_database(path: &Path) -> Result<(), BackupError> {
    for end in ["-wal", "-shm", "-journal", ""] {
        remove(&with_end(path, end))?;
    }
    Ok(())
}

/// Removes what a process that was killed left half done.
pub(crate) fn remove_partial(folder: &Path) -> Result<(), BackupError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(BackupError::at(folder)(error)),
    };
    for entry in entries {
        let path = entry.map_err(BackupError::at(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("pi-crm-") && name.ends_with(PARTIAL) {
            remove(&path)?;
        }
    }
    Ok(())
}

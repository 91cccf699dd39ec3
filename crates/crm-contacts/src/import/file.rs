//! Where uploaded files are kept. Names are made from ids here; nothing a caller says becomes part of a path.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crm_core::ImportId;

use super::ImportError;

/// Folder of the files inside the data folder.
const FOLDER: &str = "imports";

/// Path of an import's file inside the data folder.
pub(super) fn relative(id: ImportId) -> String {
    format!("{FOLDER}/{id}.csv")
}

/// Path of an import's file.
pub(super) fn path(data_dir: &Path, id: ImportId) -> PathBuf {
    data_dir.join(FOLDER).join(format!("{id}.csv"))
}

/// Writes an import's file so that it is there whole or not at all, readable by the server's own user only.
pub(super) fn write(data_dir: &Path, id: ImportId, bytes: &[u8]) -> io::Result<()> {
    let folder = data_dir.join(FOLDER);
    create_folder(&folder)?;
    let part = folder.join(format!("{id}.csv.part"));
    let written = write_part(&part, bytes).and_then(|()| fs::rename(&part, path(data_dir, id)));
    if let Err(error) = written {
        // What could be written of it must not fill the disk any further.
        let _ = fs::remove_file(&part);
        return Err(error);
    }
    File::open(&folder)?.sync_all()
}

fn write_part(part: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(part)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Removes an import's file; one that is not there is fine.
pub(super) fn remove(data_dir: &Path, id: ImportId) {
    let _ = fs::remove_file(path(data_dir, id));
}

/// A failure of the disk, sorted.
pub(super) fn error(error: io::Error) -> ImportError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ImportError::DiskFull,
        _ => ImportError::File(error),
    }
}

/// Runs work on files away from the threads that serve requests.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ImportError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| ImportError::File(io::Error::other(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn files_are_whole_and_private() {
        use std::os::unix::fs::PermissionsExt;
        let id: ImportId = "01900000-0000-7000-8000-000000000001".parse().unwrap();
        let dir = std::env::temp_dir().join(format!("pi-crm-import-file-{}", std::process::id()));
        write(&dir, id, b"a,b\n").unwrap();
        let path = path(&dir, id);
        assert_eq!(path, dir.join(relative(id)));
        assert_eq!(fs::read(&path).unwrap(), b"a,b\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.join(FOLDER)).unwrap().count(), 1);
        remove(&dir, id);
        assert!(!path.exists());
        fs::remove_dir_all(&dir).unwrap();
    }
}

//! Putting a backup in the place of the database, with no server at work: the old one or the new one, whenever it stops.
//!
//! The new database is made ready beside the old one, under another name. The old one is then brought into its one file,
//! gets a second name, which is the safety copy, and the new one is renamed over it. Between two steps there is always one
//! whole database under the name the server opens.

use std::path::{Path, PathBuf};

use crm_core::{Timestamp, torture};

use crate::format::Header;
use crate::lock::Turn;
use crate::service::apart;
use crate::{BackupError, check, files, format};

/// A backup that is unpacked and sound, beside the database it is to replace. Dropped, nothing has happened.
#[derive(Debug)]
pub struct Restoring {
    /// What the backup tells about itself; `None` for a SQLite database as it is.
    pub header: Option<Header>,
    database: PathBuf,
    ready: PathBuf,
    _turn: Turn,
}

/// The backup is in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switched {
    /// The database of before; `None` where there was none.
    pub safety_copy: Option<PathBuf>,
}

impl Restoring {
    /// Unpacks the backup at `from` beside `database` and looks at all of it. The data folder has to be the caller's alone.
    ///
    /// # Errors
    /// [`BackupError`]; the database is as it was.
    pub async fn begin(
        from: PathBuf,
        database: &Path,
        data_dir: &Path,
    ) -> Result<Self, BackupError> {
        let turn = Turn::take(data_dir)?;
        let ready = files::with_end(database, ".restoring");
        let database = database.to_owned();
        let (header, ready) = apart(move || {
            // What an interrupted one left.
            files::remove_database(&ready)?;
            let header = unpacked(&from, &ready);
            if header.is_err() {
                let _ = files::remove_database(&ready);
            }
            torture::point("after_restore_unpack");
            Ok((header?, ready))
        })
        .await?;
        Ok(Self { header, database, ready, _turn: turn })
    }

    /// The unpacked database, for whatever has to be changed in it before it is used. Whoever opens it closes it again.
    pub fn ready(&self) -> &Path {
        &self.ready
    }

    /// Puts it in the place of the database.
    ///
    /// # Errors
    /// [`BackupError`]; the database is as it was.
    pub async fn switch(self, now: Timestamp) -> Result<Switched, BackupError> {
        let (database, ready) = (self.database.clone(), self.ready.clone());
        apart(move || switch(&database, &ready, now)).await
    }
}

impl Drop for Restoring {
    fn drop(&mut self) {
        if let Err(error) = files::remove_database(&self.ready) {
            tracing::warn!(%error, "what was unpacked for a restore is left over");
        }
    }
}

fn unpacked(from: &Path, to: &Path) -> Result<Option<Header>, BackupError> {
    let header = format::unpack(from, to)?;
    check::sound(to, from, header.as_ref())?;
    Ok(header)
}

fn switch(database: &Path, ready: &Path, now: Timestamp) -> Result<Switched, BackupError> {
    check::into_one_file(ready)?;
    torture::point("before_safety_copy");
    let safety_copy = if database.exists() { Some(keep(database, now)?) } else { None };
    torture::point("mid_restore_rename");
    std::fs::rename(ready, database).map_err(BackupError::at(database))?;
    files::sync_names(database)?;
    torture::point("after_restore_rename");
    Ok(Switched { safety_copy })
}

/// Gives the database of before a second name.
fn keep(database: &Path, now: Timestamp) -> Result<PathBuf, BackupError> {
    let at: String = now.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
    let copy = files::with_end(database, &format!(".before-restore-{at}"));
    match check::into_one_file(database) {
        Ok(()) => {}
        // A database that is damaged is the best reason to restore one. Its log would be taken for the new one's, so it goes
        // along with it.
        Err(error @ BackupError::Damaged { .. }) => {
            tracing::warn!(%error, "the database of before is kept as it is");
            for end in ["-wal", "-journal"] {
                let log = files::with_end(database, end);
                if log.exists() {
                    second_name(&log, &files::with_end(&copy, end))?;
                }
            }
            second_name(database, &copy)?;
            for end in ["-wal", "-shm", "-journal"] {
                files::remove(&files::with_end(database, end))?;
            }
            files::sync_names(database)?;
            return Ok(copy);
        }
        Err(error) => return Err(error),
    }
    second_name(database, &copy)?;
    files::sync_names(&copy)?;
    Ok(copy)
}

/// A link costs no space; where there are none, it is a copy.
fn second_name(from: &Path, to: &Path) -> Result<(), BackupError> {
    if std::fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    let partial = files::with_end(to, files::PARTIAL);
    let copied = std::fs::copy(from, &partial)
        .map_err(BackupError::at(&partial))
        .and_then(|_| files::sync(&partial))
        .and_then(|()| std::fs::rename(&partial, to).map_err(BackupError::at(to)));
    if copied.is_err() {
        let _ = files::remove(&partial);
    }
    copied
}

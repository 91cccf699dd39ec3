//! The copy, made with SQLite's backup API from a snapshot, while others write.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crm_core::BackupId;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::{BackupError, check};

/// Pages copied at a time: a megabyte.
const PAGES: i32 = 256;
/// Between two steps, so that a slow disk gets round to what people wait for.
const PAUSE: Duration = Duration::from_millis(2);

/// Copies the database at `from` to `to`, which must not be there; rows of each table. The row `id` has to be in it.
///
/// The transaction that reads is open from the beginning to the end: what is written meanwhile goes to the WAL and is not in
/// the copy. Without it, each write in between would make the copy begin anew.
pub(crate) fn online(
    from: &Path,
    to: &Path,
    id: BackupId,
) -> Result<BTreeMap<String, u64>, BackupError> {
    let rows = read(from, to, id).map_err(BackupError::sqlite(to))?;
    rows.ok_or_else(|| BackupError::Broken("the snapshot is older than its marker".to_owned()))
}

fn read(from: &Path, to: &Path, id: BackupId) -> rusqlite::Result<Option<BTreeMap<String, u64>>> {
    let source = check::open(from)?;
    source.busy_timeout(Duration::from_secs(10))?;
    source.pragma_update(None, "query_only", true)?;
    let reading = source.unchecked_transaction()?;
    if !check::has_marker(&reading, id)? {
        return Ok(None);
    }
    let rows = check::rows_of(&reading)?;
    let mut target = Connection::open(to)?;
    // The copy is looked at and thrown away; what has to last is the file that is made of it.
    target.pragma_update(None, "synchronous", "OFF")?;
    let copy = Backup::new(&reading, &mut target)?;
    while copy.step(PAGES)? != StepResult::Done {
        std::thread::sleep(PAUSE);
    }
    drop(copy);
    target.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    drop(target);
    reading.rollback()?;
    Ok(Some(rows))
}

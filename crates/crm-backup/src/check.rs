//! Whether a database is whole.

use std::collections::BTreeMap;
use std::path::Path;

use crm_core::BackupId;
use rusqlite::{Connection, OpenFlags};

use crate::format::Header;
use crate::{BackupError, files};

/// How many faults are told.
const TOLD: usize = 3;

/// Opens a file that is there, and makes none.
pub(crate) fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
}

/// Opens the database at `path`, which was unpacked from `backup`, and looks at all of it.
pub(crate) fn sound(
    path: &Path,
    backup: &Path,
    header: Option<&Header>,
) -> Result<(), BackupError> {
    let problem = problem(path, header).map_err(BackupError::sqlite(path))?;
    problem.map_or(Ok(()), |problem| Err(BackupError::damaged(backup, problem)))
}

fn problem(path: &Path, header: Option<&Header>) -> rusqlite::Result<Option<String>> {
    let db = open(path)?;
    let mut statement = db.prepare("PRAGMA integrity_check")?;
    let mut said: Vec<String> =
        statement.query_map([], |row| row.get(0))?.take(TOLD).collect::<Result<_, _>>()?;
    if said != ["ok"] {
        said.truncate(TOLD);
        return Ok(Some(said.join("; ")));
    }
    let mut statement = db.prepare("PRAGMA foreign_key_check")?;
    let mut rows = statement.query([])?;
    if let Some(row) = rows.next()? {
        let (table, to): (String, String) = (row.get(0)?, row.get(2)?);
        return Ok(Some(format!("a row of {table} points to a row of {to} that is not there")));
    }
    let tables = tables(&db)?;
    if let Some(missing) = ["users", "workspaces", "seaql_migrations"]
        .into_iter()
        .find(|wanted| !tables.iter().any(|table| table == wanted))
    {
        return Ok(Some(format!("it has no table {missing}, so it is not of pi-crm")));
    }
    let Some(header) = header else { return Ok(None) };
    if !has_marker(&db, header.id)? {
        return Ok(Some("the row that marks it is missing".to_owned()));
    }
    let found = rows_of(&db)?;
    let other = header.rows.iter().find(|(table, rows)| found.get(*table) != Some(*rows));
    Ok(other.map(|(table, rows)| {
        let found = found.get(table).copied().unwrap_or_default();
        format!("{table} has {found} rows, and had {rows} when it was made")
    }))
}

/// Whether the row is there that was written before the backup was begun.
pub(crate) fn has_marker(db: &Connection, id: BackupId) -> rusqlite::Result<bool> {
    db.query_row("SELECT count(*) = 1 FROM backups WHERE id = ?1", [id.to_string()], |row| {
        row.get(0)
    })
}

/// Tables with rows of their own.
fn tables(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = db.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
    )?;
    statement.query_map([], |row| row.get(0))?.collect()
}

/// How many rows each table has.
pub(crate) fn rows_of(db: &Connection) -> rusqlite::Result<BTreeMap<String, u64>> {
    let count = |table: String| {
        let sql = format!("SELECT count(*) FROM \"{}\"", table.replace('"', "\"\""));
        let rows: i64 = db.query_row(&sql, [], |row| row.get(0))?;
        Ok((table, u64::try_from(rows).unwrap_or_default()))
    };
    tables(db)?.into_iter().map(count).collect()
}

/// Brings all of the database into its one file, and makes that last.
pub(crate) fn into_one_file(path: &Path) -> Result<(), BackupError> {
    let settle = || {
        let db = open(path)?;
        let mode: String =
            db.pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get(0))?;
        Ok(mode)
    };
    let mode = settle().map_err(BackupError::sqlite(path))?;
    if mode != "delete" {
        let problem = "something else has it open; stop that first";
        return Err(BackupError::at(path)(std::io::Error::other(problem)));
    }
    files::sync(path)
}

//! Opens the pools with the settings the promises of the send engine rest on.
#![expect(clippy::disallowed_types, reason = "this module opens the connections")]

use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, Statement};

use crate::torture;

/// The oldest SQLite without the WAL-reset corruption race.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// Pages the writer keeps, in KiB with a minus before them: those of many indexes at once.
const WRITER_CACHE: &str = "-8000";
/// Pages each reader keeps. The system keeps them all once more, and for everybody.
const READER_CACHE: &str = "-2000";

/// Opened pools.
pub struct Connections {
    /// For queries.
    pub read: DatabaseConnection,
    /// For transactions; one connection on SQLite.
    pub write: DatabaseConnection,
}

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL is for a database this program does not speak.
    #[error("DATABASE_URL must begin with sqlite:// or postgres://")]
    UnknownScheme,
    /// The bundled SQLite is too old to be trusted.
    #[error("SQLite {0} has a corruption bug that 3.51.3 fixed; this build must not be used")]
    OldSqlite(String),
    /// The database did not let us in.
    #[error("the database cannot be opened")]
    Database(#[from] DbErr),
}

/// Opens the database at `url`, creating a SQLite file that is not there.
///
/// SQLite runs in WAL mode with `synchronous = FULL`: an acknowledged commit survives a power cut.
///
/// # Errors
/// [`ConnectError`] where the URL, the library or the database is not fit.
pub async fn connect(url: &str) -> Result<Connections, ConnectError> {
    if url.starts_with("sqlite:") {
        let write = Database::connect(sqlite(url, 1, WRITER_CACHE)).await?;
        check_version(&write).await?;
        let read = Database::connect(sqlite(url, 4, READER_CACHE)).await?;
        Ok(Connections { read, write })
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(16)
            .min_connections(1)
            .acquire_timeout(Duration::from_secs(10))
            .sqlx_logging(false);
        let pool = Database::connect(options).await?;
        Ok(Connections { read: pool.clone(), write: pool })
    } else {
        Err(ConnectError::UnknownScheme)
    }
}

fn sqlite(url: &str, connections: u32, cache: &'static str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        // A writer may queue behind a long import; it must wait, not fail.
        .acquire_timeout(Duration::from_mins(1))
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .create_if_missing(true)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(10))
                // A page and its surplus row come over without a stop in between.
                .row_buffer_size(256)
                // Statements with long lists of values are large, and each connection keeps its own.
                .statement_cache_capacity(48)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", synchronous())
                .pragma("wal_autocheckpoint", "1000")
                .pragma("journal_size_limit", "67108864")
                .pragma("cache_size", cache)
        });
    options
}

/// A commit that was acknowledged is on disk.
fn synchronous() -> &'static str {
    if torture::mutant("sync_normal") { "NORMAL" } else { "FULL" }
}

async fn check_version(connection: &DatabaseConnection) -> Result<(), ConnectError> {
    let backend = connection.get_database_backend();
    let statement = Statement::from_string(backend, "SELECT sqlite_version() AS version");
    let version: String = match connection.query_one_raw(statement).await? {
        Some(row) => row.try_get("", "version")?,
        None => return Err(ConnectError::OldSqlite("unknown".to_owned())),
    };
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) < OLDEST_SQLITE {
        return Err(ConnectError::OldSqlite(version));
    }
    Ok(())
}

//! What can go wrong between a service and the database.

use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// A failure of the database, sorted into what a caller can act on.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique index refused the row; the text is the database's own and names the index or its columns.
    #[error("a unique constraint was violated")]
    Duplicate(String),
    /// A foreign key refused the row: what it points to is not there, or is still pointed to.
    #[error("a foreign key constraint was violated")]
    ForeignKey(String),
    /// The disk is full. The transaction was rolled back.
    #[error("the disk is full")]
    DiskFull(#[source] DbErr),
    /// Anything else.
    #[error("the database failed")]
    Database(#[source] DbErr),
    /// A transaction wrote something without an audit entry. A fault of the program; the transaction was rolled back.
    #[error("a transaction wrote something without an audit entry")]
    Unaudited,
    /// A stored value could not be read back as its type.
    #[error("a stored value is damaged: {0}")]
    Corrupt(String),
}

impl StoreError {
    /// Whether this is a duplicate on an index whose name or columns contain `part` (such as `email`).
    pub fn is_duplicate_of(&self, part: &str) -> bool {
        matches!(self, Self::Duplicate(text) if text.contains(part))
    }

    /// Whether PostgreSQL ended the transaction because it and another one waited for each other (40P01). Nothing of it was
    /// done, and it may be tried again.
    pub fn is_deadlock(&self) -> bool {
        let Self::Database(
            DbErr::Exec(RuntimeErr::SqlxError(err)) | DbErr::Query(RuntimeErr::SqlxError(err)),
        ) = self
        else {
            return false;
        };
        matches!(&**err, sqlx::Error::Database(err) if err.code().as_deref() == Some("40P01"))
    }
}

impl From<DbErr> for StoreError {
    fn from(err: DbErr) -> Self {
        match err.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(text)) => return Self::Duplicate(text),
            Some(SqlErr::ForeignKeyConstraintViolation(text)) => return Self::ForeignKey(text),
            _ => {}
        }
        // SQLITE_FULL (13) and PostgreSQL's disk_full (53100) have no variant of their own.
        let text = err.to_string();
        if text.contains("database or disk is full") || text.contains("No space left on device") {
            Self::DiskFull(err)
        } else {
            Self::Database(err)
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(err: serde_json::Error) -> Self {
        Self::Corrupt(err.to_string())
    }
}

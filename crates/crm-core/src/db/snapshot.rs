//! Many queries on one state of the database, for figures that have to agree with each other.
#![expect(clippy::disallowed_types, reason = "this module owns the transaction")]

use sea_orm::{
    AccessMode, DatabaseTransaction, IsolationLevel, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};

use super::Db;
use crate::StoreError;

/// A transaction that only reads. It sees what was committed when it began, and nobody who writes waits for it.
pub struct Snapshot {
    inner: DatabaseTransaction,
}

impl Db {
    /// Begins to read the database as it is now.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let options = if self.is_sqlite() {
            TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
                ..TransactionOptions::default()
            }
        } else {
            TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            }
        };
        Ok(Snapshot { inner: self.read.begin_with_options(options).await? })
    }
}

impl Snapshot {
    pub(super) const fn connection(&self) -> &DatabaseTransaction {
        &self.inner
    }

    /// Whether this is SQLite.
    pub fn is_sqlite(&self) -> bool {
        use sea_orm::ConnectionTrait as _;
        self.inner.get_database_backend() == sea_orm::DatabaseBackend::Sqlite
    }

    /// Ends it. One that is dropped ends as well.
    pub async fn end(self) -> Result<(), StoreError> {
        Ok(self.inner.rollback().await?)
    }
}

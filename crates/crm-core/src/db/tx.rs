//! Transactions: all writes of one use case, with its audit entry and its jobs, commit together or not at all. One that
//! wrote something but nothing into the audit log does not commit.
#![expect(clippy::disallowed_types, reason = "this module owns the transaction")]

use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseBackend, DatabaseTransaction, DeleteMany,
    EntityTrait, Insert, QueryFilter, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait, TryIntoModel, UpdateMany,
};

use super::scoped::WorkspaceKey;
use super::{Db, Scoped};
use crate::{Scope, StoreError, System};

/// Bind variables one statement may carry, below the limits of both databases.
const MAX_BINDS: usize = 16_000;

/// The table whose new rows are audit entries.
const AUDIT_TABLE: &str = "audit_logs";

/// An open write transaction. Dropped without [`Tx::commit`], it is rolled back.
pub struct Tx {
    inner: DatabaseTransaction,
    /// Whether a row was written that is no audit entry.
    wrote: AtomicBool,
    /// Whether there is an audit entry, or a reason to have none.
    accounted: AtomicBool,
}

impl Db {
    /// Begins a write transaction. On SQLite it takes the write lock at once (`BEGIN IMMEDIATE`), so that a
    /// transaction that reads first and writes later cannot be refused in the middle.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(Tx {
            inner: self.write.begin_with_options(options).await?,
            wrote: AtomicBool::new(false),
            accounted: AtomicBool::new(false),
        })
    }
}

impl Tx {
    pub(super) const fn connection(&self) -> &DatabaseTransaction {
        &self.inner
    }

    /// Whether this is SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.inner.get_database_backend() == DatabaseBackend::Sqlite
    }

    /// Says why what this transaction writes needs no audit entry. Every reason used is explained in
    /// `docs/architecture.md`.
    pub fn unaudited(&self, reason: &'static str) {
        tracing::trace!(reason, "a transaction without an audit entry");
        self.accounted.store(true, Ordering::Relaxed);
    }

    /// Makes everything written in this transaction durable.
    ///
    /// # Errors
    /// [`StoreError::Unaudited`] where something was written, but neither an audit entry nor [`Self::unaudited`] called:
    /// nothing is kept then.
    pub async fn commit(self) -> Result<(), StoreError> {
        if self.wrote.load(Ordering::Relaxed) && !self.accounted.load(Ordering::Relaxed) {
            self.inner.rollback().await?;
            return Err(StoreError::Unaudited);
        }
        Ok(self.inner.commit().await?)
    }

    /// Takes note of rows written into `E`'s table.
    fn note<E: EntityTrait>(&self, rows: u64) {
        if rows == 0 {
            return;
        }
        let flag =
            if E::default().table_name() == AUDIT_TABLE { &self.accounted } else { &self.wrote };
        flag.store(true, Ordering::Relaxed);
    }

    /// Undoes everything written in this transaction.
    pub async fn rollback(self) -> Result<(), StoreError> {
        Ok(self.inner.rollback().await?)
    }

    /// Writes one row into the scope's workspace, whatever workspace the row named.
    pub async fn insert<A>(
        &self,
        scope: &Scope,
        mut row: A,
    ) -> Result<<A::Entity as EntityTrait>::Model, StoreError>
    where
        A: ActiveModelTrait + TryIntoModel<<A::Entity as EntityTrait>::Model> + Clone,
        A::Entity: Scoped,
    {
        row.set(A::Entity::workspace_column(), scope.workspace_id().into());
        self.note::<A::Entity>(Insert::one(row.clone()).exec_without_returning(&self.inner).await?);
        Ok(row.try_into_model()?)
    }

    /// Writes many rows into the scope's workspace, in statements of bounded size.
    pub async fn insert_many<A>(&self, scope: &Scope, rows: Vec<A>) -> Result<(), StoreError>
    where
        A: ActiveModelTrait,
        A::Entity: Scoped,
    {
        self.insert_chunks(scope, rows, None).await
    }

    /// Like [`Self::insert_many`] with a rule for rows that are there already (`ON CONFLICT`).
    pub async fn insert_many_on_conflict<A>(
        &self,
        scope: &Scope,
        rows: Vec<A>,
        rule: OnConflict,
    ) -> Result<(), StoreError>
    where
        A: ActiveModelTrait,
        A::Entity: Scoped,
    {
        self.insert_chunks(scope, rows, Some(rule)).await
    }

    async fn insert_chunks<A>(
        &self,
        scope: &Scope,
        rows: Vec<A>,
        rule: Option<OnConflict>,
    ) -> Result<(), StoreError>
    where
        A: ActiveModelTrait,
        A::Entity: Scoped,
    {
        use sea_orm::Iterable as _;
        let columns = <A::Entity as EntityTrait>::Column::iter().count().max(1);
        let chunk = (MAX_BINDS / columns).max(1);
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let batch = rows.by_ref().take(chunk).map(|mut row| {
                row.set(A::Entity::workspace_column(), scope.workspace_id().into());
                row
            });
            let mut insert = Insert::many(batch.collect::<Vec<_>>());
            if let Some(rule) = &rule {
                insert = insert.on_conflict(rule.clone());
            }
            self.note::<A::Entity>(insert.exec_without_returning(&self.inner).await?);
        }
        Ok(())
    }

    /// Changes the rows of this workspace that `update` names; returns how many there were.
    pub async fn update_many<E: Scoped>(
        &self,
        scope: &Scope,
        update: UpdateMany<E>,
    ) -> Result<u64, StoreError> {
        let rows = update.filter(E::within(scope)).exec(&self.inner).await?.rows_affected;
        self.wrote.fetch_or(rows > 0, Ordering::Relaxed);
        Ok(rows)
    }

    /// Deletes the rows of this workspace that `delete` names; returns how many there were.
    pub async fn delete_many<E: Scoped>(
        &self,
        scope: &Scope,
        delete: DeleteMany<E>,
    ) -> Result<u64, StoreError> {
        let rows = delete.filter(E::within(scope)).exec(&self.inner).await?.rows_affected;
        self.wrote.fetch_or(rows > 0, Ordering::Relaxed);
        Ok(rows)
    }

    /// Writes a row of a table that lies outside workspaces, for accounts and background work.
    pub async fn insert_system<A>(
        &self,
        _system: System,
        row: A,
    ) -> Result<<A::Entity as EntityTrait>::Model, StoreError>
    where
        A: ActiveModelTrait + TryIntoModel<<A::Entity as EntityTrait>::Model> + Clone,
    {
        self.note::<A::Entity>(Insert::one(row.clone()).exec_without_returning(&self.inner).await?);
        Ok(row.try_into_model()?)
    }

    /// Writes a row of a table outside workspaces with a rule for one that is there already (`ON CONFLICT`); returns how
    /// many rows were written or changed by the rule.
    pub async fn upsert_system<A: ActiveModelTrait>(
        &self,
        _system: System,
        row: A,
        rule: OnConflict,
    ) -> Result<u64, StoreError> {
        let insert = Insert::one(row).on_conflict(rule);
        let rows = insert.exec_without_returning(&self.inner).await?;
        self.note::<A::Entity>(rows);
        Ok(rows)
    }

    /// Changes rows in every workspace, for accounts and background work; returns how many there were.
    pub async fn update_everywhere<E: EntityTrait>(
        &self,
        _system: System,
        update: UpdateMany<E>,
    ) -> Result<u64, StoreError> {
        let rows = update.exec(&self.inner).await?.rows_affected;
        self.wrote.fetch_or(rows > 0, Ordering::Relaxed);
        Ok(rows)
    }

    /// Deletes rows in every workspace, for accounts and background work; returns how many there were.
    pub async fn delete_everywhere<E: EntityTrait>(
        &self,
        _system: System,
        delete: DeleteMany<E>,
    ) -> Result<u64, StoreError> {
        let rows = delete.exec(&self.inner).await?.rows_affected;
        self.wrote.fetch_or(rows > 0, Ordering::Relaxed);
        Ok(rows)
    }

    /// Lets one transaction at a time through per `name` until it ends. SQLite has one writer anyway; PostgreSQL takes
    /// an advisory lock.
    pub async fn serialize_on(&self, name: &str) -> Result<(), StoreError> {
        if self.inner.get_database_backend() == DatabaseBackend::Postgres {
            let statement = Statement::from_sql_and_values(
                DatabaseBackend::Postgres,
                "SELECT pg_advisory_xact_lock(hashtext($1))",
                [name.into()],
            );
            self.inner.execute_raw(statement).await?;
        }
        Ok(())
    }
}

//! Reads that are the same on committed data and inside a transaction.

use crm_core::{Db, Scope, Scoped, StoreError, System, Tx};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{EntityTrait, FromQueryResult, Select};

/// Where to read from.
#[derive(Clone, Copy)]
pub(crate) enum Door<'a> {
    /// What is committed.
    Db(&'a Db),
    /// Also what the transaction wrote.
    Tx(&'a Tx),
}

impl Door<'_> {
    pub(crate) fn is_sqlite(self) -> bool {
        match self {
            Self::Db(db) => db.is_sqlite(),
            Self::Tx(tx) => tx.is_sqlite(),
        }
    }

    pub(crate) async fn all<E: Scoped>(
        self,
        scope: &Scope,
        select: Select<E>,
    ) -> Result<Vec<E::Model>, StoreError> {
        match self {
            Self::Db(db) => db.all(scope, select).await,
            Self::Tx(tx) => tx.all(scope, select).await,
        }
    }

    pub(crate) async fn all_as<E: Scoped, T: FromQueryResult + Send + Sync>(
        self,
        scope: &Scope,
        select: Select<E>,
    ) -> Result<Vec<T>, StoreError> {
        match self {
            Self::Db(db) => db.all_as(scope, select).await,
            Self::Tx(tx) => tx.all_as(scope, select).await,
        }
    }

    pub(crate) async fn everywhere<E: EntityTrait>(
        self,
        system: System,
        select: Select<E>,
    ) -> Result<Vec<E::Model>, StoreError> {
        match self {
            Self::Db(db) => db.everywhere(system, select).await,
            Self::Tx(tx) => tx.everywhere(system, select).await,
        }
    }

    /// The query with the workspace's filter in it, for use inside another one.
    pub(crate) fn subquery<E: Scoped>(self, scope: &Scope, select: Select<E>) -> SelectStatement {
        match self {
            Self::Db(db) => db.subquery(scope, select),
            Self::Tx(tx) => tx.subquery(scope, select),
        }
    }

    /// Whose the workspace is and how it reads phone numbers.
    pub(crate) async fn facts(
        self,
        scope: &Scope,
    ) -> Result<crm_core::workspace::Facts, StoreError> {
        match self {
            Self::Db(db) => crm_core::workspace::read(db, scope).await,
            Self::Tx(tx) => crm_core::workspace::read_in(tx, scope).await,
        }
    }
}

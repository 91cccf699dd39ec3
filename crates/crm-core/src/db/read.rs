//! Queries. Each method exists on [`Db`] (reads what is committed), on [`Snapshot`] (reads what was committed when
//! it began) and on [`Tx`] (also sees what the transaction wrote).

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{
    ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QuerySelect,
    QueryTrait, Select,
};

use super::scoped::WorkspaceKey;
use super::{Db, Scoped, Snapshot, Tx};
use crate::paging::COUNT_CAP;
use crate::{Scope, StoreError, System};

/// The queries both doors offer. Sealed in this crate: a new road to the database is added here or nowhere.
macro_rules! reads {
    ($door:ty, $connection:ident) => {
        impl $door {
            /// The one row of this workspace that `select` finds; `None` also where it lies in another workspace.
            pub async fn one<E: Scoped>(
                &self,
                scope: &Scope,
                select: Select<E>,
            ) -> Result<Option<E::Model>, StoreError> {
                Ok(select.filter(E::within(scope)).one(self.$connection()).await?)
            }

            /// All rows of this workspace that `select` finds, in its order.
            pub async fn all<E: Scoped>(
                &self,
                scope: &Scope,
                select: Select<E>,
            ) -> Result<Vec<E::Model>, StoreError> {
                Ok(select.filter(E::within(scope)).all(self.$connection()).await?)
            }

            /// Like [`Self::all`], read into `T`: for queries that name their own columns (`select_only`).
            pub async fn all_as<E: Scoped, T: FromQueryResult + Send + Sync>(
                &self,
                scope: &Scope,
                select: Select<E>,
            ) -> Result<Vec<T>, StoreError> {
                let select = select.filter(E::within(scope));
                Ok(select.into_model::<T>().all(self.$connection()).await?)
            }

            /// Like [`Self::one`], read into `T`.
            pub async fn one_as<E: Scoped, T: FromQueryResult + Send + Sync>(
                &self,
                scope: &Scope,
                select: Select<E>,
            ) -> Result<Option<T>, StoreError> {
                let select = select.filter(E::within(scope));
                Ok(select.into_model::<T>().one(self.$connection()).await?)
            }

            /// How many rows of this workspace match.
            pub async fn count<E>(
                &self,
                scope: &Scope,
                select: Select<E>,
            ) -> Result<u64, StoreError>
            where
                E: Scoped,
                E::Model: Send + Sync,
            {
                Ok(select.filter(E::within(scope)).count(self.$connection()).await?)
            }

            /// How many rows match, counted up to [`COUNT_CAP`]; the flag says whether the number is exact.
            pub async fn count_capped<E: Scoped>(
                &self,
                scope: &Scope,
                select: Select<E>,
            ) -> Result<(u64, bool), StoreError> {
                capped(self.$connection(), select.filter(E::within(scope))).await
            }

            /// Like [`Self::count_capped`] over every workspace, for background work only.
            pub async fn count_capped_everywhere<E: EntityTrait>(
                &self,
                _system: System,
                select: Select<E>,
            ) -> Result<(u64, bool), StoreError> {
                capped(self.$connection(), select).await
            }

            /// Rows of every workspace, for background work only.
            pub async fn everywhere<E: EntityTrait>(
                &self,
                _system: System,
                select: Select<E>,
            ) -> Result<Vec<E::Model>, StoreError> {
                Ok(select.all(self.$connection()).await?)
            }

            /// Like [`Self::everywhere`], read into `T`.
            pub async fn everywhere_as<E: EntityTrait, T: FromQueryResult + Send + Sync>(
                &self,
                _system: System,
                select: Select<E>,
            ) -> Result<Vec<T>, StoreError> {
                Ok(select.into_model::<T>().all(self.$connection()).await?)
            }

            /// The query `select` stands for with the workspace's filter in it, to be used inside another query.
            pub fn subquery<E: Scoped>(
                &self,
                scope: &Scope,
                select: Select<E>,
            ) -> sea_orm::sea_query::SelectStatement {
                select.filter(E::within(scope)).into_query()
            }
        }
    };
}

/// Counts the rows of `select`, and stops after [`COUNT_CAP`].
async fn capped<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    select: Select<E>,
) -> Result<(u64, bool), StoreError> {
    let inner = select.select_only().expr_as(Expr::val(1), "one").limit(COUNT_CAP + 1).into_query();
    let outer = Query::select()
        .expr_as(Expr::col(Alias::new("one")).count(), Alias::new("n"))
        .from_subquery(inner, Alias::new("capped"))
        .to_owned();
    let row = connection.query_one(&outer).await?;
    let found: i64 = row.map_or(Ok(0), |row| row.try_get("", "n"))?;
    let found = u64::try_from(found).unwrap_or(0);
    Ok((std::cmp::min(found, COUNT_CAP), found <= COUNT_CAP))
}

reads!(Db, reader);
reads!(Tx, connection);
reads!(Snapshot, connection);

impl Db {
    #[expect(clippy::disallowed_types, reason = "lent to this module only")]
    pub(super) const fn reader(&self) -> &sea_orm::DatabaseConnection {
        &self.read
    }
}

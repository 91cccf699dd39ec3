//! The end of the chain, kept apart from it: what is cut off the chain's end is missed there.

use crm_core::{Db, StoreError, System, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::entity::audit_head::{Column, Entity, Model};

const SYSTEM: System = System::task("audit");

/// The only row's id.
const ID: i64 = 1;

/// Where the chain ends as far as others can see; `None` where the row is gone.
pub(crate) async fn read(db: &Db) -> Result<Option<Model>, StoreError> {
    Ok(db.everywhere(SYSTEM, Entity::find_by_id(ID)).await?.pop())
}

/// Where the chain ends inside `tx`.
pub(crate) async fn read_in(tx: &Tx) -> Result<Model, StoreError> {
    let found = tx.everywhere(SYSTEM, Entity::find_by_id(ID)).await?.pop();
    // Guessing the end from the entries that are left would make a shortened log whole again.
    found.ok_or_else(|| StoreError::Corrupt("the end of the audit log is missing".to_owned()))
}

/// Moves the end on to a new entry.
pub(crate) async fn advance(tx: &Tx, seq: i64, hash: &str) -> Result<(), StoreError> {
    let update = Entity::update_many()
        .col_expr(Column::Seq, Expr::value(seq))
        .col_expr(Column::Hash, Expr::value(hash))
        .filter(Column::Id.eq(ID));
    tx.update_everywhere(SYSTEM, update).await.map(drop)
}

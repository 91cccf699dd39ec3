//! Walking the chain.

use crm_core::{Db, StoreError, System};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use crate::chain::{GENESIS, entry_hash};
use crate::entity::{Column, Entity};

/// Entries read at a time.
const BATCH: u64 = 1_000;

/// What a walk along the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether every entry is what it was when it was written, and none is missing between the first and the last.
    pub ok: bool,
    /// Entries looked at.
    pub checked: u64,
    /// `seq` of the first entry that is changed, missing or out of order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_bad: Option<i64>,
}

/// Checks the whole chain.
///
/// # Errors
/// [`StoreError`] where the log cannot be read.
pub async fn verify(db: &Db) -> Result<Verdict, StoreError> {
    let mut expected = 1;
    let mut before = GENESIS.to_owned();
    let mut checked = 0;
    loop {
        let select =
            Entity::find().filter(Column::Seq.gte(expected)).order_by_asc(Column::Seq).limit(BATCH);
        let rows = db.everywhere(System::task("audit verify"), select).await?;
        if rows.is_empty() {
            return Ok(Verdict { ok: true, checked, first_bad: None });
        }
        for row in rows {
            checked += 1;
            if row.seq != expected || row.prev_hash != before || row.hash != entry_hash(&row) {
                return Ok(Verdict { ok: false, checked, first_bad: Some(expected) });
            }
            expected = row.seq + 1;
            before = row.hash;
        }
    }
}

//! Walking the chain.

use std::collections::HashSet;

use crm_core::{Db, StoreError, System, UserId};
use sea_orm::sea_query::{Alias, Expr};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde::Serialize;
use serde_json::Value;

use crate::chain::{GENESIS, Said, claimed_actor, entry_hash};
use crate::entity::audit_logs::{Column, Entity};
use crate::entity::users;
use crate::head;

const SYSTEM: System = System::task("audit verify");

/// Entries read at a time.
const BATCH: u64 = 1_000;

/// What a walk along the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = AuditVerdict)]
pub struct Verdict {
    /// Whether every entry is what it was when it was written, and none is missing.
    pub ok: bool,
    /// Entries looked at.
    pub checked: u64,
    /// `seq` of the first entry that is changed, missing or out of order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_bad: Option<i64>,
}

/// Checks the whole chain, also while others write to it.
///
/// # Errors
/// [`StoreError`] where the log cannot be read.
pub async fn verify(db: &Db) -> Result<Verdict, StoreError> {
    let mut walk = Walk { expected: 1, before: GENESIS.to_owned(), checked: 0 };
    let first_bad = walk.first_bad(db).await?;
    Ok(Verdict { ok: first_bad.is_none(), checked: walk.checked, first_bad })
}

struct Walk {
    /// `seq` of the next entry.
    expected: i64,
    /// Hash of the last one.
    before: String,
    checked: u64,
}

impl Walk {
    /// `seq` of the first bad entry.
    async fn first_bad(&mut self, db: &Db) -> Result<Option<i64>, StoreError> {
        loop {
            // An entry and the head that names it become visible together. What is read after the head therefore holds
            // all the head knows of, and perhaps what was written since.
            let head = head::read(db).await?;
            if let Some(bad) = self.entries(db).await? {
                return Ok(Some(bad));
            }
            let last = self.expected - 1;
            let Some(head) = head else { return Ok(Some(last.max(1))) };
            if head.seq > last {
                return Ok(Some(self.expected));
            }
            if head.seq == last {
                return Ok((head.hash != self.before).then(|| last.max(1)));
            }
            let now = head::read(db).await?;
            if now.as_ref().is_none_or(|now| now.seq < last) {
                return Ok(Some(now.map_or(last, |now| now.seq + 1)));
            }
        }
    }

    /// Walks along all entries there are.
    async fn entries(&mut self, db: &Db) -> Result<Option<i64>, StoreError> {
        loop {
            let rows: Vec<Row> = db.everywhere_as(SYSTEM, batch(self.expected)).await?;
            if rows.is_empty() {
                return Ok(None);
            }
            let present = still_there(db, &rows).await?;
            for row in rows {
                self.checked += 1;
                let in_place = row.seq == self.expected && row.prev_hash == self.before;
                if !in_place || !row.is_as_written() || !row.is_its_authors(&present) {
                    return Ok(Some(self.expected));
                }
                self.expected += 1;
                self.before = row.hash;
            }
        }
    }
}

/// An entry as it is stored. Nothing is read as more than text: what somebody put there may be anything.
#[derive(FromQueryResult)]
struct Row {
    id: String,
    user_id: Option<String>,
    workspace_id: Option<String>,
    action: String,
    entity_type: String,
    entity_id: Option<String>,
    details: Option<String>,
    ip_address: Option<String>,
    timestamp: String,
    seq: i64,
    prev_hash: String,
    hash: String,
}

fn batch(first: i64) -> Select<Entity> {
    use sea_orm::ExprTrait as _;
    Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::UserId,
            Column::WorkspaceId,
            Column::Action,
            Column::EntityType,
            Column::EntityId,
            Column::IpAddress,
            Column::Timestamp,
            Column::Seq,
            Column::PrevHash,
            Column::Hash,
        ])
        .expr_as(Expr::col(Column::Details).cast_as(Alias::new("text")), "details")
        .filter(Column::Seq.gte(first))
        .order_by_asc(Column::Seq)
        .limit(BATCH)
}

impl Row {
    fn details(&self) -> Option<Value> {
        serde_json::from_str(self.details.as_deref()?).ok()
    }

    fn claimed_actor(&self) -> Option<UserId> {
        claimed_actor(&self.details()?)
    }

    fn is_as_written(&self) -> bool {
        let Some(details) = self.details() else { return false };
        let said = Said {
            id: &self.id,
            seq: self.seq,
            workspace_id: self.workspace_id.as_deref(),
            action: &self.action,
            entity_type: &self.entity_type,
            entity_id: self.entity_id.as_deref(),
            details: &details,
            ip_address: self.ip_address.as_deref(),
            timestamp: &self.timestamp,
        };
        self.hash == entry_hash(&self.prev_hash, &said)
    }

    /// Whether the column that names the author says what the entry says, or is empty because that user was deleted.
    fn is_its_authors(&self, present: &HashSet<UserId>) -> bool {
        let claimed = self.claimed_actor();
        match &self.user_id {
            Some(id) => claimed.is_some_and(|claimed| claimed.to_string() == *id),
            None => claimed.is_none_or(|claimed| !present.contains(&claimed)),
        }
    }
}

/// The authors of entries without a user who are users nevertheless.
async fn still_there(db: &Db, rows: &[Row]) -> Result<HashSet<UserId>, StoreError> {
    let orphans = rows.iter().filter(|row| row.user_id.is_none());
    let ids: HashSet<UserId> = orphans.filter_map(Row::claimed_actor).collect();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let select = users::Entity::find().filter(users::Column::Id.is_in(ids));
    Ok(db.everywhere(SYSTEM, select).await?.into_iter().map(|user| user.id).collect())
}

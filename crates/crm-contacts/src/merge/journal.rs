//! The journal of merges.

use crm_core::{ConsentId, ContactId, LogId, MergeId, Scope, StoreError, TaskId, Tx};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use super::{MergeRecord, Result, SeaMerges};
use crate::entity::merge_journal as journal;
use crate::ledger::Handover;
use crate::snapshot::{Core, Snapshot};

/// Merges after merges that are followed: more than anybody makes by hand.
const MOST_STEPS: usize = 100;
/// Merges shown of one contact.
const MOST_SHOWN: u64 = 20;

/// What is kept of a merge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// The contact that went. Its timeline and follow-ups are with the target and not in here.
    pub(super) source: Snapshot,
    /// Timeline entries that were moved.
    pub(super) logs: Vec<LogId>,
    /// Follow-ups that were moved.
    pub(super) tasks: Vec<TaskId>,
    /// Consents that were moved.
    #[serde(default)]
    pub(super) consents: Vec<ConsentId>,
    /// The contact that stayed, before.
    pub(super) before: Core,
    /// And after.
    pub(super) after: Core,
    /// Timeline entries the merge itself wrote.
    pub(super) written: Vec<LogId>,
    /// What campaigns moved.
    pub(super) handover: Handover,
}

/// The contact that went, as it was.
pub(crate) fn source(
    row: journal::Model,
) -> std::result::Result<crate::entity::base_contacts::Model, StoreError> {
    let record: Record = serde_json::from_value(row.snapshot)?;
    Ok(record.source.core.contact)
}

/// Holds a merge against others who would undo it too.
pub(super) async fn hold(
    tx: &Tx,
    scope: &Scope,
    id: MergeId,
) -> std::result::Result<Option<(journal::Model, Record)>, StoreError> {
    let Some(row) = tx.one(scope, journal::Entity::find_by_id(id).lock_exclusive()).await? else {
        return Ok(None);
    };
    let record = serde_json::from_value(row.snapshot.clone())?;
    Ok(Some((row, record)))
}

pub(super) async fn moved_to(
    service: &SeaMerges,
    scope: &Scope,
    id: ContactId,
) -> Result<Option<ContactId>> {
    let mut at = id;
    for _ in 0..MOST_STEPS {
        let select = journal::Entity::find()
            .filter(journal::Column::SourceId.eq(at))
            .filter(journal::Column::UndoneAt.is_null())
            .order_by_desc(journal::Column::Id)
            .limit(1);
        match service.ctx.db.one(scope, select).await? {
            Some(row) => at = row.target_id,
            None => break,
        }
    }
    if at == id {
        return Ok(None);
    }
    // Where it was deleted since, there is nothing to lead to.
    let there = crate::entity::base_contacts::Entity::find_by_id(at);
    Ok(service.ctx.db.one(scope, there).await?.map(|row| row.id))
}

pub(super) async fn of_contact(
    service: &SeaMerges,
    scope: &Scope,
    id: ContactId,
) -> Result<Vec<MergeRecord>> {
    let select = journal::Entity::find()
        .filter(journal::Column::TargetId.eq(id))
        .filter(journal::Column::UndoneAt.is_null())
        .order_by_desc(journal::Column::Id)
        .limit(MOST_SHOWN);
    let rows = service.ctx.db.all(scope, select).await?;
    rows.into_iter()
        .map(|row| {
            let record: Record = serde_json::from_value(row.snapshot).map_err(StoreError::from)?;
            Ok(MergeRecord {
                id: row.id,
                source_name: record.source.core.contact.display_name(),
                actor_id: row.actor_id,
                created_at: row.created_at,
            })
        })
        .collect()
}

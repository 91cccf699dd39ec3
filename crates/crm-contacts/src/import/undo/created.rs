//! Removing contacts an import made.

use std::collections::{HashMap, HashSet};

use crm_core::{ContactId, StoreError};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use super::super::known::portions;
use super::run::{Batch, CHANGED, Fates, OLD, Rows, TALKED};
use crate::entity::{base_contacts, communication_logs, import_rows, tasks};

/// Rows of one batch.
const ROWS: u64 = 512;

/// A contact something hangs on.
#[derive(FromQueryResult)]
struct Of {
    contact_id: ContactId,
}

pub(super) async fn run(batch: &Batch<'_>) -> Result<Fates, StoreError> {
    use import_rows::{Column, Entity};
    let select = Entity::find()
        .filter(Column::ImportId.eq(batch.import_id))
        .filter(Column::Outcome.eq("created"))
        .filter(Column::Undo.is_null())
        .order_by_asc(Column::RowNo)
        .limit(ROWS);
    let rows = batch.tx.all(batch.scope, select).await?;
    let ids: Vec<ContactId> = rows.iter().filter_map(|row| row.contact_id).collect();
    // A later row of the same file may have changed what an earlier one made.
    let changes = batch.changes(&ids).await?;
    let mut all: HashMap<ContactId, Rows> = HashMap::new();
    for row in rows.iter().chain(&changes) {
        if let Some(id) = row.contact_id {
            all.entry(id).or_default().add(row);
        }
    }
    let there = batch.contacts(&ids).await?;
    let talked = talked(batch, &ids).await?;
    let mut fates = Fates::default();
    let mut removed = Vec::new();
    for (id, rows) in all {
        let Some(contact) = there.get(&id) else {
            fates.gone.push(rows);
            continue;
        };
        match rows.version {
            None => fates.kept.push((rows, OLD)),
            Some(version) if version != contact.version => fates.kept.push((rows, CHANGED)),
            Some(_) if talked.contains(&id) => fates.kept.push((rows, TALKED)),
            Some(_) => {
                removed.push(id);
                fates.removed.push(rows);
            }
        }
    }
    for portion in portions(&removed) {
        let delete =
            base_contacts::Entity::delete_many().filter(base_contacts::Column::Id.is_in(portion));
        batch.tx.delete_many(batch.scope, delete).await?;
    }
    Ok(fates)
}

/// Which of these contacts have tasks, or anything on their timeline but the stages they were in.
async fn talked(batch: &Batch<'_>, ids: &[ContactId]) -> Result<HashSet<ContactId>, StoreError> {
    let mut found = HashSet::new();
    for portion in portions(ids) {
        let logs = communication_logs::Entity::find()
            .select_only()
            .column(communication_logs::Column::ContactId)
            .distinct()
            .filter(communication_logs::Column::ContactId.is_in(portion.iter().copied()))
            .filter(communication_logs::Column::Kind.ne("stage_change"));
        let logs = batch.tx.all_as::<_, Of>(batch.scope, logs).await?;
        let tasks = tasks::Entity::find()
            .select_only()
            .column(tasks::Column::ContactId)
            .distinct()
            .filter(tasks::Column::ContactId.is_in(portion));
        let tasks = batch.tx.all_as::<_, Of>(batch.scope, tasks).await?;
        found.extend(logs.into_iter().chain(tasks).map(|of| of.contact_id));
    }
    Ok(found)
}

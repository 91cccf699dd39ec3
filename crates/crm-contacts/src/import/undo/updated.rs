//! Which contacts that were there before an import can become what they were.

use std::collections::HashMap;

use crm_core::{ContactId, StoreError};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Map, Value};

use super::super::known::portions;
use super::restore;
use super::run::{Batch, CHANGED, Fates, OLD, Rows, TAKEN};
use crate::entity::{base_contacts, import_rows};

/// Rows of one batch.
const ROWS: u64 = 256;

/// A contact to be restored.
pub(super) struct Patient {
    pub(super) contact: base_contacts::Model,
    /// Fields with what they were before the import's first change of them.
    pub(super) before: Map<String, Value>,
    rows: Rows,
}

impl Patient {
    /// What a field becomes again, where it is restored and is not empty.
    fn wants(&self, field: &str) -> Option<&str> {
        self.before.get(field)?.as_str()
    }
}

/// The last changes come first: what an earlier row took from one contact, a later one may have given to another.
pub(super) async fn run(batch: &Batch<'_>) -> Result<Fates, StoreError> {
    use import_rows::{Column, Entity};
    let select = Entity::find()
        .filter(Column::ImportId.eq(batch.import_id))
        .filter(Column::Outcome.eq("updated"))
        .filter(Column::Undo.is_null())
        .order_by_desc(Column::RowNo)
        .limit(ROWS);
    let mut ids: Vec<ContactId> = Vec::new();
    for row in batch.tx.all(batch.scope, select).await? {
        ids.extend(row.contact_id.filter(|id| !ids.contains(id)));
    }
    let mut all: HashMap<ContactId, (Rows, Map<String, Value>)> = HashMap::new();
    for row in batch.changes(&ids).await? {
        let Some(id) = row.contact_id else { continue };
        let (rows, before) = all.entry(id).or_default();
        rows.add(&row);
        if let Some(Value::Object(fields)) = row.before {
            // In file order, so what the first row met stays.
            for (name, value) in fields {
                before.entry(name).or_insert(value);
            }
        }
    }
    let mut there = batch.contacts(&ids).await?;
    let mut fates = Fates::default();
    let mut patients = Vec::new();
    for (id, (rows, before)) in all {
        match (there.remove(&id), rows.version) {
            (None, _) => fates.gone.push(rows),
            (Some(_), None) => fates.kept.push((rows, OLD)),
            (Some(contact), Some(version)) if contact.version != version => {
                fates.kept.push((rows, CHANGED));
            }
            (Some(contact), Some(_)) => patients.push(Patient { contact, before, rows }),
        }
    }
    let (curable, taken) = part(batch, patients).await?;
    fates.kept.extend(taken.into_iter().map(|patient| (patient.rows, TAKEN)));
    restore::run(batch, &curable).await?;
    fates.restored.extend(curable.into_iter().map(|patient| patient.rows));
    Ok(fates)
}

/// Parts those who can have their address and number back from those who cannot, because somebody else has it who is not
/// about to give it up.
async fn part(
    batch: &Batch<'_>,
    mut patients: Vec<Patient>,
) -> Result<(Vec<Patient>, Vec<Patient>), StoreError> {
    use base_contacts::Column;
    let mut holders: HashMap<(&str, String), ContactId> = HashMap::new();
    for (field, column) in
        [("primary_email", Column::PrimaryEmail), ("primary_phone", Column::PrimaryPhone)]
    {
        let wanted: Vec<&str> =
            patients.iter().filter_map(|patient| patient.wants(field)).collect();
        for portion in portions(&wanted) {
            let select = base_contacts::Entity::find().filter(column.is_in(portion));
            for row in batch.tx.all(batch.scope, select).await? {
                let value =
                    if field == "primary_email" { row.primary_email } else { row.primary_phone };
                holders.extend(value.map(|value| ((field, value), row.id)));
            }
        }
    }
    let mut taken = Vec::new();
    loop {
        // Whoever is not restored after all holds on to what they have; that may concern another one.
        let gives_up = |field: &str, id: ContactId| {
            patients.iter().any(|one| one.contact.id == id && one.before.contains_key(field))
        };
        let is_taken = |patient: &Patient| {
            ["primary_email", "primary_phone"].into_iter().any(|field| {
                let holder =
                    patient.wants(field).and_then(|value| holders.get(&(field, value.to_owned())));
                holder.is_some_and(|id| *id != patient.contact.id && !gives_up(field, *id))
            })
        };
        let Some(place) = patients.iter().position(is_taken) else { break };
        taken.push(patients.swap_remove(place));
    }
    Ok((patients, taken))
}

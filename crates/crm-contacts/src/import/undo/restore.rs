//! Making contacts what they were.

use std::collections::HashMap;

use crm_core::{ContactId, ListId, StoreError};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use serde_json::Value;

use super::super::known::portions;
use super::super::outcome::STAGE_SINCE;
use super::run::Batch;
use super::updated::Patient;
use crate::contacts::definitions::{self, Definition};
use crate::door::Door;
use crate::entity::{
    base_contacts, contact_list_assignments as assignments, contact_lists, custom_fields,
};
use crate::timeline::{self, LogContent, NewLogEntry};

/// What stands before the name of a custom field.
const PREFIX: &str = "custom.";

pub(super) async fn run(batch: &Batch<'_>, patients: &[Patient]) -> Result<(), StoreError> {
    if patients.is_empty() {
        return Ok(());
    }
    free(batch, patients).await?;
    columns(batch, patients).await?;
    customs(batch, patients).await?;
    lists(batch, patients).await
}

/// Takes addresses and numbers off those who get others, so that none is two contacts' at any moment.
async fn free(batch: &Batch<'_>, patients: &[Patient]) -> Result<(), StoreError> {
    use base_contacts::{Column, Entity};
    for (field, column) in
        [("primary_email", Column::PrimaryEmail), ("primary_phone", Column::PrimaryPhone)]
    {
        let ids = having(patients, field);
        for portion in portions(&ids) {
            let update = Entity::update_many()
                .filter(Column::Id.is_in(portion))
                .col_expr(column, Expr::value(None::<String>));
            batch.tx.update_many(batch.scope, update).await?;
        }
    }
    Ok(())
}

/// Those of whom a field is restored.
fn having(patients: &[Patient], field: &str) -> Vec<ContactId> {
    let found = patients.iter().filter(|patient| patient.before.contains_key(field));
    found.map(|patient| patient.contact.id).collect()
}

async fn columns(batch: &Batch<'_>, patients: &[Patient]) -> Result<(), StoreError> {
    let now = batch.service.ctx.now();
    let mut rows = Vec::with_capacity(patients.len());
    for patient in patients {
        let mut row = patient.contact.clone();
        for (name, value) in &patient.before {
            let text = value.as_str().map(str::to_owned);
            match name.as_str() {
                "first_name" => row.first_name = text.unwrap_or_default(),
                "last_name" => row.last_name = text.unwrap_or_default(),
                "primary_email" => row.primary_email = text,
                "primary_phone" => row.primary_phone = text,
                "company" => row.company = text.unwrap_or_default(),
                "value_minor" => row.value_minor = text.and_then(|text| text.parse().ok()),
                "owner" => row.owner_id = text.and_then(|text| text.parse().ok()),
                STAGE_SINCE => row.stage_since = text.and_then(|text| text.parse().ok()),
                _ => {}
            }
        }
        row.version += 1;
        row.updated_at = now;
        rows.push(row.into_active_model().reset_all());
    }
    batch.tx.insert_many_on_conflict(batch.scope, rows, base_contacts::replacing()).await
}

async fn customs(batch: &Batch<'_>, patients: &[Patient]) -> Result<(), StoreError> {
    use custom_fields::{Column, Entity};
    let known = definitions::load(Door::Tx(batch.tx), batch.scope).await?;
    let ctx = &batch.service.ctx;
    let now = ctx.now();
    let mut emptied: HashMap<&str, Vec<ContactId>> = HashMap::new();
    let mut rows = Vec::new();
    for patient in patients {
        for (name, value) in &patient.before {
            let Some(name) = name.strip_prefix(PREFIX) else { continue };
            let definition: Option<&Definition> = known.iter().find(|known| known.name == name);
            match (value.as_str(), definition) {
                (Some(text), Some(definition)) => {
                    let (id, field) = (patient.contact.id, (name, definition.field_type));
                    let text = text.to_owned();
                    rows.push(custom_fields::value(ctx, batch.scope, id, field, text, now));
                }
                (None, _) => emptied.entry(name).or_default().push(patient.contact.id),
                // The field is no more, and neither are its values.
                (Some(_), None) => {}
            }
        }
    }
    for (name, ids) in emptied {
        for portion in portions(&ids) {
            let delete = Entity::delete_many()
                .filter(Column::FieldName.eq(name))
                .filter(Column::ContactId.is_in(portion));
            batch.tx.delete_many(batch.scope, delete).await?;
        }
    }
    batch.tx.insert_many_on_conflict(batch.scope, rows, custom_fields::replacing()).await
}

/// Lists that were deleted meanwhile stay away; who would be in no stage then stays in theirs.
async fn lists(batch: &Batch<'_>, patients: &[Patient]) -> Result<(), StoreError> {
    use assignments::{Column, Entity};
    let (moved, retagged) = (having(patients, "stage"), having(patients, "tags"));
    if moved.is_empty() && retagged.is_empty() {
        return Ok(());
    }
    let all = batch.tx.all(batch.scope, contact_lists::Entity::find()).await?;
    let all: HashMap<ListId, contact_lists::Model> =
        all.into_iter().map(|list| (list.id, list)).collect();
    let mut stages: HashMap<ContactId, ListId> = HashMap::new();
    for portion in portions(&moved) {
        let select = Entity::find()
            .filter(Column::IsPrimary.eq(true))
            .filter(Column::ContactId.is_in(portion));
        let rows = batch.tx.all(batch.scope, select).await?;
        stages.extend(rows.into_iter().map(|row| (row.contact_id, row.list_id)));
    }
    let now = batch.service.ctx.now();
    let (mut joins, mut logs, mut leavers) = (Vec::new(), Vec::new(), Vec::new());
    let join = |contact_id: ContactId, list: &contact_lists::Model| assignments::ActiveModel {
        workspace_id: Set(batch.scope.workspace_id()),
        contact_id: Set(contact_id),
        list_id: Set(list.id),
        is_primary: Set(list.is_primary),
        assigned_at: Set(now),
    };
    let of = |id: &str| id.parse::<ListId>().ok().and_then(|id| all.get(&id));
    for patient in patients {
        let id = patient.contact.id;
        let stage = patient.before.get("stage").and_then(Value::as_str).and_then(of);
        if let Some(stage) = stage.filter(|list| list.is_primary) {
            leavers.push(id);
            joins.push(join(id, stage));
            let old = stages.get(&id).and_then(|id| all.get(id)).map(|list| list.name.clone());
            logs.push(NewLogEntry {
                contact_id: id,
                content: LogContent::StageChange { old_list: old, new_list: stage.name.clone() },
                timestamp: now,
                campaign_recipient_id: None,
            });
        }
        if let Some(Value::Array(tags)) = patient.before.get("tags") {
            let tags = tags.iter().filter_map(Value::as_str).filter_map(of);
            joins.extend(tags.filter(|list| !list.is_primary).map(|tag| join(id, tag)));
        }
    }
    for (ids, is_primary) in [(leavers, true), (retagged, false)] {
        for portion in portions(&ids) {
            let delete = Entity::delete_many()
                .filter(Column::IsPrimary.eq(is_primary))
                .filter(Column::ContactId.is_in(portion));
            batch.tx.delete_many(batch.scope, delete).await?;
        }
    }
    batch.tx.insert_many(batch.scope, joins).await?;
    timeline::record::run(&batch.service.ctx, batch.tx, batch.scope, logs).await
}

//! Two contacts side by side, for whoever decides which values to keep.

use std::collections::BTreeSet;

use crm_core::{ContactId, Scope, UserId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::resolve::{COLUMNS, PREFIX, STAGE};
use super::{ComparedField, Comparison, Result, SeaMerges};
use crate::contacts::definitions::{self, Definition};
use crate::contacts::{Contact, CustomValue, load};
use crate::door::Door;
use crate::entity::{communication_logs as logs, tasks};

pub(super) async fn run(
    service: &SeaMerges,
    scope: &Scope,
    source: ContactId,
    target: ContactId,
) -> Result<Option<Comparison>> {
    let db = &service.ctx.db;
    let door = Door::Db(db);
    let Some(source) = load::by_id(door, scope, source).await? else { return Ok(None) };
    let Some(target) = load::by_id(door, scope, target).await? else { return Ok(None) };
    let known = definitions::load(door, scope).await?;
    let entries = |id: ContactId| logs::Entity::find().filter(logs::Column::ContactId.eq(id));
    let source_tasks = tasks::Entity::find().filter(tasks::Column::ContactId.eq(source.id));
    Ok(Some(Comparison {
        fields: fields(&source, &target, &known),
        source_entries: db.count(scope, entries(source.id)).await?,
        target_entries: db.count(scope, entries(target.id)).await?,
        source_tasks: db.count(scope, source_tasks).await?,
        source,
        target,
    }))
}

fn fields(source: &Contact, target: &Contact, known: &[Definition]) -> Vec<ComparedField> {
    let newer = source.updated_at > target.updated_at;
    let field = |name: String, label: &str, source: String, target: String| ComparedField {
        prefers_source: !source.is_empty() && (target.is_empty() || newer),
        name,
        label: label.to_owned(),
        source,
        target,
    };
    let mut fields: Vec<ComparedField> = COLUMNS
        .into_iter()
        .map(|(name, label)| {
            field(name.to_owned(), label, column(source, name), column(target, name))
        })
        .collect();
    let stage = |contact: &Contact| {
        let stage = contact.lists.iter().find(|list| list.is_primary);
        stage.map(|list| list.name.clone()).unwrap_or_default()
    };
    fields.push(field(STAGE.to_owned(), "Stage", stage(source), stage(target)));
    let names: BTreeSet<&String> = source.custom.keys().chain(target.custom.keys()).collect();
    let place = |name: &String| known.iter().position(|field| field.name == *name);
    let mut names: Vec<&String> = names.into_iter().collect();
    names.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
    for name in names {
        let label =
            known.iter().find(|field| field.name == *name).map_or(name, |known| &known.label);
        let value = |contact: &Contact| contact.custom.get(name).map(shown).unwrap_or_default();
        fields.push(field(format!("{PREFIX}{name}"), label, value(source), value(target)));
    }
    fields
}

fn column(contact: &Contact, name: &str) -> String {
    match name {
        "first_name" => contact.first_name.clone(),
        "last_name" => contact.last_name.clone(),
        "primary_email" => contact.primary_email.clone().unwrap_or_default(),
        "primary_phone" => contact.primary_phone.clone().unwrap_or_default(),
        "company" => contact.company.clone(),
        "owner_id" => contact.owner_id.as_ref().map(UserId::to_string).unwrap_or_default(),
        _ => contact.value_minor.map(|value| value.to_string()).unwrap_or_default(),
    }
}

fn shown(value: &CustomValue) -> String {
    match value {
        CustomValue::Boolean(true) => "Yes".to_owned(),
        CustomValue::Boolean(false) => "No".to_owned(),
        CustomValue::Number(number) => crate::contacts::custom::number_text(*number),
        CustomValue::Text(text) => text.clone(),
    }
}

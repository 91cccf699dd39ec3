//! From rows to contacts: custom fields and lists of all of them come with one query each.

use std::collections::HashMap;

use crm_core::{ContactId, ListId, Scope, StoreError};
use sea_orm::{EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, RelationTrait};

use super::{Contact, ListRef, custom};
use crate::compare;
use crate::door::Door;
use crate::entity::{
    base_contacts, contact_list_assignments as assignments, contact_lists, custom_fields,
};

/// Ids in one query, well below the limits on bind variables.
const CHUNK: usize = 5_000;

/// A value of a contact.
#[derive(Debug, FromQueryResult)]
struct FieldRow {
    contact_id: ContactId,
    field_name: String,
    field_type: String,
    field_value: String,
}

/// A list a contact is in.
#[derive(Debug, FromQueryResult)]
struct ListRow {
    contact_id: ContactId,
    id: ListId,
    name: String,
    is_primary: bool,
    color: Option<String>,
}

/// The contacts with these ids, in no particular order.
pub(crate) async fn by_ids(
    door: Door<'_>,
    scope: &Scope,
    ids: &[ContactId],
) -> Result<Vec<Contact>, StoreError> {
    let mut rows = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let select = base_contacts::Entity::find().filter(compare::among(
            door.is_sqlite(),
            base_contacts::Column::Id,
            chunk,
        ));
        rows.extend(door.all(scope, select).await?);
    }
    whole(door, scope, rows).await
}

/// The same without lists and custom fields.
pub(crate) async fn bare_by_ids(
    door: Door<'_>,
    scope: &Scope,
    ids: &[ContactId],
) -> Result<Vec<Contact>, StoreError> {
    let mut contacts = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let select = base_contacts::Entity::find().filter(compare::among(
            door.is_sqlite(),
            base_contacts::Column::Id,
            chunk,
        ));
        contacts.extend(door.all(scope, select).await?.into_iter().map(bare));
    }
    Ok(contacts)
}

/// One contact.
pub(crate) async fn by_id(
    door: Door<'_>,
    scope: &Scope,
    id: ContactId,
) -> Result<Option<Contact>, StoreError> {
    Ok(by_ids(door, scope, &[id]).await?.pop())
}

/// The contacts of these rows, in their order.
pub(crate) async fn whole(
    door: Door<'_>,
    scope: &Scope,
    rows: Vec<base_contacts::Model>,
) -> Result<Vec<Contact>, StoreError> {
    let mut contacts: Vec<Contact> = rows.into_iter().map(bare).collect();
    let places: HashMap<ContactId, usize> =
        contacts.iter().enumerate().map(|(place, contact)| (contact.id, place)).collect();
    let ids: Vec<ContactId> = contacts.iter().map(|contact| contact.id).collect();
    for chunk in ids.chunks(CHUNK) {
        for row in door.all_as::<_, FieldRow>(scope, fields_of(door.is_sqlite(), chunk)).await? {
            let value = custom::from_text(&row.field_type, row.field_value)?;
            if let Some(contact) = at(&mut contacts, &places, row.contact_id) {
                contact.custom.insert(row.field_name, value);
            }
        }
        for row in door.all_as::<_, ListRow>(scope, lists_of(door.is_sqlite(), chunk)).await? {
            if let Some(contact) = at(&mut contacts, &places, row.contact_id) {
                contact.lists.push(ListRef {
                    id: row.id,
                    name: row.name,
                    is_primary: row.is_primary,
                    color: contact_lists::color(row.color.as_deref()),
                });
            }
        }
    }
    for contact in &mut contacts {
        in_order(&mut contact.lists);
    }
    Ok(contacts)
}

/// A contact that was just written, of what was written.
pub(super) fn written(
    row: base_contacts::Model,
    values: custom::Stored,
    lists: Vec<contact_lists::Model>,
) -> Result<Contact, StoreError> {
    let mut contact = bare(row);
    for (name, value) in values {
        if let Some((field_type, text)) = value {
            contact.custom.insert(name, custom::from_text(field_type.as_str(), text)?);
        }
    }
    contact.lists.extend(lists.into_iter().map(|list| ListRef {
        color: contact_lists::color(list.color.as_deref()),
        id: list.id,
        name: list.name,
        is_primary: list.is_primary,
    }));
    in_order(&mut contact.lists);
    Ok(contact)
}

/// The stage first, then the tags by name.
fn in_order(lists: &mut [ListRef]) {
    lists.sort_by(|a, b| (!a.is_primary, &a.name).cmp(&(!b.is_primary, &b.name)));
}

fn at<'a>(
    contacts: &'a mut [Contact],
    places: &HashMap<ContactId, usize>,
    id: ContactId,
) -> Option<&'a mut Contact> {
    contacts.get_mut(*places.get(&id)?)
}

/// Only what is shown of them: on a page of contacts most of the work is reading values.
fn fields_of(sqlite: bool, ids: &[ContactId]) -> sea_orm::Select<custom_fields::Entity> {
    use custom_fields::Column;
    custom_fields::Entity::find()
        .select_only()
        .columns([Column::ContactId, Column::FieldName, Column::FieldType, Column::FieldValue])
        .filter(compare::among(sqlite, Column::ContactId, ids))
}

fn lists_of(sqlite: bool, ids: &[ContactId]) -> sea_orm::Select<assignments::Entity> {
    assignments::Entity::find()
        .select_only()
        .column(assignments::Column::ContactId)
        .column(contact_lists::Column::Id)
        .column(contact_lists::Column::Name)
        .column(contact_lists::Column::IsPrimary)
        .column(contact_lists::Column::Color)
        .join(JoinType::InnerJoin, assignments::Relation::List.def())
        .filter(compare::among(sqlite, assignments::Column::ContactId, ids))
}

fn bare(row: base_contacts::Model) -> Contact {
    Contact {
        id: row.id,
        first_name: row.first_name,
        last_name: row.last_name,
        primary_email: row.primary_email,
        primary_phone: row.primary_phone,
        company: row.company,
        owner_id: row.owner_id,
        value_minor: row.value_minor,
        stage_since: row.stage_since,
        created_on: row.created_on,
        updated_at: row.updated_at,
        version: row.version,
        custom: std::collections::BTreeMap::new(),
        lists: Vec::new(),
    }
}

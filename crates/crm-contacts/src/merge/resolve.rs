//! From the choices of a person to the values of the merged contact.

use std::collections::BTreeMap;

use crm_core::UserId;

use super::{Choice, MergeError, Resolution, Result};
use crate::contacts::custom::{self, Stored};
use crate::contacts::definitions::{Definition, FieldType};
use crate::contacts::fields::Fields;
use crate::contacts::{ContactChange, ContactsError, CustomValue};
use crate::snapshot::Core;

/// What stands before the name of a custom field.
pub(super) const PREFIX: &str = "custom.";
/// The name of the choice of a stage.
pub(super) const STAGE: &str = "stage";
/// The columns that can be chosen, with what people call them.
pub(super) const COLUMNS: [(&str, &str); 7] = [
    ("first_name", "First name"),
    ("last_name", "Last name"),
    ("primary_email", "Email"),
    ("primary_phone", "Phone"),
    ("company", "Company"),
    ("owner_id", "Owner"),
    ("value_minor", "Value"),
];

/// What the merged contact has.
pub(super) struct Resolved {
    pub(super) fields: Fields,
    /// Custom fields to write to the target.
    pub(super) custom: Stored,
    /// Whether it goes to the source's stage.
    pub(super) takes_stage: bool,
}

pub(super) fn run(
    source: &Core,
    target: &Core,
    definitions: &[Definition],
    resolution: &Resolution,
    region: &str,
) -> Result<Resolved> {
    let mut change = ContactChange::default();
    let mut fields = Fields::of_row(&target.contact);
    let theirs = Fields::of_row(&source.contact);
    for (name, _) in COLUMNS {
        let takes = match resolution.get(name) {
            Some(Choice::Source) => true,
            Some(Choice::Target) => false,
            Some(Choice::Custom(value)) => {
                set(&mut change, name, value.as_ref())?;
                false
            }
            None => is_empty(&fields, name),
        };
        if takes {
            take(&mut fields, &theirs, name);
        }
    }
    let fields = fields.changed(&change, region).map_err(named)?;
    let takes_stage = match resolution.get(STAGE) {
        Some(Choice::Source) => true,
        Some(Choice::Target) => false,
        Some(Choice::Custom(_)) => {
            return invalid(STAGE, "choose \"source\" or \"target\"");
        }
        None => target.stage().is_none(),
    };
    let custom = customs(source, target, definitions, resolution)?;
    Ok(Resolved { fields, custom, takes_stage: takes_stage && source.stage().is_some() })
}

/// The custom fields to write: what is the source's, and what was typed.
fn customs(
    source: &Core,
    target: &Core,
    definitions: &[Definition],
    resolution: &Resolution,
) -> Result<Stored> {
    let mut stored = Stored::new();
    let has = |name: &str| target.custom.iter().any(|row| row.field_name == name);
    let mut typed: BTreeMap<String, Option<CustomValue>> = BTreeMap::new();
    let mut chosen: BTreeMap<&str, &Choice> = BTreeMap::new();
    for (key, choice) in resolution {
        if key == STAGE || COLUMNS.iter().any(|(column, _)| column == key) {
            continue;
        }
        let name = key.strip_prefix(PREFIX).unwrap_or(key);
        let known = definitions.iter().any(|field| field.name == name)
            || has(name)
            || source.custom.iter().any(|row| row.field_name == name);
        if !known {
            return Err(MergeError::UnknownField(key.clone()));
        }
        if let Choice::Custom(value) = choice {
            typed.insert(name.to_owned(), value.clone());
        }
        chosen.insert(name, choice);
    }
    for row in &source.custom {
        let takes = match chosen.get(row.field_name.as_str()) {
            Some(Choice::Source) => true,
            Some(_) => false,
            None => !has(&row.field_name),
        };
        if takes {
            let kind = FieldType::parse(&row.field_type)?;
            stored.insert(row.field_name.clone(), Some((kind, row.field_value.clone())));
        }
    }
    // Choosing the empty one of two empties the field.
    for (name, choice) in &chosen {
        let theirs = source.custom.iter().any(|row| row.field_name == *name);
        if **choice == Choice::Source && !theirs {
            stored.insert((*name).to_owned(), None);
        }
    }
    stored.extend(custom::of_changed(definitions, &typed)?);
    Ok(stored)
}

pub(super) fn take(fields: &mut Fields, from: &Fields, name: &str) {
    match name {
        "first_name" => fields.first_name.clone_from(&from.first_name),
        "last_name" => fields.last_name.clone_from(&from.last_name),
        "primary_email" => fields.primary_email.clone_from(&from.primary_email),
        "primary_phone" => fields.primary_phone.clone_from(&from.primary_phone),
        "company" => fields.company.clone_from(&from.company),
        "owner_id" => fields.owner_id = from.owner_id,
        _ => fields.value_minor = from.value_minor,
    }
}

fn is_empty(fields: &Fields, name: &str) -> bool {
    match name {
        "first_name" => fields.first_name.is_empty(),
        "last_name" => fields.last_name.is_empty(),
        "primary_email" => fields.primary_email.is_none(),
        "primary_phone" => fields.primary_phone.is_none(),
        "company" => fields.company.is_empty(),
        "owner_id" => fields.owner_id.is_none(),
        _ => fields.value_minor.is_none(),
    }
}

/// Takes what was typed for a column into a change; the change is parsed like any other.
fn set(change: &mut ContactChange, name: &str, value: Option<&CustomValue>) -> Result<()> {
    let text = match value {
        None => None,
        Some(CustomValue::Text(text)) => Some(text.clone()),
        Some(CustomValue::Number(number)) if name == "value_minor" => Some(number.to_string()),
        Some(_) => return invalid(name, "must be a text"),
    };
    match name {
        "first_name" => change.first_name = Some(text.unwrap_or_default()),
        "last_name" => change.last_name = Some(text.unwrap_or_default()),
        "primary_email" => change.primary_email = Some(text),
        "primary_phone" => change.primary_phone = Some(text),
        "company" => change.company = Some(text.unwrap_or_default()),
        "owner_id" => {
            let owner = text.map(|text| text.parse::<UserId>()).transpose();
            change.owner_id = Some(owner.or_else(|_| invalid(name, "must be a member's id"))?);
        }
        _ => {
            let value = text.map(|text| text.parse::<i64>()).transpose();
            change.value_minor = Some(value.or_else(|_| invalid(name, "must be a whole number"))?);
        }
    }
    Ok(())
}

fn invalid<T>(field: &str, problem: &str) -> Result<T> {
    Err(MergeError::InvalidValue { field: field.to_owned(), problem: problem.to_owned() })
}

fn named(err: ContactsError) -> MergeError {
    MergeError::Contact(err)
}

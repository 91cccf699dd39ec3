//! Custom fields in the form of a contact, each by its type.

use std::collections::BTreeMap;

use crm_contacts::Contact;
use crm_contacts::contacts::CustomValue;
use crm_contacts::fields::{Field, FieldType};

use super::typed::Typed;
use crate::views::common::Choice;
use crate::views::contacts::CustomInput;

/// What the input of a field is called.
pub(super) fn key(name: &str) -> String {
    format!("custom.{name}")
}

/// A custom value as text.
pub(in crate::pages) fn shown(value: &CustomValue) -> String {
    match value {
        CustomValue::Boolean(true) => "yes".to_owned(),
        CustomValue::Boolean(false) => "no".to_owned(),
        CustomValue::Number(number) => number.to_string(),
        CustomValue::Text(text) => text.clone(),
    }
}

/// The input of a field: with what was typed, else what is stored, else what new contacts get.
pub(super) fn input(field: &Field, stored: Option<&Contact>, typed: Option<&Typed>) -> CustomInput {
    let value = match (typed, stored) {
        (Some(typed), _) => typed.text(&key(&field.name)),
        (None, Some(contact)) => contact.custom.get(&field.name).map_or_else(String::new, plain),
        (None, None) => field.default_value.clone().unwrap_or_default(),
    };
    CustomInput {
        name: field.name.clone(),
        label: field.label.clone(),
        field_type: field.field_type.as_str().to_owned(),
        options: field
            .options
            .iter()
            .map(|option| Choice::new(option, option, *option == value))
            .collect(),
        required: field.is_required,
        value,
    }
}

/// A value as its input holds it.
pub(super) fn plain(value: &CustomValue) -> String {
    match value {
        CustomValue::Boolean(truth) => truth.to_string(),
        other => shown(other),
    }
}

/// What was typed into one field; `None` where it was left empty. A box that is not ticked says no where an answer is due.
fn answer(field: &Field, typed: &Typed, due: bool) -> Option<CustomValue> {
    let text = typed.text(&key(&field.name));
    match field.field_type {
        FieldType::Boolean if text.is_empty() && due => Some(CustomValue::Boolean(false)),
        _ if text.trim().is_empty() => None,
        _ => Some(CustomValue::Text(text)),
    }
}

fn open(fields: &[Field]) -> impl Iterator<Item = &Field> {
    fields.iter().filter(|field| field.archived_at.is_none())
}

/// The values of a new contact.
pub(super) fn given(fields: &[Field], typed: &Typed) -> BTreeMap<String, CustomValue> {
    let due = |field: &Field| field.is_required || field.default_value.is_some();
    open(fields)
        .filter_map(|field| Some((field.name.clone(), answer(field, typed, due(field))?)))
        .collect()
}

/// What the form changes: a field that was emptied loses its value.
pub(super) fn changed(
    fields: &[Field],
    typed: &Typed,
    stored: &Contact,
) -> BTreeMap<String, Option<CustomValue>> {
    open(fields)
        .map(|field| {
            let due = field.is_required || stored.custom.contains_key(&field.name);
            (field.name.clone(), answer(field, typed, due))
        })
        .filter(|(name, value)| value.is_some() || stored.custom.contains_key(name))
        .collect()
}

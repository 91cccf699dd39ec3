//! From a page of contacts to lines of the file.

use std::borrow::Cow;
use std::collections::HashMap;

use crm_core::{Page, UserId, sheet};

use super::columns::Column;
use super::{Result, Stretch};
use crate::contacts::custom::number_text;
use crate::contacts::{Contact, CustomValue};
use crate::lists::in_cell;

/// The lines of a page; the names of the columns come before the first.
pub(super) fn stretch(
    columns: &[Column],
    people: &HashMap<UserId, String>,
    page: Page<Contact>,
    first: bool,
) -> Result<Stretch> {
    let names: Vec<String> = columns.iter().map(Column::name).collect();
    let rows = page.items.iter().map(|contact| {
        columns.iter().map(move |column| sheet::text(value(column, contact, people)))
    });
    let bytes = sheet::rows(first.then_some(names.as_slice()), rows)?;
    let contacts = u64::try_from(page.items.len()).unwrap_or(0);
    Ok(Stretch { bytes, contacts, next: page.next })
}

/// What a contact has in a column, in the form the importer reads; empty where it has nothing.
pub(super) fn value<'a>(
    column: &Column,
    contact: &'a Contact,
    people: &'a HashMap<UserId, String>,
) -> Cow<'a, str> {
    let or_none = |text: Option<&'a String>| Cow::Borrowed(text.map_or("", String::as_str));
    match column {
        Column::FirstName => Cow::Borrowed(&contact.first_name),
        Column::LastName => Cow::Borrowed(&contact.last_name),
        Column::Email => or_none(contact.primary_email.as_ref()),
        Column::Phone => or_none(contact.primary_phone.as_ref()),
        Column::Company => Cow::Borrowed(&contact.company),
        Column::Owner => or_none(contact.owner_id.and_then(|owner| people.get(&owner))),
        Column::Value => {
            Cow::Owned(contact.value_minor.map(|value| value.to_string()).unwrap_or_default())
        }
        Column::Stage => {
            or_none(contact.lists.iter().find(|list| list.is_primary).map(|list| &list.name))
        }
        Column::Tags => {
            let tags = contact.lists.iter().filter(|list| !list.is_primary);
            Cow::Owned(in_cell::join(tags.map(|tag| tag.name.as_str())))
        }
        Column::Custom(name) => match contact.custom.get(name) {
            None => Cow::Borrowed(""),
            Some(CustomValue::Text(text)) => Cow::Borrowed(text),
            Some(CustomValue::Number(number)) => Cow::Owned(number_text(*number)),
            Some(CustomValue::Boolean(truth)) => Cow::Owned(truth.to_string()),
        },
        Column::CreatedOn => Cow::Owned(contact.created_on.to_string()),
    }
}

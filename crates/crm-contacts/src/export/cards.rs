//! From a page of contacts to cards.

use std::collections::HashMap;

use calcard::vcard::{VCard, VCardEntry, VCardProperty, VCardValue, VCardVersion};
use crm_core::{Page, StoreError, UserId};

use super::columns::Column;
use super::rows::value;
use super::{Format, Result, Stretch, own};
use crate::contacts::{Contact, name_of};

/// What wrote the card.
const PRODUCT: &str = "-//pi-crm//EN";

/// The cards of a page.
pub(super) fn stretch(
    format: Format,
    columns: &[Column],
    people: &HashMap<UserId, String>,
    page: Page<Contact>,
) -> Result<Stretch> {
    let version = if format == Format::VCard3 { VCardVersion::V3_0 } else { VCardVersion::V4_0 };
    let mut text = String::new();
    for contact in &page.items {
        card(columns, contact, people)
            .write_to(&mut text, version)
            .map_err(|err| StoreError::Corrupt(format!("a contact as a card: {err}")))?;
    }
    let contacts = u64::try_from(page.items.len()).unwrap_or(0);
    Ok(Stretch { bytes: text.into_bytes(), contacts, next: page.next })
}

fn card(columns: &[Column], contact: &Contact, people: &HashMap<UserId, String>) -> VCard {
    let said = |column: &Column| {
        if columns.contains(column) {
            value(column, contact, people).into_owned()
        } else {
            String::new()
        }
    };
    let (first, last) = (said(&Column::FirstName), said(&Column::LastName));
    let (email, phone) = (said(&Column::Email), said(&Column::Phone));
    let company = said(&Column::Company);
    let full = name_of([&first, &last, &company, &email, &phone]);
    let mut entries = vec![
        one(VCardProperty::Prodid, PRODUCT.to_owned()),
        one(VCardProperty::Uid, format!("urn:uuid:{}", contact.id)),
        one(VCardProperty::Rev, moment(&contact.updated_at.to_string())),
        // Both names are asked of every card, if only by its older versions.
        one(VCardProperty::Fn, full),
        many(VCardProperty::N, [last, first, String::new(), String::new(), String::new()]),
    ];
    let reach =
        [(VCardProperty::Email, email), (VCardProperty::Tel, phone), (VCardProperty::Org, company)];
    let reach = reach.into_iter().filter(|(_, text)| !text.is_empty());
    entries.extend(reach.map(|(property, text)| one(property, text)));
    let tags = contact.lists.iter().filter(|list| !list.is_primary).map(|tag| tag.name.clone());
    let tags: Vec<String> = tags.filter(|_| columns.contains(&Column::Tags)).collect();
    if !tags.is_empty() {
        entries.push(many(VCardProperty::Categories, tags));
    }
    for column in columns {
        let text = value(column, contact, people);
        if let Some(property) = own::property(&column.name()).filter(|_| !text.is_empty()) {
            entries.push(one(VCardProperty::Other(property), text.into_owned()));
        }
    }
    VCard { entries }
}

fn one(property: VCardProperty, text: String) -> VCardEntry {
    VCardEntry::new(property).with_value(text)
}

fn many(property: VCardProperty, texts: impl IntoIterator<Item = String>) -> VCardEntry {
    VCardEntry::new(property).with_values(texts.into_iter().map(VCardValue::Text).collect())
}

/// A moment as cards write it: `2026-11-28T02:00:00.5Z` is `20261128T020000Z`.
fn moment(text: &str) -> String {
    let seconds = text.split(['.', 'Z']).next().unwrap_or_default();
    let bare: String = seconds.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    format!("{bare}Z")
}

//! What a card says, by column.

use calcard::vcard::{VCard, VCardEntry, VCardProperty, VCardVersion};

use super::{columns, entry, names};
use crate::export::own;
use crate::lists::in_cell;

/// What a card says.
pub(super) enum Said {
    /// Of a contact.
    Fields(Vec<(String, String)>),
    /// Of a group of contacts.
    Group,
}

/// Values by column, no column twice, no value empty.
#[derive(Default)]
struct Fields(Vec<(String, String)>);

impl Fields {
    /// Sets a column that has no value yet.
    fn put(&mut self, column: &str, value: &str) {
        let is_there = self.0.iter().any(|(known, _)| known == column);
        let value = value.trim();
        if !value.is_empty() && !is_there {
            self.0.push((column.to_owned(), value.to_owned()));
        }
    }

    /// Adds to what a column has.
    fn add(&mut self, column: &str, value: &str) {
        match self.0.iter_mut().find(|(known, _)| known == column) {
            Some((_, values)) if !value.trim().is_empty() => {
                values.push_str("; ");
                values.push_str(value.trim());
            }
            _ => self.put(column, value),
        }
    }

    fn get(&self, column: &str) -> &str {
        self.0.iter().find(|(known, _)| known == column).map_or("", |(_, value)| value)
    }
}

/// What a card says of a contact.
pub(super) fn said(card: &VCard) -> Said {
    if is_kind(card, "group") {
        return Said::Group;
    }
    let mut fields = Fields::default();
    company(card, &mut fields);
    let emails = many(card, &VCardProperty::Email, address);
    let phones = many(card, &VCardProperty::Tel, number);
    name(card, &mut fields, emails.iter().chain(&phones));
    first_and_others(&mut fields, &emails, columns::EMAIL, columns::OTHER_EMAILS);
    let is_fax =
        |entry: &VCardEntry| ["fax", "pager"].iter().any(|kind| entry::has_type(entry, kind));
    let spoken =
        many(
            card,
            &VCardProperty::Tel,
            |entry| {
                if is_fax(entry) { String::new() } else { number(entry) }
            },
        );
    let phone = spoken.first().cloned().unwrap_or_default();
    fields.put(columns::PHONE, &phone);
    let others: Vec<String> = phones.into_iter().filter(|other| *other != phone).collect();
    fields.put(columns::OTHER_PHONES, &others.join("; "));
    let sites = many(card, &VCardProperty::Url, |entry| entry::whole(entry, ", "));
    first_and_others(&mut fields, &sites, columns::WEBSITE, columns::OTHER_WEBSITES);
    home(card, &mut fields);
    let tags = sorted(card, &VCardProperty::Categories);
    let tags = tags.iter().flat_map(|entry| &entry.values).map(|value| entry::text(value, ","));
    let tags = tags.map(|tag| tag.trim().to_owned());
    let tags: Vec<String> = tags.filter(|tag| !tag.is_empty()).collect();
    fields.put(columns::TAGS, &in_cell::join(tags.iter().map(String::as_str)));
    let notes = many(card, &VCardProperty::Note, |entry| entry::whole(entry, ", "));
    fields.put(columns::NOTES, &notes.join("\n\n"));
    for (property, column) in [
        (VCardProperty::Title, columns::TITLE),
        (VCardProperty::Role, columns::ROLE),
        (VCardProperty::Nickname, columns::NICKNAME),
    ] {
        for property in sorted(card, &property) {
            fields.put(column, &entry::whole(property, ", "));
        }
    }
    for (property, column) in [
        (VCardProperty::Bday, columns::BIRTHDAY),
        (VCardProperty::Anniversary, columns::ANNIVERSARY),
    ] {
        for property in sorted(card, &property) {
            fields.put(column, &date(property));
        }
    }
    rest(card, &mut fields);
    Said::Fields(fields.0)
}

/// Properties of a name, the preferred first, else as they come.
fn sorted<'a>(card: &'a VCard, name: &VCardProperty) -> Vec<&'a VCardEntry> {
    let mut found: Vec<_> = card.entries.iter().filter(|entry| entry.name == *name).collect();
    found.sort_by_key(|entry| entry::preference(entry));
    found
}

/// What the properties of a name say, each once.
fn many(card: &VCard, name: &VCardProperty, text: impl Fn(&VCardEntry) -> String) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for found in sorted(card, name).into_iter().map(text) {
        let is_new = || texts.iter().all(|known| !known.eq_ignore_ascii_case(&found));
        if !found.is_empty() && is_new() {
            texts.push(found);
        }
    }
    texts
}

fn first_and_others(fields: &mut Fields, texts: &[String], first: &str, others: &str) {
    if let Some((one, rest)) = texts.split_first() {
        fields.put(first, one);
        fields.put(others, &rest.join("; "));
    }
}

fn address(entry: &VCardEntry) -> String {
    without(entry::whole(entry, ", "), "mailto:")
}

fn number(entry: &VCardEntry) -> String {
    let text = without(entry::whole(entry, ", "), "tel:");
    text.split(';').next().unwrap_or_default().trim().to_owned()
}

/// A value without the scheme an address of it begins with.
fn without(text: String, scheme: &str) -> String {
    match text.split_at_checked(scheme.len()) {
        Some((begins, rest)) if begins.eq_ignore_ascii_case(scheme) => rest.trim().to_owned(),
        _ => text,
    }
}

/// The date of a property that has one.
fn date(property: &VCardEntry) -> String {
    let date = entry::date(&entry::whole(property, ", "));
    // Apple has no dates without a year, and writes one that is none.
    match date.get(4..) {
        Some(day) if entry::has_parameter(property, "X-APPLE-OMIT-YEAR") => format!("-{day}"),
        _ => date,
    }
}

fn company(card: &VCard, fields: &mut Fields) {
    for org in sorted(card, &VCardProperty::Org) {
        if fields.get(columns::COMPANY).is_empty() {
            fields.put(columns::COMPANY, &entry::part(org, 0, ", "));
            let units: Vec<String> = (1..org.values.len())
                .map(|unit| entry::part(org, unit, ", "))
                .filter(|unit| !unit.is_empty())
                .collect();
            fields.put(columns::DEPARTMENT, &units.join(", "));
        }
    }
}

/// The name in its parts; where only the full name is there, that is split, unless it is what the card has for no name.
fn name<'a>(card: &VCard, fields: &mut Fields, reach: impl Iterator<Item = &'a String>) {
    // A comma in an old card separates nothing.
    let separator = if card.version() == Some(VCardVersion::V2_1) { "," } else { " " };
    if let Some(parts) = sorted(card, &VCardProperty::N).first() {
        for (number, column) in [
            (0, columns::LAST_NAME),
            (1, columns::FIRST_NAME),
            (2, columns::MIDDLE_NAME),
            (3, columns::PREFIX),
            (4, columns::SUFFIX),
        ] {
            fields.put(column, &entry::part(parts, number, separator));
        }
    }
    let has_name = [columns::FIRST_NAME, columns::LAST_NAME]
        .iter()
        .any(|column| !fields.get(column).is_empty());
    if has_name || is_kind(card, "org") {
        return;
    }
    let full = sorted(card, &VCardProperty::Fn).first().map(|entry| entry::whole(entry, ", "));
    let full = full.unwrap_or_default();
    let is_full = |text: &str| text.eq_ignore_ascii_case(&full);
    let is_reach = reach.map(String::as_str).any(is_full);
    if !is_reach && !is_full(fields.get(columns::COMPANY)) {
        let (first, last) = names::split(&full);
        fields.put(columns::FIRST_NAME, &first);
        fields.put(columns::LAST_NAME, &last);
    }
}

/// Whether a card says that it is of this kind, or its program has said it in its own way.
fn is_kind(card: &VCard, kind: &str) -> bool {
    card.entries.iter().any(|property| {
        let is_about_it = match &property.name {
            VCardProperty::Kind => true,
            VCardProperty::Other(name) => name.eq_ignore_ascii_case("X-ADDRESSBOOKSERVER-KIND"),
            _ => false,
        };
        let shows_as = matches!(&property.name, VCardProperty::Other(name) if name.eq_ignore_ascii_case("X-ABSHOWAS"));
        let said = entry::whole(property, ",");
        (is_about_it && said.eq_ignore_ascii_case(kind))
            || (shows_as && kind == "org" && said.eq_ignore_ascii_case("COMPANY"))
    })
}

/// The preferred address.
fn home(card: &VCard, fields: &mut Fields) {
    let addresses = sorted(card, &VCardProperty::Adr);
    let Some(address) = addresses.iter().find(|entry| !entry::whole(entry, "").is_empty()) else {
        return;
    };
    let lines = [2, 1, 0].map(|part| entry::part(address, part, ", "));
    let lines: Vec<String> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    fields.put(columns::STREET, &lines.join(", "));
    for (number, column) in
        [(3, columns::CITY), (4, columns::REGION), (5, columns::POSTAL_CODE), (6, columns::COUNTRY)]
    {
        fields.put(column, &entry::part(address, number, ", "));
    }
}

/// What has no column of its own: our own properties in theirs, others under their names.
fn rest(card: &VCard, fields: &mut Fields) {
    for property in &card.entries {
        let name = match &property.name {
            VCardProperty::N
            | VCardProperty::Fn
            | VCardProperty::Email
            | VCardProperty::Tel
            | VCardProperty::Org
            | VCardProperty::Url
            | VCardProperty::Adr
            | VCardProperty::Categories
            | VCardProperty::Note
            | VCardProperty::Title
            | VCardProperty::Role
            | VCardProperty::Nickname
            | VCardProperty::Bday
            | VCardProperty::Anniversary
            | VCardProperty::Begin
            | VCardProperty::End => continue,
            VCardProperty::Other(name) => name,
            known => known.as_str(),
        };
        let value = entry::whole(property, ", ");
        if let Some(column) = own::column(name) {
            fields.put(&column, &value);
        } else if let Some(column) = columns::of_property(name) {
            fields.add(&column, &value);
        }
    }
}

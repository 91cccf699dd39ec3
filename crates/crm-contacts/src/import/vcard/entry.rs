//! Properties as `calcard` reads them.

use calcard::vcard::{VCard, VCardEntry, VCardParameterName, VCardParameterValue, VCardValue};
use calcard::{Entry, Parser};

/// Reads a card; `None` where it is none.
pub(super) fn read(text: &str) -> Option<VCard> {
    // The text came from anywhere. A card the crate stumbles over costs that card and not the file.
    match std::panic::catch_unwind(|| Parser::new(text).entry()) {
        Ok(Entry::VCard(card)) => Some(card),
        _ => None,
    }
}

/// A value as text; its parts with a separator between them.
pub(super) fn text(value: &VCardValue, separator: &str) -> String {
    match value {
        VCardValue::Component(parts) => parts.join(separator),
        VCardValue::Integer(number) => number.to_string(),
        VCardValue::Float(number) => number.to_string(),
        VCardValue::Boolean(truth) => truth.to_string(),
        VCardValue::PartialDateTime(_) | VCardValue::Binary(_) => String::new(),
        other => other.as_text().unwrap_or_default().to_owned(),
    }
}

/// All values of a property as one text.
pub(super) fn whole(entry: &VCardEntry, separator: &str) -> String {
    let texts = entry.values.iter().map(|value| text(value, separator).trim().to_owned());
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(separator)
}

/// A part of a property that has several; empty where it is not there.
pub(super) fn part(entry: &VCardEntry, number: usize, separator: &str) -> String {
    let value = entry.values.get(number).map(|value| text(value, separator));
    value.unwrap_or_default().trim().to_owned()
}

/// How much a property is preferred among its like, 1 before 101. Old cards say `PREF`, newer ones `TYPE=pref`, new ones
/// a number.
pub(super) fn preference(entry: &VCardEntry) -> u32 {
    let named = entry.parameters(&VCardParameterName::Pref).map(|value| match value {
        VCardParameterValue::Integer(number) => (*number).clamp(1, 100),
        _ => 1,
    });
    let typed = has_type(entry, "pref").then_some(1);
    named.chain(typed).min().unwrap_or(101)
}

/// Whether a property is of this type.
pub(super) fn has_type(entry: &VCardEntry, name: &str) -> bool {
    let mut types = entry.parameters(&VCardParameterName::Type).filter_map(|value| value.as_text());
    types.any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a property has a parameter of this name that `calcard` does not know.
pub(super) fn has_parameter(entry: &VCardEntry, name: &str) -> bool {
    let mut names = entry.params.iter().map(|parameter| parameter.name.as_str());
    names.any(|known| known.eq_ignore_ascii_case(name))
}

/// A date as fields of a contact take it; without a year it begins with `--`, and what is no date stays as it is.
pub(super) fn date(text: &str) -> String {
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    let digits: String = day.chars().filter(|c| *c != '-').collect();
    let is_date = day.chars().all(|c| c.is_ascii_digit() || c == '-');
    let parts = match (is_date, digits.len()) {
        (true, 8) => digits.split_at_checked(4),
        (true, 4) if day.starts_with("--") => Some(("-", digits.as_str())),
        _ => None,
    };
    match parts.and_then(|(year, rest)| Some((year, rest.split_at_checked(2)?))) {
        Some((year, (month, day))) => format!("{year}-{month}-{day}"),
        None => text.to_owned(),
    }
}

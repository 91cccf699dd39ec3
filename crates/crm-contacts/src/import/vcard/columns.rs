//! The columns cards are laid out in.

use std::collections::HashSet;

use super::super::reader::FIELD_LIMIT;

/// Longest name of a column made of a property's, in characters.
const MAX_NAME: usize = 200;

pub(super) const FIRST_NAME: &str = "First name";
pub(super) const MIDDLE_NAME: &str = "Middle name";
pub(super) const LAST_NAME: &str = "Last name";
pub(super) const PREFIX: &str = "Name prefix";
pub(super) const SUFFIX: &str = "Name suffix";
pub(super) const NICKNAME: &str = "Nickname";
pub(super) const EMAIL: &str = "Email";
pub(super) const OTHER_EMAILS: &str = "Other emails";
pub(super) const PHONE: &str = "Phone";
pub(super) const OTHER_PHONES: &str = "Other phones";
pub(super) const COMPANY: &str = "Company";
pub(super) const DEPARTMENT: &str = "Department";
pub(super) const TITLE: &str = "Job title";
pub(super) const ROLE: &str = "Role";
pub(super) const STREET: &str = "Street";
pub(super) const CITY: &str = "City";
pub(super) const REGION: &str = "Region";
pub(super) const POSTAL_CODE: &str = "Postal code";
pub(super) const COUNTRY: &str = "Country";
pub(super) const WEBSITE: &str = "Website";
pub(super) const OTHER_WEBSITES: &str = "Other websites";
pub(super) const BIRTHDAY: &str = "Birthday";
pub(super) const ANNIVERSARY: &str = "Anniversary";
pub(super) const TAGS: &str = "Tags";
pub(super) const NOTES: &str = "Notes";

/// The columns with names of their own, in the order they are shown in. Other properties follow as they come.
const ORDER: [&str; 25] = [
    FIRST_NAME,
    MIDDLE_NAME,
    LAST_NAME,
    PREFIX,
    SUFFIX,
    NICKNAME,
    EMAIL,
    OTHER_EMAILS,
    PHONE,
    OTHER_PHONES,
    COMPANY,
    DEPARTMENT,
    TITLE,
    ROLE,
    STREET,
    CITY,
    REGION,
    POSTAL_CODE,
    COUNTRY,
    WEBSITE,
    OTHER_WEBSITES,
    BIRTHDAY,
    ANNIVERSARY,
    TAGS,
    NOTES,
];

/// What other properties say of the card itself, of what was passed over, or of how programs show it.
const IGNORED: [&str; 21] = [
    "AGENT",
    "CLASS",
    "CLIENTPIDMAP",
    "KIND",
    "MAILER",
    "PRODID",
    "REV",
    "SORT-STRING",
    "SOURCE",
    "VERSION",
    "X-ABADR",
    "X-ABLABEL",
    "X-ABSHOWAS",
    "X-ABUID",
    "X-ADDRESSBOOKSERVER-KIND",
    "X-ADDRESSBOOKSERVER-MEMBER",
    "X-IMAGEHASH",
    "X-IMAGETYPE",
    "X-SHARED-PHOTO-DISPLAY-PREF",
    "X-WAFER-THUMBNAIL",
    "XML",
];

/// The column of a property without one of its own; `None` where it is passed over.
pub(super) fn of_property(name: &str) -> Option<String> {
    let name: String =
        name.to_uppercase().chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    (!name.is_empty() && !IGNORED.contains(&name.as_str())).then_some(name)
}

/// The columns met in a file.
#[derive(Default)]
pub(super) struct Found {
    known: HashSet<String>,
    in_turn: Vec<String>,
}

impl Found {
    /// Takes the columns of a card.
    pub(super) fn take(&mut self, names: impl Iterator<Item = String>) {
        for name in names {
            if self.in_turn.len() < FIELD_LIMIT && self.known.insert(name.clone()) {
                self.in_turn.push(name);
            }
        }
    }

    /// Their names in order.
    pub(super) fn into_names(mut self) -> Vec<String> {
        let place = |name: &String| ORDER.iter().position(|known| known == name);
        self.in_turn.sort_by_key(|name| place(name).unwrap_or(ORDER.len()));
        self.in_turn
    }
}

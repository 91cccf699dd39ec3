//! The columns a segment may name.

use crate::entity::base_contacts::Column;

/// What kind of value a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text that is empty where it is not set.
    Text,
    /// Text that is null where it is not set.
    OptionalText,
    /// A member of the workspace.
    Owner,
    /// A whole number.
    Amount,
}

const FIELDS: [(&str, Column, Kind); 7] = [
    ("first_name", Column::FirstName, Kind::Text),
    ("last_name", Column::LastName, Kind::Text),
    ("primary_email", Column::PrimaryEmail, Kind::OptionalText),
    ("primary_phone", Column::PrimaryPhone, Kind::OptionalText),
    ("company", Column::Company, Kind::Text),
    ("owner_id", Column::OwnerId, Kind::Owner),
    ("value_minor", Column::ValueMinor, Kind::Amount),
];

/// The column of this name.
pub(super) fn find(name: &str) -> Option<(Column, Kind)> {
    FIELDS.into_iter().find(|(known, ..)| *known == name).map(|(_, column, kind)| (column, kind))
}

/// All names, for messages.
pub(super) fn names() -> String {
    FIELDS.map(|(name, ..)| name).join(", ")
}

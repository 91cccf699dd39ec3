//! The columns of an export, named as the importer's targets.

use super::{ExportError, Result};
use crate::contacts::definitions::Definition;

/// What stands before the name of a custom field.
const PREFIX: &str = "custom.";

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    FirstName,
    LastName,
    Email,
    Phone,
    Company,
    /// The e-mail address of the member.
    Owner,
    Value,
    Stage,
    Tags,
    /// A custom field by its name.
    Custom(String),
    CreatedOn,
}

/// Those before the custom fields, by name.
const FIRST: [(&str, Column); 9] = [
    ("first_name", Column::FirstName),
    ("last_name", Column::LastName),
    ("primary_email", Column::Email),
    ("primary_phone", Column::Phone),
    ("company", Column::Company),
    ("owner", Column::Owner),
    ("value_minor", Column::Value),
    ("stage", Column::Stage),
    ("tags", Column::Tags),
];

/// The last one.
const LAST: (&str, Column) = ("created_on", Column::CreatedOn);

impl Column {
    /// Its name in the first row.
    pub(super) fn name(&self) -> String {
        if let Self::Custom(name) = self {
            return format!("{PREFIX}{name}");
        }
        let mut named = FIRST.iter().chain([&LAST]);
        named
            .find(|(_, column)| column == self)
            .map(|(name, _)| (*name).to_owned())
            .unwrap_or_default()
    }

    fn parse(name: &str, customs: &[Definition]) -> Option<Self> {
        if let Some(custom) = name.strip_prefix(PREFIX) {
            let known = customs.iter().find(|known| known.name == custom)?;
            return Some(Self::Custom(known.name.clone()));
        }
        let mut named = FIRST.into_iter().chain([LAST]);
        named.find(|(known, _)| *known == name).map(|(_, column)| column)
    }
}

/// The columns of these names, each once and in this order; all where there are no names.
pub(super) fn chosen(names: &[String], customs: &[Definition]) -> Result<Vec<Column>> {
    if names.is_empty() {
        let customs = customs.iter().map(|custom| Column::Custom(custom.name.clone()));
        let first = FIRST.into_iter().map(|(_, column)| column);
        return Ok(first.chain(customs).chain([LAST.1]).collect());
    }
    let mut columns = Vec::with_capacity(names.len());
    for name in names {
        let column =
            Column::parse(name, customs).ok_or_else(|| ExportError::UnknownColumn(name.clone()))?;
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    Ok(columns)
}

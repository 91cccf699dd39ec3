//! The orders a contact list has, by the words that name them in a query string.

use crate::entity::base_contacts::Column;

/// Begins the word of an order that goes down.
const DOWN: char = '-';
/// Begins the name of a custom field.
const CUSTOM: &str = "custom.";
/// Most characters a custom field's name is looked up with.
const MAX_NAME: usize = 100;

/// The orders a contact list has. `id` breaks ties.
///
/// In a column, a contact without a value comes before all others, and after them when descending. In a custom field it
/// comes last in both directions: most contacts have no value in most of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ContactSort {
    /// `-created_on`: newest first.
    #[default]
    NewestFirst,
    /// `created_on`: oldest first.
    OldestFirst,
    /// `last_name`
    LastName,
    /// `-last_name`
    LastNameDescending,
    /// `first_name`
    FirstName,
    /// `-first_name`
    FirstNameDescending,
    /// `primary_email`
    Email,
    /// `-primary_email`
    EmailDescending,
    /// `primary_phone`
    Phone,
    /// `-primary_phone`
    PhoneDescending,
    /// `company`
    Company,
    /// `-company`
    CompanyDescending,
    /// `value_minor`
    Value,
    /// `-value_minor`
    ValueDescending,
    /// `updated_at`: longest unchanged first.
    LongestUnchanged,
    /// `-updated_at`: last changed first.
    LastChanged,
    /// `stage_since`: longest in their stage first.
    LongestInStage,
    /// `-stage_since`: latest arrivals in their stage first.
    LatestInStage,
    /// `stage`: along the pipeline, and by id within a stage.
    Stage,
    /// `-stage`
    StageDescending,
    /// `owner`: by the names of the people who look after them, and by id for each of them.
    Owner,
    /// `-owner`
    OwnerDescending,
    /// `custom.<field>` or `-custom.<field>`
    Custom(CustomSort),
}

/// The order by a custom field: numbers as numbers, all others by the first 200 characters of their text without case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomSort {
    word: String,
}

impl CustomSort {
    /// Name of the field.
    pub fn field(&self) -> &str {
        let word = self.word.strip_prefix(DOWN).unwrap_or(&self.word);
        word.strip_prefix(CUSTOM).unwrap_or_default()
    }

    /// Whether the largest comes first.
    pub fn is_descending(&self) -> bool {
        self.word.starts_with(DOWN)
    }
}

impl ContactSort {
    /// Every order but those by a custom field with the word that names it in a query string.
    pub const ALL: [(&'static str, Self); 22] = [
        ("-created_on", Self::NewestFirst),
        ("created_on", Self::OldestFirst),
        ("last_name", Self::LastName),
        ("-last_name", Self::LastNameDescending),
        ("first_name", Self::FirstName),
        ("-first_name", Self::FirstNameDescending),
        ("primary_email", Self::Email),
        ("-primary_email", Self::EmailDescending),
        ("primary_phone", Self::Phone),
        ("-primary_phone", Self::PhoneDescending),
        ("company", Self::Company),
        ("-company", Self::CompanyDescending),
        ("value_minor", Self::Value),
        ("-value_minor", Self::ValueDescending),
        ("updated_at", Self::LongestUnchanged),
        ("-updated_at", Self::LastChanged),
        ("stage_since", Self::LongestInStage),
        ("-stage_since", Self::LatestInStage),
        ("stage", Self::Stage),
        ("-stage", Self::StageDescending),
        ("owner", Self::Owner),
        ("-owner", Self::OwnerDescending),
    ];

    /// Reads the word of a query string. Whether a custom field exists is found out when it is sorted by.
    pub fn parse(word: &str) -> Option<Self> {
        if let Some((_, sort)) = Self::ALL.into_iter().find(|(name, _)| *name == word) {
            return Some(sort);
        }
        let name = word.strip_prefix(DOWN).unwrap_or(word).strip_prefix(CUSTOM)?;
        let fits = !name.is_empty()
            && name.chars().count() <= MAX_NAME
            && !name.chars().any(char::is_control);
        fits.then(|| Self::Custom(CustomSort { word: word.to_owned() }))
    }

    /// The word for a query string.
    pub fn as_str(&self) -> &str {
        if let Self::Custom(custom) = self {
            return &custom.word;
        }
        Self::ALL.into_iter().find(|(_, sort)| sort == self).map_or("-created_on", |(name, _)| name)
    }

    /// Whether the largest comes first.
    pub fn is_descending(&self) -> bool {
        self.as_str().starts_with(DOWN)
    }

    /// The column it is by, `None` where it is by something beside the contact.
    pub(super) const fn column(&self) -> Option<Column> {
        Some(match self {
            Self::NewestFirst | Self::OldestFirst => Column::CreatedOn,
            Self::LastName | Self::LastNameDescending => Column::LastName,
            Self::FirstName | Self::FirstNameDescending => Column::FirstName,
            Self::Email | Self::EmailDescending => Column::PrimaryEmail,
            Self::Phone | Self::PhoneDescending => Column::PrimaryPhone,
            Self::Company | Self::CompanyDescending => Column::Company,
            Self::Value | Self::ValueDescending => Column::ValueMinor,
            Self::LongestUnchanged | Self::LastChanged => Column::UpdatedAt,
            Self::LongestInStage | Self::LatestInStage => Column::StageSince,
            Self::Stage
            | Self::StageDescending
            | Self::Owner
            | Self::OwnerDescending
            | Self::Custom(_) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip_and_strangers_are_refused() {
        for (word, sort) in ContactSort::ALL {
            assert_eq!(ContactSort::parse(word), Some(sort.clone()));
            assert_eq!((sort.as_str(), sort.is_descending()), (word, word.starts_with('-')));
        }
        let sort = ContactSort::parse("-custom.plan").unwrap();
        assert_eq!((sort.as_str(), sort.is_descending()), ("-custom.plan", true));
        let ContactSort::Custom(custom) = sort else { panic!("a custom sort") };
        assert_eq!(custom.field(), "plan");
        for word in ["", "-", "id", "--created_on", "custom", "custom.", "-custom.", "custom.a\0"] {
            assert_eq!(ContactSort::parse(word), None, "{word:?}");
        }
    }
}

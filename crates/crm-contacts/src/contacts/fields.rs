//! The columns of a contact, parsed from what was typed.

use crm_core::{EmailAddress, Phone, Scope, Tx, UserId};

use super::{ContactChange, ContactsError, NewContact, Result};
use crate::entity::base_contacts::Model;

/// Most characters of a name or company.
const MAX_CHARS: usize = 200;

/// Checked columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) primary_email: Option<String>,
    pub(crate) primary_phone: Option<String>,
    pub(crate) company: String,
    pub(crate) owner_id: Option<UserId>,
    pub(crate) value_minor: Option<i64>,
}

impl Fields {
    /// Reads what was typed for a whole contact; `region` is the country of phone numbers without a country code.
    pub(crate) fn parse(new: &NewContact, region: &str) -> Result<Self> {
        let fields = Self {
            first_name: text("first_name", &new.first_name)?,
            last_name: text("last_name", &new.last_name)?,
            primary_email: email(new.primary_email.as_deref())?,
            primary_phone: phone(new.primary_phone.as_deref(), region)?,
            company: text("company", &new.company)?,
            owner_id: new.owner_id,
            value_minor: new.value_minor,
        };
        fields.non_empty()
    }

    /// What is stored.
    pub(crate) fn of_row(row: &Model) -> Self {
        Self {
            first_name: row.first_name.clone(),
            last_name: row.last_name.clone(),
            primary_email: row.primary_email.clone(),
            primary_phone: row.primary_phone.clone(),
            company: row.company.clone(),
            owner_id: row.owner_id,
            value_minor: row.value_minor,
        }
    }

    /// The same with a change applied. What the change leaves alone is not parsed again.
    pub(crate) fn changed(mut self, change: &ContactChange, region: &str) -> Result<Self> {
        if let Some(first_name) = &change.first_name {
            self.first_name = text("first_name", first_name)?;
        }
        if let Some(last_name) = &change.last_name {
            self.last_name = text("last_name", last_name)?;
        }
        if let Some(address) = &change.primary_email {
            self.primary_email = email(address.as_deref())?;
        }
        if let Some(number) = &change.primary_phone {
            self.primary_phone = phone(number.as_deref(), region)?;
        }
        if let Some(company) = &change.company {
            self.company = text("company", company)?;
        }
        self.owner_id = change.owner_id.unwrap_or(self.owner_id);
        self.value_minor = change.value_minor.unwrap_or(self.value_minor);
        self.non_empty()
    }

    fn non_empty(self) -> Result<Self> {
        let named =
            [&self.first_name, &self.last_name, &self.company].iter().any(|t| !t.is_empty());
        if named || self.primary_email.is_some() || self.primary_phone.is_some() {
            Ok(self)
        } else {
            Err(ContactsError::Empty)
        }
    }

    /// Refuses an owner who does not belong to the workspace.
    pub(crate) async fn check_owner(&self, tx: &Tx, scope: &Scope) -> Result<()> {
        match self.owner_id {
            Some(owner) if !crm_core::workspace::is_member_in(tx, scope, owner).await? => {
                Err(ContactsError::InvalidOwner)
            }
            _ => Ok(()),
        }
    }

    /// Names of the columns in which the two differ.
    pub(super) fn differences(&self, other: &Self) -> Vec<&'static str> {
        [
            ("first_name", self.first_name != other.first_name),
            ("last_name", self.last_name != other.last_name),
            ("primary_email", self.primary_email != other.primary_email),
            ("primary_phone", self.primary_phone != other.primary_phone),
            ("company", self.company != other.company),
            ("owner_id", self.owner_id != other.owner_id),
            ("value_minor", self.value_minor != other.value_minor),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect()
    }
}

/// Trims a text and checks its length and characters.
pub(crate) fn text(field: &'static str, typed: &str) -> Result<String> {
    let text = typed.trim();
    if text.chars().count() > MAX_CHARS || text.chars().any(char::is_control) {
        return Err(ContactsError::InvalidText { field, max: MAX_CHARS });
    }
    Ok(text.to_owned())
}

fn email(typed: Option<&str>) -> Result<Option<String>> {
    match typed.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => Ok(Some(EmailAddress::parse(text)?.as_str().to_owned())),
    }
}

fn phone(typed: Option<&str>, region: &str) -> Result<Option<String>> {
    match typed.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => Ok(Some(Phone::parse(text, region)?.as_str().to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_trimmed_and_parsed() {
        let new = NewContact {
            first_name: " Ada ".to_owned(),
            primary_email: Some(" Ada@Example.ORG".to_owned()),
            primary_phone: Some("0664 123 45 67".to_owned()),
            ..NewContact::default()
        };
        let fields = Fields::parse(&new, "AT").unwrap();
        assert_eq!(fields.first_name, "Ada");
        assert_eq!(fields.primary_email.as_deref(), Some("ada@example.org"));
        assert_eq!(fields.primary_phone.as_deref(), Some("+436641234567"));
    }

    #[test]
    fn what_is_nobody_or_too_long_is_refused() {
        let nobody = NewContact { primary_email: Some("  ".to_owned()), ..NewContact::default() };
        assert!(matches!(Fields::parse(&nobody, "AT"), Err(ContactsError::Empty)));
        for bad in ["x".repeat(201), "a\u{0}b".to_owned(), "a\nb".to_owned()] {
            let new = NewContact { company: bad, ..NewContact::default() };
            let refused = Fields::parse(&new, "AT");
            assert!(matches!(refused, Err(ContactsError::InvalidText { field: "company", .. })));
        }
        let long = NewContact { company: "日".repeat(200), ..NewContact::default() };
        assert!(Fields::parse(&long, "AT").is_ok());
    }
}

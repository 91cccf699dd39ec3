//! The form of a contact as it was typed, and what it makes of a contact.

use crm_contacts::Contact;
use crm_contacts::contacts::{ContactChange, NewContact};
use crm_contacts::fields::Field;
use crm_core::{ListId, UserId};

use super::custom;
use crate::error::AppError;
use crate::pages::meanwhile::{Memory, Texts};
use crate::views::contacts::ContactForm;

/// The input of the tags among the fields of a form; it stands for all boxes called `list_ids`.
pub(super) const TAGS: &str = "tags";

/// The form as typed: `list_ids` comes once for each tag that is ticked.
pub(super) struct Typed(pub(super) Vec<(String, String)>);

impl Typed {
    pub(super) fn text(&self, name: &str) -> String {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map_or_else(String::new, |(_, value)| value.clone())
    }

    /// What the form says about the version it was opened with.
    pub(super) fn memory(&self) -> Memory {
        Memory::of(|name| self.text(name))
    }

    /// The version the form was opened with, where it names one.
    pub(super) fn version(&self) -> Option<i64> {
        self.text("version").parse().ok().filter(|version| *version > 0)
    }

    /// The values of these inputs.
    pub(super) fn texts<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Texts {
        let value = |name: &str| if name == TAGS { self.tags() } else { self.text(name) };
        names.into_iter().map(|name| (name.to_owned(), value(name))).collect()
    }

    /// Ids of the tags that are ticked, as one text.
    fn tags(&self) -> String {
        let mut ids: Vec<&str> =
            self.0.iter().filter(|(key, _)| key == "list_ids").map(|(_, id)| id.as_str()).collect();
        ids.sort_unstable();
        ids.join(",")
    }

    /// Other values for some inputs.
    pub(super) fn put(&mut self, texts: Texts) {
        for (name, value) in texts {
            let key = if name == TAGS { "list_ids" } else { name.as_str() };
            self.0.retain(|(known, _)| known != key);
            if name == TAGS {
                let ids = value.split(',').filter(|id| !id.is_empty());
                self.0.extend(ids.map(|id| (key.to_owned(), id.to_owned())));
            } else {
                self.0.push((name, value));
            }
        }
    }

    pub(super) fn lists(&self) -> Result<Vec<ListId>, AppError> {
        let ids = self
            .0
            .iter()
            .filter(|(key, value)| (key == "list_ids" || key == "stage_id") && !value.is_empty());
        ids.map(|(_, id)| id.parse())
            .collect::<Result<_, _>>()
            .map_err(|_| AppError::invalid("list_ids", "there is no such list"))
    }

    /// Who looks after the contact; empty for nobody.
    pub(super) fn owner(&self) -> Result<Option<UserId>, AppError> {
        match self.text("owner_id").as_str() {
            "" => Ok(None),
            id => {
                let nobody =
                    |_| AppError::invalid("owner_id", "this person is no member of the workspace");
                id.parse().map(Some).map_err(nobody)
            }
        }
    }

    /// The value in the smallest unit: people write `1,250.50`, or `1250,50`.
    pub(super) fn value(&self) -> Result<Option<i64>, AppError> {
        amount(&self.text("value"))
    }

    pub(super) fn contact(&self, fields: &[Field]) -> Result<NewContact, AppError> {
        Ok(NewContact {
            first_name: self.text("first_name"),
            last_name: self.text("last_name"),
            primary_email: Some(self.text("primary_email")),
            primary_phone: Some(self.text("primary_phone")),
            company: self.text("company"),
            owner_id: self.owner()?,
            value_minor: self.value()?,
            custom: custom::given(fields, self),
            list_ids: self.lists()?,
        })
    }

    /// The same as a change, which leaves what the form does not have as it is.
    pub(super) fn change(
        &self,
        fields: &[Field],
        stored: &Contact,
    ) -> Result<ContactChange, AppError> {
        let new = self.contact(fields)?;
        // Whoever left the workspace stays the owner until another one is chosen.
        let asked = self.0.iter().any(|(key, _)| key == "owner_id");
        let owner_id = Some(new.owner_id).filter(|id| asked && *id != stored.owner_id);
        Ok(ContactChange {
            first_name: Some(new.first_name),
            last_name: Some(new.last_name),
            primary_email: Some(new.primary_email),
            primary_phone: Some(new.primary_phone),
            company: Some(new.company),
            owner_id,
            value_minor: Some(new.value_minor),
            custom: custom::changed(fields, self, stored),
            list_ids: Some(new.list_ids),
        })
    }

    pub(super) fn form(&self) -> ContactForm {
        ContactForm {
            first_name: self.text("first_name"),
            last_name: self.text("last_name"),
            primary_email: self.text("primary_email"),
            primary_phone: self.text("primary_phone"),
            company: self.text("company"),
            value: self.text("value"),
        }
    }
}

fn amount(typed: &str) -> Result<Option<i64>, AppError> {
    let text: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if text.is_empty() {
        return Ok(None);
    }
    let invalid = || AppError::invalid("value", "enter an amount, like 1250 or 1250.50");
    let (is_negative, text) =
        text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
    let (whole, part) = match (text.split_once('.'), text.rsplit_once(',')) {
        (Some(parts), _) => parts,
        // One comma before one or two digits parts the cents; any other comma parts thousands.
        (None, Some((whole, part))) if part.len() < 3 && !whole.contains(',') => (whole, part),
        _ => (text, ""),
    };
    let whole: String = whole.chars().filter(|c| *c != ',').collect();
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(&whole) || part.len() > 2 || !digits(part) {
        return Err(invalid());
    }
    let whole: i64 = whole.parse().map_err(|_| invalid())?;
    let cents: i64 = format!("{part:0<2}").parse().map_err(|_| invalid())?;
    let size = whole.checked_mul(100).and_then(|n| n.checked_add(cents)).ok_or_else(invalid)?;
    Ok(Some(if is_negative { -size } else { size }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, minor) in [
            ("", None),
            ("1250", Some(125_000)),
            ("1,250.50", Some(125_050)),
            ("1 250,5", Some(125_050)),
            ("1,250", Some(125_000)),
            ("1,250,000", Some(125_000_000)),
            ("-0.50", Some(-50)),
            ("0", Some(0)),
        ] {
            assert_eq!(amount(text).ok(), Some(minor), "{text}");
        }
        for text in ["x", "1.234", "--1", ".5", "1.5.0", "9223372036854775807", "1e5", "1.-5"] {
            assert!(amount(text).is_err(), "{text}");
        }
    }
}

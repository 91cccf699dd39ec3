//! A contact as the texts its form is filled with, and those texts as people read them.

use crm_contacts::Contact;
use crm_contacts::fields::{Field, FieldType};
use crm_contacts::lists::List;
use crm_core::accounts::Member;

use super::custom;
use super::typed::TAGS;
use crate::pages::meanwhile::Texts;

/// Name and label of the inputs every contact has, in the order of the form.
const INPUTS: [(&str, &str); 9] = [
    ("first_name", "First name"),
    ("last_name", "Last name"),
    ("primary_email", "Email"),
    ("primary_phone", "Phone"),
    ("company", "Company"),
    ("value", "Value"),
    ("owner_id", "Owner"),
    ("stage_id", "Stage"),
    (TAGS, "Tags"),
];

/// Name and label of every input of the form, in its order.
pub(super) fn inputs(fields: &[Field]) -> Vec<(String, String)> {
    let own = INPUTS.into_iter().map(|(name, label)| (name.to_owned(), label.to_owned()));
    let open = fields.iter().filter(|field| field.archived_at.is_none());
    own.chain(open.map(|field| (custom::key(&field.name), field.label.clone()))).collect()
}

/// A value in whole currency, as people write it.
pub(super) fn amount(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let size = minor.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// What the form is filled with.
pub(super) fn of(contact: &Contact, fields: &[Field]) -> Texts {
    let stage = contact.lists.iter().find(|list| list.is_primary);
    let mut tags: Vec<String> = contact
        .lists
        .iter()
        .filter(|list| !list.is_primary)
        .map(|list| list.id.to_string())
        .collect();
    tags.sort_unstable();
    let own = [
        ("first_name", contact.first_name.clone()),
        ("last_name", contact.last_name.clone()),
        ("primary_email", contact.primary_email.clone().unwrap_or_default()),
        ("primary_phone", contact.primary_phone.clone().unwrap_or_default()),
        ("company", contact.company.clone()),
        ("value", contact.value_minor.map(amount).unwrap_or_default()),
        ("owner_id", contact.owner_id.map(|id| id.to_string()).unwrap_or_default()),
        ("stage_id", stage.map(|list| list.id.to_string()).unwrap_or_default()),
        (TAGS, tags.join(",")),
    ];
    let mut texts: Texts = own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    for field in fields.iter().filter(|field| field.archived_at.is_none()) {
        let value = contact.custom.get(&field.name).map_or_else(String::new, custom::plain);
        // A box that is not ticked sends nothing.
        let unticked = field.field_type == FieldType::Boolean && value == "false";
        texts.insert(custom::key(&field.name), if unticked { String::new() } else { value });
    }
    texts
}

/// What ids in those texts stand for.
pub(super) struct Known<'a> {
    pub(super) lists: &'a [List],
    pub(super) members: &'a [Member],
    pub(super) fields: &'a [Field],
}

impl Known<'_> {
    /// The text of an input as people read it.
    pub(super) fn say(&self, name: &str, value: &str) -> String {
        match name {
            "stage_id" => self.list(value),
            TAGS => {
                let names = value.split(',').filter(|id| !id.is_empty()).map(|id| self.list(id));
                names.collect::<Vec<_>>().join(", ")
            }
            "owner_id" if !value.is_empty() => {
                let member = self.members.iter().find(|member| member.user_id.to_string() == value);
                member.map_or_else(|| "Somebody who left".to_owned(), |member| member.name.clone())
            }
            custom if self.is_yes_or_no(custom) => {
                if value == "true" { "yes" } else { "no" }.to_owned()
            }
            _ => value.to_owned(),
        }
    }

    fn list(&self, id: &str) -> String {
        let list = self.lists.iter().find(|list| list.id.to_string() == id);
        list.map(|list| list.name.clone()).unwrap_or_default()
    }

    fn is_yes_or_no(&self, name: &str) -> bool {
        let field = self.fields.iter().find(|field| custom::key(&field.name) == name);
        field.is_some_and(|field| field.field_type == FieldType::Boolean)
    }
}

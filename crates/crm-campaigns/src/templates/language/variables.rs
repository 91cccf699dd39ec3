//! The variables a template may name.

use std::borrow::Cow;

use crm_contacts::Contact;
use crm_contacts::contacts::CustomValue;
use crm_contacts::segments::Wanted;

use super::Value;
use crate::templates::RenderContext;

/// Which custom fields count as known.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Known<'a> {
    /// These.
    Fields(&'a [String]),
    /// All: content that was checked when it was approved.
    Any,
}

impl Known<'_> {
    fn holds(self, field: &str) -> bool {
        match self {
            Self::Fields(fields) => fields.iter().any(|known| known == field),
            Self::Any => true,
        }
    }
}

/// One variable, with the name it was written by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    /// As written: `contact.first_name`.
    pub(crate) name: String,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    FirstName,
    LastName,
    FullName,
    Email,
    Phone,
    Company,
    Custom(String),
    WorkspaceName,
    PostalAddress,
    UnsubscribeUrl,
}

impl Variable {
    /// The variable this path names, if there is one.
    pub(super) fn resolve(path: &[&str], known: Known<'_>) -> Option<Self> {
        let what = match path {
            ["contact", "first_name"] => What::FirstName,
            ["contact", "last_name"] => What::LastName,
            ["contact", "full_name"] => What::FullName,
            ["contact", "primary_email" | "email"] | ["email"] => What::Email,
            ["contact", "primary_phone" | "phone"] => What::Phone,
            ["contact", "company"] => What::Company,
            ["contact", "custom", field] if known.holds(field) => What::Custom((*field).to_owned()),
            ["workspace", "name"] => What::WorkspaceName,
            ["workspace", "postal_address"] => What::PostalAddress,
            ["unsubscribe_url"] => What::UnsubscribeUrl,
            _ => return None,
        };
        Some(Self { name: path.join("."), what })
    }

    /// Whether this is the link that unsubscribes.
    pub(crate) fn is_unsubscribe_url(&self) -> bool {
        self.what == What::UnsubscribeUrl
    }

    /// Whether this is where the sender is reached by post.
    pub(crate) fn is_postal_address(&self) -> bool {
        self.what == What::PostalAddress
    }

    /// What a contact has to have for it; `None` where it is not about the contact.
    pub(crate) fn wanted(&self) -> Option<Wanted> {
        Some(match &self.what {
            What::FirstName => Wanted::FirstName,
            What::LastName => Wanted::LastName,
            What::FullName => Wanted::FullName,
            What::Email => Wanted::Email,
            What::Phone => Wanted::Phone,
            What::Company => Wanted::Company,
            What::Custom(field) => Wanted::Custom(field.clone()),
            What::WorkspaceName | What::PostalAddress | What::UnsubscribeUrl => return None,
        })
    }

    /// Its value for one message.
    pub(crate) fn value<'a>(
        &'a self,
        contact: &'a Contact,
        context: &'a RenderContext,
    ) -> Value<'a> {
        let text = match &self.what {
            What::FirstName => &contact.first_name,
            What::LastName => &contact.last_name,
            What::FullName => return self.full_name(contact),
            What::Email => contact.primary_email.as_deref().unwrap_or_default(),
            What::Phone => contact.primary_phone.as_deref().unwrap_or_default(),
            What::Company => &contact.company,
            What::Custom(field) => return self.custom(contact.custom.get(field)),
            What::WorkspaceName => &context.workspace_name,
            // Nobody is left out for what the workspace lacks; that is said for the campaign as a whole.
            What::PostalAddress => return Value::Text(Cow::Borrowed(&context.postal_address)),
            What::UnsubscribeUrl => &context.unsubscribe_url,
        };
        Value::text_of(&self.name, text)
    }

    fn full_name<'a>(&'a self, contact: &'a Contact) -> Value<'a> {
        let name = format!("{} {}", contact.first_name, contact.last_name);
        match name.trim() {
            "" => Value::Missing(&self.name),
            name => Value::Text(Cow::Owned(name.to_owned())),
        }
    }

    fn custom<'a>(&'a self, value: Option<&'a CustomValue>) -> Value<'a> {
        match value {
            None => Value::Missing(&self.name),
            Some(CustomValue::Boolean(truth)) => Value::Boolean(*truth),
            Some(CustomValue::Number(number)) => Value::Number(*number),
            Some(CustomValue::Text(text)) => Value::text_of(&self.name, text),
        }
    }
}

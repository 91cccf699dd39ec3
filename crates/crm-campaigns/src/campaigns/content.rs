//! What an approval pins: everything that decides what leaves, to whom and from whom.

use crm_contacts::Segment;
use crm_contacts::timeline::LogContent;
use crm_core::{ProviderId, RecipientId, Scope, StoreError, TemplateId};
use crm_providers::Carrier;
use crm_providers::email::Unsubscribe;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::deps::Imprint;
use super::{Schedule, SubjectTest, UnsubscribeLinks, Variant};
use crate::entity::campaigns;
use crate::mailbox::Outside;
use crate::templates::compile::{self, CompiledContent, Known};
use crate::templates::{Channel, NewTemplate, RenderContext, Result};

/// The content of a campaign as it was submitted, kept in `campaigns.content_json`. The engine sends this and nothing
/// else, whatever becomes of the template in the meantime.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PinnedContent {
    /// E-mail or text.
    pub(crate) channel: Channel,
    /// The template it was made from; a message to one person may have none.
    pub(crate) template_id: Option<TemplateId>,
    /// Which of its versions; absent in what was pinned before versions were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) template_version: Option<i64>,
    /// The template's content at that time.
    pub(crate) template: NewTemplate,
    /// The provider it goes through.
    pub(crate) provider_id: ProviderId,
    /// Who it comes from.
    pub(crate) sender: PinnedSender,
    /// Who gets it.
    pub(crate) segment: Segment,
    /// When and how fast.
    pub(crate) schedule: Schedule,
    /// How many people would have got it then.
    pub(crate) audience_count: u64,
    /// Two subjects, tried on a part of the audience.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject_test: Option<SubjectTest>,
    /// What makes it a message to one person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) single: Option<Single>,
}

/// What a message to one person has beside the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Single {
    /// Whether its author was told that the person had unsubscribed, and wants it sent all the same.
    pub(crate) despite_unsubscribed: bool,
}

/// Who a campaign comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PinnedSender {
    /// E-mail address, or what text messages come from. It keeps its first name, since approvals are hashes over it.
    #[serde(rename = "email")]
    pub(crate) address: String,
    /// Name; empty for text messages.
    pub(crate) name: String,
    /// Where replies go, if not to the address.
    pub(crate) reply_to: Option<String>,
}

impl PinnedSender {
    /// What the recipient sees of a provider's sender.
    pub(crate) fn of(carrier: &Carrier) -> Self {
        match carrier {
            Carrier::Email(provider) => {
                let sender = provider.sender();
                Self {
                    address: sender.email.to_string(),
                    name: sender.name.clone(),
                    reply_to: sender.reply_to.as_ref().map(ToString::to_string),
                }
            }
            Carrier::Text(provider) => {
                Self { address: provider.sender().to_owned(), name: String::new(), reply_to: None }
            }
        }
    }

    /// The part of the address behind the `@`, for `Message-ID`s.
    pub(crate) fn domain(&self) -> &str {
        self.address.rsplit_once('@').map_or("localhost", |(_, domain)| domain)
    }

    fn replies(&self) -> &str {
        self.reply_to.as_deref().unwrap_or(&self.address)
    }
}

impl PinnedContent {
    /// Reads what a campaign's row has pinned; `None` before it was submitted.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where the stored JSON is something else.
    pub(crate) fn of(row: &campaigns::Model) -> std::result::Result<Option<Self>, StoreError> {
        row.content_json.as_ref().map(Self::deserialize).transpose().map_err(StoreError::from)
    }

    /// SHA-256 over the content, as 64 hexadecimal digits. It is taken over the struct's own order of fields, not over
    /// the stored text, since PostgreSQL reorders the keys of stored JSON.
    pub(crate) fn hash(&self) -> std::result::Result<String, StoreError> {
        let digest = Sha256::digest(serde_json::to_vec(self)?);
        Ok(digest.iter().fold(String::new(), |hash, byte| hash + &format!("{byte:02x}")))
    }

    /// Compiles the content once for all its recipients. Custom fields are not checked again: one that was removed
    /// since is simply without a value.
    ///
    /// # Errors
    /// What [`compile::compile`] says; it has compiled before it was pinned.
    pub(crate) fn compile(&self) -> Result<Compiled> {
        let a = compile::compile(&self.template, Known::Any)?;
        if self.single.is_some() {
            return Ok(Compiled { a: a.without_footer(), b: None });
        }
        let b = self.subject_test.as_ref().map(|test| test.other(&self.template));
        let b = b.map(|template| compile::compile(&template, Known::Any)).transpose()?;
        Ok(Compiled { a, b })
    }
}

/// Content ready to be rendered, with either subject.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    /// The template's own.
    pub(crate) a: CompiledContent,
    /// With the other subject, where two are tried.
    pub(crate) b: Option<CompiledContent>,
}

impl Compiled {
    /// What a recipient gets: the first without a test.
    pub(crate) const fn of(&self, variant: Option<Variant>) -> &CompiledContent {
        match (variant, &self.b) {
            (Some(Variant::B), Some(b)) => b,
            _ => &self.a,
        }
    }

    /// All there is.
    pub(crate) fn all(&self) -> impl Iterator<Item = &CompiledContent> {
        std::iter::once(&self.a).chain(&self.b)
    }
}

/// `Message-ID` of one recipient, equal on every attempt.
pub(crate) fn message_id(recipient: RecipientId, sender: &PinnedSender) -> String {
    format!("{recipient}@{}", sender.domain())
}

/// How one recipient of the ledger unsubscribes: by link where the installation has a public address, and from e-mail
/// by mail, to the mailbox that is read where there is one.
pub(crate) fn unsubscribe(
    (links, outside): (&dyn UnsubscribeLinks, &Outside),
    scope: &Scope,
    recipient: RecipientId,
    (channel, sender): (Channel, &PinnedSender),
) -> Unsubscribe {
    let mailto = match channel {
        Channel::Email => {
            let read = outside.incoming.as_ref();
            Some(read.map_or_else(|| mailto(sender), |to| to.unsubscribe(scope, recipient)))
        }
        Channel::Text => None,
    };
    let url = if outside.is_closed { None } else { links.url(scope, recipient) };
    Unsubscribe { url, mailto }
}

/// What stands for the link in a text message where there is none: the word every provider of them listens to.
const STOP: &str = "reply STOP";

/// What the placeholders of one message stand for beside the contact.
pub(crate) fn context(imprint: &Imprint, unsubscribe: &Unsubscribe) -> RenderContext {
    let mail = || unsubscribe.mailto.as_ref().map(|to| format!("mailto:{to}"));
    RenderContext {
        workspace_name: imprint.name.clone(),
        postal_address: imprint.postal_address.clone(),
        unsubscribe_url: unsubscribe.url.clone().or_else(mail).unwrap_or_else(|| STOP.to_owned()),
    }
}

/// A message that was taken, as the timeline keeps it.
pub(crate) fn log(channel: Channel, subject: String, text: String) -> LogContent {
    let status = "sent".to_owned();
    match channel {
        Channel::Email => LogContent::Email {
            subject,
            body: text,
            status,
            opened: None,
            clicked_links: Vec::new(),
        },
        Channel::Text => LogContent::Text { message: text, status },
    }
}

/// Address and subject of a message that unsubscribes, as they stand behind `mailto:`.
pub(crate) fn mailto(sender: &PinnedSender) -> String {
    format!("{}?subject=unsubscribe", sender.replies())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_of_the_content_and_outlives_storage() {
        let json = r#"{
            "channel": "email", "template_id": "01920000-0000-7000-8000-000000000001",
            "provider_id": "01920000-0000-7000-8000-000000000002",
            "template": {"name": "N", "channel": "email", "format": "html", "subject": "S", "body_html": "<p>x</p>",
                "body_text": "", "preheader": "", "signature": ""},
            "sender": {"email": "a@example.org", "name": "A", "reply_to": null},
            "segment": {"all": [{"custom": "age", "op": "eq", "value": 5}]},
            "schedule": {"rate_per_minute": 10}, "audience_count": 3
        }"#;
        let pinned: PinnedContent = serde_json::from_str(json).unwrap();
        let hash = pinned.hash().unwrap();
        assert_eq!(hash, "70ff91c3ba02b810ccf88f899f568158aa3052f1ff4dac39ed1cf9d232da175d");
        let stored = serde_json::to_value(&pinned).unwrap();
        // PostgreSQL hands keys back in an order of its own; so does this map.
        let again: PinnedContent = serde_json::from_str(&stored.to_string()).unwrap();
        assert_eq!(again.hash().unwrap(), hash);

        let mut other = pinned.clone();
        other.template.subject.push('!');
        assert_ne!(other.hash().unwrap(), hash);
        let other = PinnedContent { audience_count: 4, ..pinned };
        assert_ne!(other.hash().unwrap(), hash);
    }
}

//! One message from its claim to its outcome.

use std::sync::Arc;
use std::time::Duration;

use crm_contacts::Contact;
use crm_core::{CampaignId, Clock, EmailAddress, Phone, RecipientId, Scope, torture};
use crm_providers::email::{InFlight, Settled};
use crm_providers::{Carrier, Outcome, Outgoing, OutgoingEmail, OutgoingText};
use tokio::sync::OwnedSemaphorePermit;

use super::claim::Claim;
use super::outcome::{Done, SentText, Verdict};
use super::prepare::Prepared;
use crate::campaigns::{SkipReason, UnsubscribeLinks, Variant, content};
use crate::mailbox::Outside;
use crate::templates::{Channel, Compiled as _, Rendered};
use crate::tracking::{self, TrackingLinks, Wanted};

/// Providers have time-outs of their own; this one only keeps a campaign from hanging for ever on one that fails to.
const LONGEST: Duration = Duration::from_mins(5);

/// Everything one message needs.
pub(super) struct Flight {
    pub(super) prepared: Arc<Prepared>,
    pub(super) provider: Carrier,
    pub(super) links: Arc<dyn UnsubscribeLinks>,
    pub(super) tracking_links: Arc<dyn TrackingLinks>,
    pub(super) tracking: Wanted,
    pub(super) outside: Outside,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) scope: Scope,
    pub(super) campaign_id: CampaignId,
    pub(super) claim: Claim,
    pub(super) contact: Option<Contact>,
    /// Given back when the message has landed.
    pub(super) slot: OwnedSemaphorePermit,
}

impl Flight {
    /// Renders and sends, and tells what became of it.
    pub(super) async fn fly(self) -> Done {
        if torture::mutant("ack_first") {
            return self.fly_after_saying_so();
        }
        let verdict = self.verdict().await;
        drop(self.slot);
        Done {
            recipient_id: self.claim.recipient_id,
            claim_token: self.claim.token,
            at: self.clock.now(),
            verdict,
        }
    }

    /// What must never be: the outcome is told before there is one.
    fn fly_after_saying_so(self) -> Done {
        let done = Done {
            recipient_id: self.claim.recipient_id,
            claim_token: self.claim.token.clone(),
            at: self.clock.now(),
            verdict: match self.message() {
                Ok((_, rendered)) => {
                    Verdict::Sent { log: Some(text_of(rendered)), external_id: None }
                }
                Err(verdict) => verdict,
            },
        };
        tokio::spawn(async move { self.verdict().await });
        done
    }

    async fn verdict(&self) -> Verdict {
        let (message, rendered) = match self.message() {
            Ok(message) => message,
            Err(verdict) => return verdict,
        };
        let sending = self.provider.send(&message);
        let began = self.clock.now();
        let outcome = tokio::time::timeout(LONGEST, sending).await.unwrap_or_else(|_| {
            Outcome::Unknown { message: "the provider did not answer in five minutes".to_owned() }
        });
        let sent = |external_id| Verdict::Sent { log: Some(text_of(rendered)), external_id };
        match outcome {
            Outcome::Accepted { provider_id } => sent(provider_id),
            Outcome::Transient { kind, message, retry_after } => {
                Verdict::Retry { kind, message, retry_after }
            }
            Outcome::Permanent { kind, message, suppress } => {
                Verdict::Failed { kind, message, suppress }
            }
            Outcome::Blocked { kind, message } => Verdict::Blocked { kind, message },
            // A provider that can look itself up may know after all.
            Outcome::Unknown { message } => {
                let about = InFlight {
                    recipient_id: self.claim.recipient_id,
                    address: self.claim.address.clone(),
                    message_id: self.message_id(),
                    since: Some(began),
                };
                match settled(&self.provider, &about).await {
                    Settled::Accepted { provider_id } => sent(provider_id),
                    Settled::NotAccepted | Settled::Unknown => Verdict::Unknown { message },
                }
            }
        }
    }

    /// The message, or why there is none.
    fn message(&self) -> Result<(Outgoing, Rendered), Verdict> {
        let Some(contact) = &self.contact else {
            return Err(Verdict::Undeliverable { message: "the contact was deleted".to_owned() });
        };
        let undeliverable = |message: String| Verdict::Undeliverable { message };
        let recipient_id = self.claim.recipient_id;
        let rendered = render(
            &self.prepared,
            (self.links.as_ref(), &self.outside),
            &self.scope,
            (recipient_id, self.claim.variant),
            contact,
        )?;
        let address = self.claim.address.as_str();
        let message = match self.prepared.content.channel {
            Channel::Email => {
                let to = EmailAddress::parse(address);
                let to = to.map_err(|error| undeliverable(error.to_string()))?;
                Outgoing::Email(self.email(contact, to, &rendered))
            }
            Channel::Text => {
                let to = Phone::parse(address, "");
                let to = to.map_err(|error| undeliverable(error.to_string()))?;
                Outgoing::Text(self.text(contact, to, &rendered))
            }
        };
        Ok((message, rendered))
    }

    fn message_id(&self) -> String {
        match self.claim.message_id.as_str() {
            "" => content::message_id(self.claim.recipient_id, &self.prepared.content.sender),
            fixed => fixed.to_owned(),
        }
    }

    fn text(&self, contact: &Contact, to: Phone, rendered: &Rendered) -> OutgoingText {
        let is_campaign = self.prepared.content.single.is_none();
        OutgoingText {
            recipient_id: Some(self.claim.recipient_id),
            workspace_id: self.scope.workspace_id(),
            campaign_id: is_campaign.then_some(self.campaign_id),
            contact_id: Some(contact.id),
            to,
            body: rendered.text.clone(),
        }
    }

    fn email(&self, contact: &Contact, to: EmailAddress, rendered: &Rendered) -> OutgoingEmail {
        let (links, recipient_id) = (self.links.as_ref(), self.claim.recipient_id);
        let ways = (links, &self.outside);
        let sender = &self.prepared.content.sender;
        let is_campaign = self.prepared.content.single.is_none();
        let name = format!("{} {}", contact.first_name, contact.last_name).trim().to_owned();
        let unsubscribe =
            content::unsubscribe(ways, &self.scope, recipient_id, (Channel::Email, sender));
        let html = tracking::mark(
            rendered.html.clone(),
            self.tracking_links.as_ref(),
            (&self.scope, recipient_id),
            self.tracking,
            unsubscribe.url.as_deref(),
        );
        OutgoingEmail {
            recipient_id: Some(recipient_id),
            workspace_id: self.scope.workspace_id(),
            campaign_id: is_campaign.then_some(self.campaign_id),
            contact_id: Some(contact.id),
            message_id: self.message_id(),
            to,
            to_name: Some(name).filter(|name| !name.is_empty()),
            subject: rendered.subject.clone(),
            html,
            text: rendered.text.clone(),
            // Mail from one person to another has no list to leave.
            unsubscribe: is_campaign.then_some(unsubscribe),
            return_path: self
                .outside
                .incoming
                .as_ref()
                .and_then(|read| read.reports(&self.scope, recipient_id)),
        }
    }
}

/// The message as this contact gets it, or why it must not be sent.
pub(super) fn render(
    prepared: &Prepared,
    ways: (&dyn UnsubscribeLinks, &Outside),
    scope: &Scope,
    (recipient_id, variant): (RecipientId, Option<Variant>),
    contact: &Contact,
) -> Result<Rendered, Verdict> {
    let unsubscribe = content::unsubscribe(
        ways,
        scope,
        recipient_id,
        (prepared.content.channel, &prepared.content.sender),
    );
    let context = content::context(&prepared.imprint, &unsubscribe);
    match prepared.compiled.of(variant).render(contact, &context) {
        // The contact has changed since the audience was resolved.
        Ok(rendered) if !rendered.missing.is_empty() => {
            Err(Verdict::Skipped(SkipReason::MissingVariable))
        }
        Ok(rendered) => Ok(rendered),
        Err(error) => Err(Verdict::Undeliverable { message: error.to_string() }),
    }
}

/// What the timeline keeps of a message.
pub(super) fn text_of(rendered: Rendered) -> SentText {
    SentText { subject: rendered.subject, body: rendered.text }
}

/// Asks a provider about a message, but not for long.
pub(super) async fn settled(provider: &Carrier, about: &InFlight) -> Settled {
    let asking = provider.settle_in_flight(about);
    tokio::time::timeout(Duration::from_secs(5), asking).await.unwrap_or(Settled::Unknown)
}

//! Mailgun (its HTTP API, `messages.mime`): the same bytes as by SMTP, handed over in a form.

mod classify;
mod events;
mod list;
mod test;
mod webhook;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use crm_core::outbound::{Address, Reach};
use crm_core::{Clock, EmailAddress, RecipientId, Timestamp, torture};
use reqwest::RequestBuilder;
use reqwest::header::CONTENT_TYPE;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::email::{EmailProvider, InFlight, Outcome, OutgoingEmail, Sender, Settled};
use crate::http::{self, Api};
use crate::mime;
use crate::outbound::OutboundPolicy;
use crate::polling::Page;
use crate::providers::MailgunConfig;
use crate::smtp::{Surroundings, Trust};

pub use webhook::{Event, TOKENS_KEPT, Webhook};

/// Where accounts in the United States live.
pub const US: &str = "https://api.mailgun.net";
/// Where accounts in the European Union live.
pub const EU: &str = "https://api.eu.mailgun.net";
/// Messages in flight at once.
const CONCURRENCY: usize = 4;
/// The user's name at Mailgun's API, whoever it is.
const USER: &str = "api";
/// The variable that names the ledger row. Mailgun keeps it with the message and with its events.
const RECIPIENT: &str = "pi-crm-recipient";

/// Where the API is, and which addresses may be connected to.
pub(crate) fn place(
    base_url: Option<&str>,
    operator: Option<&Address>,
    outbound: &OutboundPolicy,
) -> Result<(Address, Reach), crm_core::outbound::AddressError> {
    http::place(base_url.unwrap_or(US), &[US, EU], operator, outbound)
}

/// An account at Mailgun.
struct Mailgun {
    api: Api,
    clock: Arc<dyn Clock>,
    domain: String,
    key: SecretString,
}

impl Mailgun {
    fn sign(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(USER, Some(self.key.expose_secret()))
    }

    async fn send(&self, message: &OutgoingEmail, sender: &Sender) -> Outcome {
        let bytes = mime::build(message, sender, self.clock.now());
        let recipient = message.recipient_id.map(|id| id.to_string());
        let variable = format!("v:{RECIPIENT}");
        // Opens and clicks are counted by us, where the workspace wants that: Mailgun leaves the message as it is.
        let mut fields = vec![
            ("to", message.to.as_str()),
            ("o:tracking", "no"),
            ("o:tracking-clicks", "no"),
            ("o:tracking-opens", "no"),
        ];
        if let Some(recipient) = &recipient {
            fields.push((&variable, recipient));
        }
        let form = wire::form(&fields, &bytes);
        let path = format!("/v3/{}/messages.mime", self.domain);
        torture::point("before_data");
        let answer = self.api.post(&path, form.body, |request| {
            self.sign(request).header(CONTENT_TYPE, form.content_type)
        });
        match answer.await {
            Ok(answer) => {
                torture::point("after_accept");
                classify::outcome(&answer)
            }
            Err(failure) => failure.outcome(),
        }
    }
}

/// Mailgun, opened.
pub struct MailgunProvider {
    mailgun: Mailgun,
    sender: Sender,
    trust: Trust,
    permits: Semaphore,
}

impl MailgunProvider {
    /// The account that `config` names, at the address [`place`] found.
    ///
    /// # Errors
    /// [`crm_core::email::BadEmail`] where a sender's address in `config` has no valid form.
    pub(crate) fn new(
        config: &MailgunConfig,
        key: SecretString,
        place: (Address, Reach),
        around: Surroundings,
    ) -> Result<Self, crm_core::email::BadEmail> {
        let sender = Sender {
            email: EmailAddress::parse(&config.from_email)?,
            name: config.from_name.clone(),
            reply_to: config.reply_to.as_deref().map(EmailAddress::parse).transpose()?,
        };
        let Surroundings { clock, trust, timeouts, runtime, .. } = around;
        let api = Api::new(place, Arc::clone(&clock), timeouts, runtime);
        let mailgun = Mailgun { api, clock, domain: config.domain.clone(), key };
        Ok(Self { mailgun, sender, trust, permits: Semaphore::new(CONCURRENCY) })
    }
}

impl MailgunProvider {
    /// A page of what happened since a moment, the oldest first.
    ///
    /// # Errors
    /// In words, where it cannot be asked.
    pub(crate) async fn events(
        &self,
        since: Timestamp,
        next: Option<&str>,
    ) -> Result<Page<Event>, String> {
        list::page(&self.mailgun, since, next).await
    }
}

#[async_trait]
impl EmailProvider for MailgunProvider {
    async fn send(&self, message: &OutgoingEmail) -> Outcome {
        // The semaphore is never closed; were it, nothing would have left.
        let Ok(_permit) = self.permits.acquire().await else { return Outcome::closed() };
        self.mailgun.send(message, &self.sender).await
    }

    async fn settle(&self, recipient_id: RecipientId) -> Settled {
        let message_id = format!("{recipient_id}@{}", self.sender.email.domain());
        self.settle_in_flight(&InFlight {
            recipient_id,
            address: String::new(),
            message_id,
            since: None,
        })
        .await
    }

    async fn settle_in_flight(&self, about: &InFlight) -> Settled {
        events::settle(&self.mailgun, about).await
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    fn sender(&self) -> &Sender {
        &self.sender
    }

    async fn close(&self) {
        self.mailgun.api.close();
    }
}

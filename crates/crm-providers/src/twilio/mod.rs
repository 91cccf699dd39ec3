//! Twilio's Programmable Messaging (its REST API of 2010-04-01) by plain HTTP; see docs/adr for why by no crate.

mod callback;
mod classify;
mod list;
mod look_up;
mod signature;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use crm_core::outbound::{Address, Reach};
use crm_core::{Clock, RecipientId, Timestamp, torture};
use reqwest::RequestBuilder;
use reqwest::header::CONTENT_TYPE;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;
use url::form_urlencoded::Serializer;

use crate::email::{InFlight, Outcome, Settled};
use crate::http::{self, Api};
use crate::outbound::OutboundPolicy;
use crate::polling::{ListedText, Page};
use crate::providers::{TestStep, TwilioConfig};
use crate::smtp::Surroundings;
use crate::text::{OutgoingText, TextProvider};

pub use callback::{CallBody, Callback, SignedCall};
pub use classify::delivery;

/// Where Twilio's API is.
pub const BASE: &str = "https://api.twilio.com";
/// Messages in flight at once. Twilio queues what comes faster than a number may send.
const CONCURRENCY: usize = 4;
/// Most characters of a message Twilio takes.
pub const MAX_BODY: usize = 1_600;

/// Where the API is, and which addresses may be connected to.
pub(crate) fn place(
    base_url: Option<&str>,
    operator: Option<&Address>,
    outbound: &OutboundPolicy,
) -> Result<(Address, Reach), crm_core::outbound::AddressError> {
    http::place(base_url.unwrap_or(BASE), &[BASE], operator, outbound)
}

/// A Twilio account, opened.
pub struct TwilioProvider {
    api: Api,
    clock: Arc<dyn Clock>,
    account_sid: String,
    token: SecretString,
    /// The number or name messages come from, or the id of a messaging service.
    sender: String,
    /// Whether that is a messaging service.
    is_service: bool,
    /// Where Twilio tells what became of a message; absent where nobody outside can reach this installation.
    callback_url: Option<String>,
    permits: Semaphore,
}

impl TwilioProvider {
    /// The account that `config` names, at the address [`place`] found.
    pub(crate) fn new(
        config: &TwilioConfig,
        token: SecretString,
        place: (Address, Reach),
        callback_url: Option<String>,
        around: Surroundings,
    ) -> Self {
        let Surroundings { clock, timeouts, runtime, .. } = around;
        let service = config.messaging_service_sid.clone();
        let is_service = service.is_some();
        let sender = service.or_else(|| config.from.clone()).unwrap_or_default();
        Self {
            api: Api::new(place, Arc::clone(&clock), timeouts, runtime),
            clock,
            account_sid: config.account_sid.clone(),
            token,
            sender,
            is_service,
            callback_url,
            permits: Semaphore::new(CONCURRENCY),
        }
    }

    /// A page of messages of a day and those after it.
    ///
    /// # Errors
    /// In words, where it cannot be asked.
    pub(crate) async fn listed(
        &self,
        since: Timestamp,
        next: Option<&str>,
    ) -> Result<Page<ListedText>, String> {
        list::page(self, since, next).await
    }

    fn sign(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(&self.account_sid, Some(self.token.expose_secret()))
    }

    fn messages(&self) -> String {
        format!("/2010-04-01/Accounts/{}/Messages.json", self.account_sid)
    }

    fn form(&self, message: &OutgoingText) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("To", message.to.as_str());
        let from = if self.is_service { "MessagingServiceSid" } else { "From" };
        form.append_pair(from, &self.sender);
        form.append_pair("Body", &message.body);
        if let (Some(url), Some(recipient)) = (&self.callback_url, message.recipient_id) {
            // What it calls back is signed with its address, so that nobody can tell us of another message.
            form.append_pair("StatusCallback", &format!("{url}?recipient={recipient}"));
        }
        form.finish()
    }
}

#[async_trait]
impl TextProvider for TwilioProvider {
    async fn send(&self, message: &OutgoingText) -> Outcome {
        if message.body.chars().count() > MAX_BODY {
            return Outcome::Permanent {
                kind: "too long".to_owned(),
                message: format!("a text message has up to {MAX_BODY} characters"),
                suppress: false,
            };
        }
        // The semaphore is never closed; were it, nothing would have left.
        let Ok(_permit) = self.permits.acquire().await else { return Outcome::closed() };
        torture::point("before_data");
        let form = self.form(message).into_bytes();
        let path = self.messages();
        let answer = self.api.post(&path, form, |request| {
            self.sign(request).header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        });
        match answer.await {
            Ok(answer) => {
                torture::point("after_accept");
                classify::outcome(&answer)
            }
            Err(failure) => failure.outcome(),
        }
    }

    async fn settle(&self, _recipient_id: RecipientId) -> Settled {
        // Twilio knows nothing of our rows; it is asked about a number and a time.
        Settled::Unknown
    }

    async fn settle_in_flight(&self, about: &InFlight) -> Settled {
        look_up::settle(self, about).await
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    fn sender(&self) -> &str {
        &self.sender
    }

    async fn close(&self) {
        self.api.close();
    }
}

/// Tries the account out with a message.
pub(crate) async fn test(
    through: &dyn TextProvider,
    message: &OutgoingText,
    limit: Duration,
) -> Vec<TestStep> {
    let begin = Instant::now();
    let outcome = tokio::time::timeout(limit, through.send(message)).await;
    let outcome = outcome.unwrap_or_else(|_| Outcome::Unknown {
        message: format!("no answer within {} s", limit.as_secs()),
    });
    let millis = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (step, ok, message) = match outcome {
        Outcome::Accepted { provider_id } => {
            ("send", true, format!("accepted as {}", provider_id.unwrap_or_default()))
        }
        Outcome::Blocked { kind, message } if kind == "authentication" => {
            ("sign_in", false, message)
        }
        Outcome::Transient { kind, message, .. } if kind == "connect" || kind == "timeout" => {
            ("connect", false, message)
        }
        Outcome::Transient { kind, message, .. } if kind == "tls" => ("tls", false, message),
        Outcome::Blocked { message, .. }
        | Outcome::Transient { message, .. }
        | Outcome::Permanent { message, .. }
        | Outcome::Unknown { message } => ("send", false, message),
    };
    vec![TestStep { step, ok, message, millis }]
}

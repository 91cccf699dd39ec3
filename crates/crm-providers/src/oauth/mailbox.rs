//! A mailbox somebody connected, opened for sending. What Gmail and Outlook do differently is their [`Dialect`].

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use crm_core::{Clock, RecipientId, torture};
use reqwest::header::CONTENT_TYPE;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::access::{Access, AccessError};
use super::service::Service;
use crate::email::{EmailProvider, InFlight, Outcome, OutgoingEmail, Sender, Settled};
use crate::http::{Answer, Api, Failure};
use crate::mime;
use crate::providers::TestStep;

/// Messages in flight at once: both services slow down a mailbox that sends more.
const CONCURRENCY: usize = 2;

/// How one service takes messages, and what its answers mean.
pub(crate) trait Dialect: Send + Sync {
    /// The path messages are posted to.
    fn path(&self) -> &'static str;
    /// The type of what is posted.
    fn content_type(&self) -> &'static str;
    /// A message as it is posted.
    fn content(&self, message: Vec<u8>) -> Vec<u8>;
    /// What an answer means.
    fn outcome(&self, answer: &Answer) -> Outcome;
    /// The path under which a sent message is found by its `Message-ID`.
    fn look(&self, message_id: &str) -> String;
    /// The id of the message that was found.
    fn found(&self, answer: &Value) -> Option<String>;
}

/// A mailbox, opened.
pub struct MailboxProvider {
    service: Service,
    dialect: &'static dyn Dialect,
    access: Access,
    api: Api,
    clock: Arc<dyn Clock>,
    sender: Sender,
    permits: Semaphore,
}

impl MailboxProvider {
    pub(crate) fn new(
        (service, dialect): (Service, &'static dyn Dialect),
        access: Access,
        api: Api,
        clock: Arc<dyn Clock>,
        sender: Sender,
    ) -> Self {
        let permits = Semaphore::new(CONCURRENCY);
        Self { service, dialect, access, api, clock, sender, permits }
    }

    async fn post(&self, content: &[u8], token: &SecretString) -> Result<Answer, Failure> {
        let content_type = self.dialect.content_type();
        self.api
            .post(self.dialect.path(), content.to_vec(), |request| {
                request.bearer_auth(token.expose_secret()).header(CONTENT_TYPE, content_type)
            })
            .await
    }

    async fn hand_over(&self, message: &OutgoingEmail) -> Outcome {
        let content = self.dialect.content(mime::build(message, &self.sender, self.clock.now()));
        let mut token = match self.access.token(None).await {
            Ok(token) => token,
            Err(error) => return no_access(error, self.service),
        };
        torture::point("before_data");
        let mut answer = self.post(&content, &token).await;
        // A token may end before its time. The service has read no further than it, so that nothing was taken.
        if answer.as_ref().is_ok_and(|answer| answer.status == 401) {
            token = match self.access.token(Some(&token)).await {
                Ok(token) => token,
                Err(error) => return no_access(error, self.service),
            };
            answer = self.post(&content, &token).await;
        }
        match answer {
            Ok(answer) => {
                torture::point("after_accept");
                self.dialect.outcome(&answer)
            }
            Err(failure) => failure.outcome(),
        }
    }

    /// Gets a token and sends `message`; the steps end with the first that fails.
    pub(crate) async fn test(&self, message: &OutgoingEmail, limit: Duration) -> Vec<TestStep> {
        let begin = Instant::now();
        let step = |step, ok, message| {
            let millis = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
            TestStep { step, ok, message, millis }
        };
        let late = || format!("no answer within {} s", limit.as_secs());
        let signed_in = match tokio::time::timeout(limit, self.access.token(None)).await {
            Ok(Ok(_)) => step("sign_in", true, format!("signed in as {}", self.sender.email)),
            Ok(Err(error)) => return vec![step("sign_in", false, words(error, self.service))],
            Err(_) => return vec![step("sign_in", false, late())],
        };
        let sent = match tokio::time::timeout(limit, self.send(message)).await {
            Ok(Outcome::Accepted { provider_id }) => {
                let id = provider_id.map(|id| format!(" as {id}")).unwrap_or_default();
                step("send", true, format!("{} took it{id}", self.service.name()))
            }
            Ok(
                Outcome::Transient { message, .. }
                | Outcome::Permanent { message, .. }
                | Outcome::Blocked { message, .. }
                | Outcome::Unknown { message },
            ) => step("send", false, message),
            Err(_) => step("send", false, late()),
        };
        vec![signed_in, sent]
    }

    /// Looks for a message among the sent ones; `None` where it is not there or nobody may look.
    async fn find(&self, message_id: &str) -> Option<String> {
        let grant = self.access.grant().await.ok()?;
        if !self.service.may_look(&grant.scopes) {
            return None;
        }
        let token = self.access.token(None).await.ok()?;
        let path = self.dialect.look(message_id);
        let asking = self.api.get(&path, |request| request.bearer_auth(token.expose_secret()));
        let answer = asking.await.ok().filter(|answer| answer.status == 200)?;
        self.dialect.found(&answer.json()?)
    }
}

/// Why there is no token, in words.
pub(crate) fn words(error: AccessError, service: Service) -> String {
    let name = service.name();
    match error {
        AccessError::NotConnected => "nobody has connected this mailbox yet".to_owned(),
        AccessError::NeedsReconnect(said) => {
            format!("{name} takes our access no more; connect the mailbox again ({said})")
        }
        AccessError::Refused(said) => format!("{name} does not let pi-crm in: {said}"),
        AccessError::Trouble(said) => format!("{name} gave no access: {said}"),
    }
}

/// What having no token means for a message. Trying again by itself would help only in the last case.
fn no_access(error: AccessError, service: Service) -> Outcome {
    let kind = match &error {
        AccessError::NotConnected | AccessError::NeedsReconnect(_) => "reconnect",
        AccessError::Refused(_) => "authentication",
        AccessError::Trouble(_) => {
            let message = words(error, service);
            return Outcome::Transient { kind: "connect".to_owned(), message, retry_after: None };
        }
    };
    Outcome::Blocked { kind: kind.to_owned(), message: words(error, service) }
}

#[async_trait]
impl EmailProvider for MailboxProvider {
    async fn send(&self, message: &OutgoingEmail) -> Outcome {
        // The semaphore is never closed; were it, nothing would have left.
        let Ok(_permit) = self.permits.acquire().await else { return Outcome::closed() };
        self.hand_over(message).await
    }

    async fn settle(&self, recipient_id: RecipientId) -> Settled {
        let message_id = format!("{recipient_id}@{}", self.sender.email.domain());
        let address = String::new();
        self.settle_in_flight(&InFlight { recipient_id, address, message_id, since: None }).await
    }

    async fn settle_in_flight(&self, about: &InFlight) -> Settled {
        match self.find(&about.message_id).await {
            Some(id) => Settled::Accepted { provider_id: Some(id) },
            // It may not be listed yet, and whoever owns the mailbox may have deleted it.
            None => Settled::Unknown,
        }
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    fn sender(&self) -> &Sender {
        &self.sender
    }

    async fn close(&self) {
        self.api.close();
    }
}

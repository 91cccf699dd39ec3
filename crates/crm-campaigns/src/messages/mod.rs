//! Messages from a member to one contact. Each is a campaign of its own kind with one row in the ledger, so that the
//! engine keeps the same promises for it: it waits ten seconds as a row that is due later, in which it can be taken back.

mod compose;
mod look;
mod records;
mod sea;
mod steps;
mod write;

use async_trait::async_trait;
use crm_core::{ContactId, RecipientId, Scope, StoreError, TemplateId, Timestamp, UserId};

pub use records::{Draft, Message, MessageState, NewMessage};
pub use sea::SeaMessages;

use crate::campaigns::{CampaignsError, UnknownDecision};
use crate::suppressions::{Reason, Suppression};
use crate::templates::{Channel, TemplatesError};

/// How long a message waits before it leaves, and can be taken back.
pub const HOLD: std::time::Duration = std::time::Duration::from_secs(10);

/// Why a message was not written, or not taken back.
#[derive(Debug, thiserror::Error)]
pub enum MessagesError {
    /// The contact has no address of the channel.
    #[error("{}", match .0 {
        Channel::Email => "this contact has no e-mail address",
        Channel::Text => "this contact has no phone number",
    })]
    NoAddress(Channel),
    /// Nothing may be sent to the address.
    #[error("nothing may be sent to this address: {}", refusal(*.0))]
    Suppressed(Suppression),
    /// The person unsubscribed; to write to them all the same has to be said.
    #[error("this person unsubscribed on {}; say that you want to write to them all the same", day(&.0.since))]
    Unsubscribed(Suppression),
    /// It is an hour of rest where they are; to write all the same has to be said.
    #[error("they have quiet hours until {}; say that you want to write to them all the same", minute(.0))]
    QuietHours(Timestamp),
    /// The subject is empty, too long or has several lines.
    #[error("enter a subject of one line, up to 300 characters")]
    InvalidSubject,
    /// The text is empty or too long.
    #[error("enter a text of up to {} characters", match .0 {
        Channel::Email => "100,000",
        Channel::Text => "1,600",
    })]
    InvalidBody(Channel),
    /// A placeholder is wrong.
    #[error(transparent)]
    Content(TemplatesError),
    /// A placeholder has no value for this contact.
    #[error("this contact has no value for {0}")]
    Missing(String),
    /// There is no such template of the channel.
    #[error("choose a template of this channel")]
    InvalidTemplate,
    /// There is nothing to send through.
    #[error("{0}")]
    NoProvider(String),
    /// The message is past that.
    #[error("{0}")]
    InvalidState(&'static str),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn refusal(found: Suppression) -> String {
    let day = day(&found.since);
    match found.reason {
        Reason::Unsubscribed => format!("unsubscribed on {day}"),
        Reason::Bounced => format!("it was refused for good on {day}"),
        Reason::Complained => format!("a message was reported as spam on {day}"),
        Reason::Manual => format!("suppressed by hand on {day}"),
    }
}

fn minute(at: &Timestamp) -> String {
    let text: String = at.to_string().chars().take(16).collect();
    format!("{} UTC", text.replace('T', " "))
}

fn day(at: &Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

impl From<TemplatesError> for MessagesError {
    fn from(err: TemplatesError) -> Self {
        match err {
            TemplatesError::Store(err) => err.into(),
            other => Self::Content(other),
        }
    }
}

impl From<CampaignsError> for MessagesError {
    fn from(err: CampaignsError) -> Self {
        match err {
            CampaignsError::Store(err) => err.into(),
            CampaignsError::InvalidState { .. } | CampaignsError::Stale => {
                Self::InvalidState("the message is past that")
            }
            other => StoreError::Corrupt(other.to_string()).into(),
        }
    }
}

type Result<T> = std::result::Result<T, MessagesError>;

/// Messages to single contacts of one workspace.
#[async_trait]
pub trait Messages: Send + Sync {
    /// Writes a message and holds it for [`HOLD`]; `None` where there is no such contact.
    async fn send(
        &self,
        scope: &Scope,
        contact_id: ContactId,
        new: NewMessage,
    ) -> Result<Option<Message>>;
    /// One message; `None` also when it is another workspace's.
    async fn get(&self, scope: &Scope, id: RecipientId) -> Result<Option<Message>>;
    /// What of a contact's messages still needs looking at, newest first: not sent yet, in doubt, or failed within a week.
    async fn open_of(&self, scope: &Scope, contact_id: ContactId) -> Result<Vec<Message>>;
    /// Messages of the workspace that wait for a person, oldest first: in doubt or stopped.
    async fn waiting(&self, scope: &Scope) -> Result<Vec<Message>>;
    /// Takes back a message that has not left; `None` where there is none.
    async fn undo(&self, scope: &Scope, id: RecipientId) -> Result<Option<Message>>;
    /// Lets a message go that was stopped; `None` where there is none.
    async fn release(&self, scope: &Scope, id: RecipientId) -> Result<Option<Message>>;
    /// Settles a message nobody can tell about; `None` where there is none.
    async fn decide(
        &self,
        scope: &Scope,
        id: RecipientId,
        decision: UnknownDecision,
    ) -> Result<Option<Message>>;
    /// A message to begin with: a template as this contact would read it; `None` where one of them is gone.
    async fn draft(
        &self,
        scope: &Scope,
        contact_id: ContactId,
        template_id: TemplateId,
    ) -> Result<Option<Draft>>;
    /// Who wrote the messages of these rows; rows of campaigns are left out.
    async fn authors(
        &self,
        scope: &Scope,
        rows: &[RecipientId],
    ) -> Result<Vec<(RecipientId, Option<UserId>)>>;
    /// Why and since when nothing may be sent to a contact's address.
    async fn suppression(
        &self,
        scope: &Scope,
        channel: Channel,
        address: &str,
    ) -> Result<Option<Suppression>>;
}

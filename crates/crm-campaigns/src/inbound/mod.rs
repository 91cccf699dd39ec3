//! What comes in from outside: answers, wishes to hear no more, and what providers tell of messages they took.

mod delivery;
mod event;
mod keywords;
pub(crate) mod mail;
mod poll;
mod sea;
mod text;

use async_trait::async_trait;
use crm_core::{Phone, ProviderId, RecipientId, Scope, StoreError, Timestamp};

pub use crm_providers::{Delivery, Refusal, Told};
pub use keywords::Keyword;
pub use sea::{InboundDeps, SeaInbound};

/// A text message somebody sent us.
#[derive(Debug, Clone)]
pub struct ReceivedText {
    /// Who sent it.
    pub from: Phone,
    /// What it says.
    pub body: String,
    /// The provider's id of it; the same one is noted once.
    pub external_id: String,
    /// What the provider took it for, where it listens for such words itself.
    pub keyword: Option<Keyword>,
    /// When it came.
    pub at: Timestamp,
}

/// What a provider of e-mail tells of one message.
#[derive(Debug, Clone)]
pub struct MailEvent {
    /// Who tells it. It is believed about messages it was given, and about no others.
    pub provider_id: ProviderId,
    /// The provider's id of the event; a wish or complaint of the same one is noted once.
    pub external_id: String,
    /// What is different in every request that tells of events: one that was seen before is passed over. `None` where we
    /// asked ourselves.
    pub token: Option<String>,
    /// The ledger row of the message.
    pub recipient_id: RecipientId,
    /// What it tells.
    pub told: Told,
    /// When we heard of it.
    pub at: Timestamp,
}

/// Why something that came in was not noted.
#[derive(Debug, thiserror::Error)]
pub enum InboundError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Result of noting something.
pub type Result<T> = std::result::Result<T, InboundError>;

/// What comes in from outside for one workspace.
#[async_trait]
pub trait Inbound: Send + Sync {
    /// Notes a text message: on its sender's timeline, and whatever it asks for. Told again, nothing happens; `false` then.
    ///
    /// Whoever asks to hear no more is written to no more by text message, whichever of our numbers they asked. A number
    /// nobody has becomes a contact, unless all it says is that.
    async fn text(&self, scope: &Scope, received: ReceivedText) -> Result<bool>;
    /// Notes what a provider tells of the message of a ledger row. What comes late or again changes nothing; `false` then.
    async fn delivery(
        &self,
        scope: &Scope,
        recipient: RecipientId,
        told: Delivery,
        at: Timestamp,
    ) -> Result<bool>;
    /// Notes what a provider of e-mail tells of a message it was given. What is repeated, or comes late, changes nothing;
    /// `false` then.
    async fn event(&self, scope: &Scope, event: MailEvent) -> Result<bool>;
    /// Asks providers whose time has come what they cannot tell by themselves, where nobody outside can reach this
    /// installation; how many were asked. To do it twice, or in two processes, is harmless.
    async fn poll_due(&self) -> Result<usize>;
}

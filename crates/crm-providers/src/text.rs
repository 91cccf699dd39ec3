//! What every provider of text messages can do, whatever it speaks.

use async_trait::async_trait;
use crm_core::{CampaignId, ContactId, Phone, RecipientId, WorkspaceId};

use crate::email::{InFlight, Outcome, Settled};

/// A complete text message to one recipient.
#[derive(Debug, Clone)]
pub struct OutgoingText {
    /// The ledger row it is sent for; `None` for one-off messages such as tests.
    pub recipient_id: Option<RecipientId>,
    /// Where it belongs.
    pub workspace_id: WorkspaceId,
    /// The campaign, where it belongs to one.
    pub campaign_id: Option<CampaignId>,
    /// Whom it is to, where that is a contact.
    pub contact_id: Option<ContactId>,
    /// The recipient's number.
    pub to: Phone,
    /// What it says.
    pub body: String,
}

/// A provider of text messages, opened: it may be used by many tasks at once.
#[async_trait]
pub trait TextProvider: Send + Sync {
    /// Sends one message. Never fails: everything that can happen is an [`Outcome`].
    async fn send(&self, message: &OutgoingText) -> Outcome;
    /// Asks whether a message was taken, by the ledger row it was sent for.
    async fn settle(&self, recipient_id: RecipientId) -> Settled;
    /// The same with all that is known of the message. Providers that find messages by more than the row use it.
    async fn settle_in_flight(&self, about: &InFlight) -> Settled {
        self.settle(about.recipient_id).await
    }
    /// How many messages may be in flight at once.
    fn concurrency(&self) -> usize;
    /// What messages come from: a number in E.164, a name, or the id of a pool of numbers at the provider.
    fn sender(&self) -> &str;
    /// Ends idle connections politely.
    async fn close(&self);
}

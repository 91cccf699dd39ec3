//! The practice provider: a complete provider that needs no account. Messages go to an outbox inside pi-crm, where
//! they can be read as the recipient would see them. Every new workspace starts with it.

mod forget;
mod keep;
mod outbox;
mod provider;
mod seed;
mod text_provider;

pub use forget::forget;
pub use outbox::SeaPracticeOutbox;
pub(crate) use provider::PracticeProvider;
pub use seed::PracticeSeed;
pub(crate) use text_provider::PracticeTextProvider;

use async_trait::async_trait;
use crm_core::{
    CampaignId, ContactId, Page, PageRequest, PracticeMessageId, Scope, StoreError, Timestamp,
};

/// A message in the practice outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PracticeMessage {
    /// Its id: that of the ledger row it was sent for, where there is one.
    pub id: PracticeMessageId,
    /// `email` or `text`
    pub channel: String,
    /// To whom.
    pub to: String,
    /// From whom.
    pub from: String,
    /// Subject.
    pub subject: String,
    /// HTML part.
    pub html: String,
    /// Text part.
    pub text: String,
    /// Header lines as a real provider would have sent them, in order.
    pub headers: Vec<(String, String)>,
    /// The campaign it belongs to.
    pub campaign_id: Option<CampaignId>,
    /// The contact it is to.
    pub contact_id: Option<ContactId>,
    /// When it was taken.
    pub sent_at: Timestamp,
}

/// The practice outbox of one workspace.
#[async_trait]
pub trait PracticeOutbox: Send + Sync {
    /// Messages, newest first; `search` finds text in recipient and subject.
    async fn list(
        &self,
        scope: &Scope,
        search: &str,
        page: PageRequest,
    ) -> Result<Page<PracticeMessage>, StoreError>;
    /// One message.
    async fn get(
        &self,
        scope: &Scope,
        id: PracticeMessageId,
    ) -> Result<Option<PracticeMessage>, StoreError>;
}

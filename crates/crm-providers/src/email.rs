//! What every e-mail provider can do, whatever it speaks.

use std::time::Duration;

use async_trait::async_trait;
use crm_core::{CampaignId, ContactId, EmailAddress, RecipientId, Timestamp, WorkspaceId};

/// A complete message to one recipient.
#[derive(Debug, Clone)]
pub struct OutgoingEmail {
    /// The ledger row it is sent for; `None` for one-off messages such as tests. The idempotency key of providers that
    /// have one.
    pub recipient_id: Option<RecipientId>,
    /// Where it belongs.
    pub workspace_id: WorkspaceId,
    /// The campaign, where it belongs to one.
    pub campaign_id: Option<CampaignId>,
    /// Whom it is to, where that is a contact.
    pub contact_id: Option<ContactId>,
    /// `Message-ID` without angle brackets, equal on every attempt.
    pub message_id: String,
    /// Envelope and header recipient.
    pub to: EmailAddress,
    /// The recipient's name for the `To` header.
    pub to_name: Option<String>,
    /// Subject, without line breaks.
    pub subject: String,
    /// HTML part.
    pub html: String,
    /// Text part.
    pub text: String,
    /// Unsubscribing, for messages to many.
    pub unsubscribe: Option<Unsubscribe>,
    /// Where reports about this message alone can go; for providers that are told to have them there.
    pub return_path: Option<String>,
}

/// How the recipient stops further messages (RFC 2369, RFC 8058).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscribe {
    /// `https` link that takes a one-click POST; only where the installation has a public address.
    pub url: Option<String>,
    /// Address and subject of a message that unsubscribes.
    pub mailto: Option<String>,
}

/// Who a provider sends as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Address.
    pub email: EmailAddress,
    /// Name.
    pub name: String,
    /// Where replies go, if not to the address.
    pub reply_to: Option<EmailAddress>,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The provider took it and answers for it.
    Accepted {
        /// The provider's own id or final reply.
        provider_id: Option<String>,
    },
    /// It was surely not taken, and may be later.
    Transient {
        /// What kind of trouble, for telling twenty of one kind in a row: `smtp 451`, `connect`, `timeout`.
        kind: String,
        /// What the provider said, for people.
        message: String,
        /// The earliest time it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// It was refused and always will be.
    Permanent {
        /// What kind of refusal: `smtp 550`.
        kind: String,
        /// What the provider said.
        message: String,
        /// Whether the address itself is dead and must not be written to again.
        suppress: bool,
    },
    /// The provider does not let us in, or our quota is used up: the campaign must pause.
    Blocked {
        /// `authentication`, `quota`, `sender`, `outbound`
        kind: String,
        /// What the provider said.
        message: String,
    },
    /// It was handed over and no answer came: it may have been taken.
    Unknown {
        /// What happened.
        message: String,
    },
}

impl Outcome {
    /// The provider was closed before the message was handed over.
    pub(crate) fn closed() -> Self {
        let message = "the provider is closed".to_owned();
        Self::Transient { kind: "connect".to_owned(), message, retry_after: None }
    }
}

/// The kind of a refusal where the recipient asked the provider to hear no more: they unsubscribed.
pub const OPTED_OUT: &str = "opted out";

/// Whether a message in flight at a crash was taken, as far as the provider can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It was.
    Accepted {
        /// The provider's own id.
        provider_id: Option<String>,
    },
    /// It surely was not.
    NotAccepted,
    /// The provider cannot say.
    Unknown,
}

/// A message of which nobody wrote down what became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InFlight {
    /// The ledger row it was sent for.
    pub recipient_id: RecipientId,
    /// Where it goes.
    pub address: String,
    /// Its `Message-ID`, without angle brackets; of e-mail alone.
    pub message_id: String,
    /// Since when it is under way, where that is known.
    pub since: Option<Timestamp>,
}

/// A provider, opened: it keeps connections and may be used by many tasks at once.
#[async_trait]
pub trait EmailProvider: Send + Sync {
    /// Sends one message. Never fails: everything that can happen is an [`Outcome`].
    async fn send(&self, message: &OutgoingEmail) -> Outcome;
    /// Asks whether a message was taken, by the ledger row it was sent for.
    async fn settle(&self, recipient_id: RecipientId) -> Settled;
    /// The same with all that is known of the message. Providers that find messages by more than the row use it.
    async fn settle_in_flight(&self, about: &InFlight) -> Settled {
        self.settle(about.recipient_id).await
    }
    /// How many messages may be in flight at once.
    fn concurrency(&self) -> usize;
    /// Who it sends as.
    fn sender(&self) -> &Sender;
    /// Ends idle connections politely.
    async fn close(&self);
}

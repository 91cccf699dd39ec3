//! What messages to one contact look like to the rest of the program.

use crm_core::{ContactId, RecipientId, TemplateId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::templates::Channel;

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// Waits for its ten seconds to be over; can be taken back.
    Held,
    /// Waits for the provider, or for another attempt; can be taken back.
    Waiting,
    /// Is being handed over.
    Sending,
    /// The provider took it.
    Sent,
    /// It was refused for good.
    Failed,
    /// Was in flight when the program stopped, and nobody can tell.
    Unknown,
    /// Stopped, with a reason; a person lets it go or takes it back.
    Stopped,
    /// Taken back.
    Undone,
    /// Left out: its address was suppressed meanwhile, or the contact has no value for a placeholder any more.
    Skipped,
}

impl MessageState {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Stopped => "stopped",
            Self::Undone => "undone",
            Self::Skipped => "skipped",
        }
    }

    /// Whether it can be taken back.
    pub const fn can_be_undone(self) -> bool {
        matches!(self, Self::Held | Self::Waiting | Self::Stopped)
    }
}

/// A message to one contact.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its id: that of its row in the ledger.
    pub id: RecipientId,
    /// Whom it is to; `None` once the contact is gone.
    pub contact_id: Option<ContactId>,
    /// How it is sent.
    pub channel: Channel,
    /// The address it is to.
    pub to: Option<String>,
    /// Its subject, as written.
    pub subject: String,
    /// Its text, as written; empty where a template is sent as it is.
    pub body: String,
    /// Where it stands.
    pub state: MessageState,
    /// When it leaves, while it is held.
    pub held_until: Option<Timestamp>,
    /// When it is tried again.
    pub next_attempt_at: Option<Timestamp>,
    /// What went wrong, or why it was stopped or left out.
    pub problem: Option<String>,
    /// Who wrote it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
    /// When the provider took it.
    pub sent_at: Option<Timestamp>,
}

/// A message to be written.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// How it is sent.
    pub channel: Channel,
    /// Its subject; empty for the template's.
    pub subject: String,
    /// Its text; may hold placeholders. Empty sends the template as it is.
    pub body: String,
    /// The template it is made from.
    pub template_id: Option<TemplateId>,
    /// Whether it is to be sent although the person unsubscribed.
    pub despite_unsubscribed: bool,
    /// Whether it is to be sent although they have their quiet hours.
    pub despite_quiet_hours: bool,
}

/// A message to begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Subject.
    pub subject: String,
    /// Text.
    pub body: String,
}

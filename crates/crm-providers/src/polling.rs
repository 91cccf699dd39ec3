//! Asking providers what became of messages, where they cannot tell by themselves.

use crm_core::{Phone, ProviderId, Scope, Timestamp};

/// A provider that can be asked.
#[derive(Debug, Clone)]
pub struct Polled {
    /// Its workspace.
    pub scope: Scope,
    /// The provider.
    pub id: ProviderId,
    /// What it is.
    pub kind: PolledKind,
}

/// What can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolledKind {
    /// Mailgun's events.
    Mailgun,
    /// Twilio's messages.
    Twilio,
}

/// A part of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// What stands in it.
    pub items: Vec<T>,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// A message in Twilio's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListedText {
    /// Somebody sent it to the account's own number.
    Received {
        /// Twilio's id of it.
        sid: String,
        /// The sender.
        from: Phone,
        /// What it says.
        body: String,
        /// When it came, where that can be read.
        at: Option<Timestamp>,
    },
    /// We sent it.
    Sent {
        /// Twilio's id of it.
        sid: String,
        /// What became of it, as in Twilio's own requests.
        status: String,
        /// Why it did not arrive, as a number.
        error: Option<u32>,
    },
}

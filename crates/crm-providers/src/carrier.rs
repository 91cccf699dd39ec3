//! A provider of either channel, opened.

use std::sync::Arc;

use crate::email::{EmailProvider, InFlight, Outcome, OutgoingEmail, Settled};
use crate::text::{OutgoingText, TextProvider};

/// A provider of either channel, opened.
#[derive(Clone)]
pub enum Carrier {
    /// Takes e-mail.
    Email(Arc<dyn EmailProvider>),
    /// Takes text messages.
    Text(Arc<dyn TextProvider>),
}

/// A message of either channel.
#[derive(Debug, Clone)]
pub enum Outgoing {
    /// An e-mail.
    Email(OutgoingEmail),
    /// A text message.
    Text(OutgoingText),
}

impl Carrier {
    /// Sends one message. Never fails: everything that can happen is an [`Outcome`].
    pub async fn send(&self, message: &Outgoing) -> Outcome {
        match (self, message) {
            (Self::Email(provider), Outgoing::Email(message)) => provider.send(message).await,
            (Self::Text(provider), Outgoing::Text(message)) => provider.send(message).await,
            (Self::Email(_), Outgoing::Text(_)) | (Self::Text(_), Outgoing::Email(_)) => {
                Outcome::Permanent {
                    kind: "channel".to_owned(),
                    message: "this provider takes messages of another channel".to_owned(),
                    suppress: false,
                }
            }
        }
    }

    /// Asks whether a message was taken, by all that is known of it.
    pub async fn settle_in_flight(&self, about: &InFlight) -> Settled {
        match self {
            Self::Email(provider) => provider.settle_in_flight(about).await,
            Self::Text(provider) => provider.settle_in_flight(about).await,
        }
    }

    /// How many messages may be in flight at once.
    pub fn concurrency(&self) -> usize {
        match self {
            Self::Email(provider) => provider.concurrency(),
            Self::Text(provider) => provider.concurrency(),
        }
    }

    /// The provider as one of e-mail, where it is one.
    pub fn email(self) -> Option<Arc<dyn EmailProvider>> {
        match self {
            Self::Email(provider) => Some(provider),
            Self::Text(_) => None,
        }
    }

    /// Ends idle connections politely.
    pub async fn close(&self) {
        match self {
            Self::Email(provider) => provider.close().await,
            Self::Text(provider) => provider.close().await,
        }
    }
}

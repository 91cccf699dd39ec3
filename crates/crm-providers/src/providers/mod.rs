//! The providers connected to a workspace.

mod change;
mod config;
mod connect;
mod create;
mod delete;
mod mailbox;
mod mailgun;
mod open;
mod poll;
mod reading;
mod reseal;
mod rows;
mod sea;
mod signing;
mod state;
mod store;
mod test;
mod twilio;
pub(crate) mod validate;
mod watch;

pub use config::{MailboxConfig, MailgunConfig, ReturnPath, Security, SmtpConfig, TwilioConfig};
pub use connect::{Return, Visitor};
pub(crate) use create::insert;
pub use reading::{ReadableMailbox, ReadableMailboxes, ReadingAccess};
pub use sea::{Elsewhere, SeaProviders};
pub use signing::{KeySource, SELECTOR, SigningChange, SigningKey, SigningKeys};
pub use state::State;

use async_trait::async_trait;
use crm_core::{ProviderId, Scope, StoreError, Timestamp};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::budget::Limits;
use crate::carrier::Carrier;
use crate::mailgun::{Event, Webhook};
use crate::oauth::Service;
use crate::polling::{ListedText, Page, Polled};
use crate::spending::Spending;
use crate::twilio::{Callback, SignedCall};

/// What a provider takes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// E-mail.
    #[default]
    Email,
    /// Text messages.
    Text,
}

impl ProviderKind {
    /// The word of the `channel` column of campaigns.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Text => "text",
        }
    }
}

/// Settings of a provider by type, as stored and shown: secrets are not among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "provider_type", content = "config", rename_all = "snake_case")]
pub enum ProviderConfig {
    /// The practice outbox, for e-mail.
    Practice,
    /// The practice outbox, for text messages.
    PracticeText,
    /// An SMTP server.
    Smtp(SmtpConfig),
    /// A Mailgun account.
    Mailgun(MailgunConfig),
    /// A mailbox at Gmail.
    Gmail(MailboxConfig),
    /// A mailbox at Outlook.
    Outlook(MailboxConfig),
    /// A Twilio account.
    Twilio(TwilioConfig),
}

impl ProviderConfig {
    /// What it takes.
    pub const fn takes(&self) -> ProviderKind {
        match self {
            Self::Practice
            | Self::Smtp(_)
            | Self::Mailgun(_)
            | Self::Gmail(_)
            | Self::Outlook(_) => ProviderKind::Email,
            Self::PracticeText | Self::Twilio(_) => ProviderKind::Text,
        }
    }

    /// Whether messages stay in the practice outbox.
    pub const fn is_practice(&self) -> bool {
        matches!(self, Self::Practice | Self::PracticeText)
    }

    /// The word of the `provider_type` column.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Practice | Self::PracticeText => "practice",
            Self::Smtp(_) => "smtp",
            Self::Mailgun(_) => "mailgun",
            Self::Gmail(_) => "gmail",
            Self::Outlook(_) => "outlook",
            Self::Twilio(_) => "twilio",
        }
    }

    /// The service and its settings, where it is a mailbox that people connect.
    pub const fn mailbox(&self) -> Option<(Service, &MailboxConfig)> {
        match self {
            Self::Gmail(mailbox) => Some((Service::Google, mailbox)),
            Self::Outlook(mailbox) => Some((Service::Microsoft, mailbox)),
            Self::Practice
            | Self::PracticeText
            | Self::Smtp(_)
            | Self::Mailgun(_)
            | Self::Twilio(_) => None,
        }
    }

    /// Who messages come from: name and address. `None` where the provider has an address of its own.
    pub fn from(&self) -> Option<(&str, &str)> {
        match self {
            Self::Practice
            | Self::PracticeText
            | Self::Twilio(_)
            | Self::Gmail(_)
            | Self::Outlook(_) => None,
            Self::Smtp(smtp) => Some((&smtp.from_name, &smtp.from_email)),
            Self::Mailgun(mailgun) => Some((&mailgun.from_name, &mailgun.from_email)),
        }
    }

    /// The limits it is sent under.
    pub fn limits(&self) -> Limits {
        let limits =
            |per_minute, per_day, warm_up_from| Limits { per_minute, per_day, warm_up_from };
        match self {
            Self::Practice | Self::PracticeText => Limits::default(),
            Self::Smtp(smtp) => limits(smtp.rate_per_minute, smtp.rate_per_day, smtp.warm_up_from),
            Self::Mailgun(mailgun) => {
                limits(mailgun.rate_per_minute, mailgun.rate_per_day, mailgun.warm_up_from)
            }
            Self::Gmail(mailbox) | Self::Outlook(mailbox) => {
                limits(mailbox.rate_per_minute, mailbox.rate_per_day, mailbox.warm_up_from)
            }
            Self::Twilio(twilio) => limits(twilio.rate_per_minute, twilio.rate_per_day, None),
        }
    }
}

/// A connected provider.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Its id.
    pub id: ProviderId,
    /// Its name, for people.
    pub name: String,
    /// Its settings.
    pub config: ProviderConfig,
    /// Whether a password or key is stored.
    pub has_secret: bool,
    /// Whether a key is stored that its own requests are signed with.
    pub has_webhook_key: bool,
    /// Whether campaigns of its channel take it unless they say otherwise.
    pub is_default: bool,
    /// How it stands with it.
    pub state: State,
    /// When it was last tested or used.
    pub last_checked_at: Option<Timestamp>,
    /// What was wrong then, in the provider's own words.
    pub last_error: Option<String>,
    /// When it last took a message.
    pub last_success_at: Option<Timestamp>,
    /// The address of the mailbox that is connected, where it is one.
    pub account: Option<String>,
    /// When it was connected.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Provider {
    /// Its version: a number that moves with every change of it.
    pub fn version(&self) -> i64 {
        version(self.updated_at)
    }
}

/// Changes move the time of the last one by a millisecond at least, which makes it a version.
fn version(updated_at: Timestamp) -> i64 {
    updated_at.unix_millis()
}

/// What a provider is connected or changed with.
#[derive(Debug, Clone)]
pub struct NewProvider {
    /// Its name; empty takes the type's.
    pub name: String,
    /// Its settings.
    pub config: ProviderConfig,
    /// Its password or key. On a change, `None` keeps the stored one.
    pub secret: Option<SecretString>,
    /// The key its own requests are signed with, where the type has one. On a change, `None` keeps the stored one.
    pub webhook_key: Option<SecretString>,
    /// Whether campaigns take it unless they say otherwise.
    pub is_default: bool,
}

/// One step of a test, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ProviderTestStep)]
pub struct TestStep {
    /// `connect`, `tls`, `sign_in`, `sign`, `send`; of a mailbox `connect`, `greeting`, `tls`, `sign_in`, `open`, `read`
    pub step: &'static str,
    /// Whether it went well.
    pub ok: bool,
    /// What happened, in words, with the server's reply.
    pub message: String,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

/// Why a provider could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ProvidersError {
    /// A setting is missing or wrong.
    #[error("{field}: {problem}")]
    InvalidConfig {
        /// Which setting, as `config.<name>`.
        field: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The address lies on a private network that `OUTBOUND_ALLOW` does not name.
    #[error("{0} is on a private network; add it to OUTBOUND_ALLOW to let pi-crm connect to it")]
    OutboundBlocked(String),
    /// The address to test with has no valid form.
    #[error("{}", match .0 {
        ProviderKind::Email => "enter an e-mail address like name@example.com",
        ProviderKind::Text => "enter a phone number with its country code, like +43 664 1234567",
    })]
    InvalidRecipient(ProviderKind),
    /// A provider of one channel cannot become one of the other.
    #[error("a provider of e-mail cannot become one of text messages, nor the other way round")]
    OtherChannel,
    /// Somebody else changed it meanwhile.
    #[error("the provider was changed by somebody else in the meantime")]
    Stale,
    /// It is no mail server: such providers sign by themselves.
    #[error("only mail servers (SMTP) are given a key here; other providers sign by themselves")]
    NotSigned,
    /// A campaign that is not finished uses it.
    #[error("a campaign that is not finished uses this provider")]
    InUse,
    /// A mailbox without a client ID and secret cannot be connected.
    #[error("enter the client ID and secret first")]
    NotConfigured,
    /// Nobody has connected the mailbox.
    #[error("nobody has connected this mailbox yet")]
    NotConnected,
    /// Somebody came back from the service too late, twice, or in another session.
    #[error("this connection was begun too long ago or somewhere else; begin again")]
    ConnectExpired,
    /// The service gave no access; its own words.
    #[error("{0}")]
    ConnectFailed(String),
    /// It could not be asked, or did not answer; in words.
    #[error("{0}")]
    NotTold(String),
    /// The stored secret does not open.
    #[error(transparent)]
    Unsealable(#[from] crm_core::sealed::Unsealable),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Result of a providers operation.
pub type Result<T> = std::result::Result<T, ProvidersError>;

/// The providers of one workspace.
#[async_trait]
pub trait Providers: SigningKeys + ReadableMailboxes + Send + Sync {
    /// All providers: those of e-mail first, each channel's default before its others.
    async fn all(&self, scope: &Scope) -> Result<Vec<Provider>>;
    /// One provider.
    async fn get(&self, scope: &Scope, id: ProviderId) -> Result<Option<Provider>>;
    /// The provider campaigns of a channel take unless they say otherwise.
    async fn default(&self, scope: &Scope, kind: ProviderKind) -> Result<Option<Provider>>;
    /// Connects a provider.
    async fn create(&self, scope: &Scope, new: NewProvider) -> Result<Provider>;
    /// Changes a provider. `seen` is the version the caller saw; another one is [`ProvidersError::Stale`].
    async fn update(
        &self,
        scope: &Scope,
        id: ProviderId,
        seen: Option<i64>,
        change: NewProvider,
    ) -> Result<Option<Provider>>;
    /// Disconnects a provider; `false` where there is none.
    async fn delete(&self, scope: &Scope, id: ProviderId) -> Result<bool>;
    /// Sends a test message to `to` and tells what happened, step by step.
    async fn test(&self, scope: &Scope, id: ProviderId, to: &str) -> Result<Option<Vec<TestStep>>>;
    /// Where to send a person who wants to connect this mailbox; `None` where it is no mailbox.
    async fn connect(
        &self,
        scope: &Scope,
        id: ProviderId,
        visitor: &Visitor,
    ) -> Result<Option<String>>;
    /// Connects the mailbox somebody came back for.
    async fn connected(&self, scope: &Scope, visitor: &Visitor, back: Return) -> Result<Provider>;
    /// Ends the connection of a mailbox; `false` where it is none.
    async fn disconnect(&self, scope: &Scope, id: ProviderId) -> Result<bool>;
    /// Opens a provider for sending. Opening the same unchanged provider again gives the same connections.
    async fn open(&self, scope: &Scope, id: ProviderId) -> Result<Option<Carrier>>;
    /// What a request says that Twilio made by itself, and for whom; `None` unless it is signed by the account's token.
    async fn twilio_callback(
        &self,
        id: ProviderId,
        call: &SignedCall,
    ) -> Result<Option<(Scope, Callback)>>;
    /// What a request says that Mailgun made by itself, and for whom; `None` unless it is signed by the account's key, just
    /// now.
    async fn mailgun_webhook(
        &self,
        id: ProviderId,
        body: &[u8],
    ) -> Result<Option<(Scope, Webhook)>>;
    /// Every provider of all workspaces that can be asked what became of messages.
    async fn polled(&self) -> Result<Vec<Polled>>;
    /// Whether providers can reach this installation at a public address.
    fn is_reachable(&self) -> bool;
    /// A page of what happened to a Mailgun account's messages since a moment, the oldest first.
    async fn mailgun_events(
        &self,
        of: &Polled,
        since: Timestamp,
        next: Option<&str>,
    ) -> Result<Page<Event>>;
    /// A page of a Twilio account's messages of a day and those after it.
    async fn twilio_texts(
        &self,
        of: &Polled,
        since: Timestamp,
        next: Option<&str>,
    ) -> Result<Page<ListedText>>;
    /// The limits a provider is sent under.
    async fn limits(&self, scope: &Scope, id: ProviderId) -> Result<Limits>;
    /// What text messages of a provider cost this month; `None` where it takes none, or costs nothing.
    async fn spending(&self, scope: &Scope, id: ProviderId) -> Result<Option<Spending>>;
    /// Notes what the last contact with a provider brought; `None` is good.
    async fn note_result(&self, scope: &Scope, id: ProviderId, error: Option<String>)
    -> Result<()>;
    /// Ends all connections politely, when the program stops.
    async fn close(&self);
}

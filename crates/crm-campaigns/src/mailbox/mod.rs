//! The mailbox a workspace reads, for installations nobody can reach from outside: what comes back of messages, what
//! people answer, and who wants to hear no more ends up there, and is fetched.
//!
//! Nothing in the mailbox is changed. How far it was read is kept with what each message changed, in one transaction.

mod address;
mod check;
mod lease;
mod read;
mod reseal;
mod save;
mod sea;
mod state;

use async_trait::async_trait;
use crm_core::{IncomingMailboxId, ProviderId, Scope, StoreError, Timestamp};
use crm_providers::imap::ImapPlace;
use crm_providers::providers::{ReadableMailbox, TestStep};
use secrecy::SecretString;

pub(crate) use address::{Outside, is_closed, outside};
pub use sea::{MailboxDeps, SeaIncomingMail};
pub use state::MailboxState;

/// A mailbox and how it stands with it.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// Its id.
    pub id: IncomingMailboxId,
    /// Mail to this address ends up in it.
    pub address: String,
    /// Where it is.
    pub place: ImapPlace,
    /// The connected account it is read as, in place of a password.
    pub provider_id: Option<ProviderId>,
    /// Whether it is read.
    pub is_enabled: bool,
    /// How it stands.
    pub state: MailboxState,
    /// When it was last looked into.
    pub last_checked_at: Option<Timestamp>,
    /// When that last went well.
    pub last_success_at: Option<Timestamp>,
    /// What was wrong the last time.
    pub last_error: Option<String>,
    /// Grows with every change of its settings.
    pub version: i64,
}

/// How a mailbox is to be.
#[derive(Debug, Clone)]
pub struct NewMailbox {
    /// Mail to this address ends up in it.
    pub address: String,
    /// Where it is; of a connected account the folder alone counts.
    pub place: ImapPlace,
    /// The password; left out, the stored one stays.
    pub password: Option<SecretString>,
    /// The connected account it is read as, in place of server and password.
    pub provider_id: Option<ProviderId>,
    /// Whether it is read.
    pub is_enabled: bool,
}

/// What a look into the mailbox brought.
#[derive(Debug, Clone)]
pub struct Look {
    /// How far it came, step by step.
    pub steps: Vec<TestStep>,
    /// What was new.
    pub found: Found,
}

/// What was new in a mailbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Found {
    /// Messages.
    pub messages: u32,
    /// Reports about messages of ours.
    pub reports: u32,
    /// Complaints about them.
    pub complaints: u32,
    /// Answers to them.
    pub answers: u32,
    /// People who want no more of them.
    pub unsubscribed: u32,
}

/// Why a mailbox was not kept or not read.
#[derive(Debug, thiserror::Error)]
pub enum MailboxError {
    /// A setting is missing or wrong.
    #[error("{problem}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// What is wrong, in words.
        problem: String,
    },
    /// The host lies on a network that may not be connected to.
    #[error("{0} is on a private network; add it to OUTBOUND_ALLOW to let pi-crm connect to it")]
    OutboundBlocked(String),
    /// Somebody else changed it meanwhile.
    #[error("this mailbox was changed meanwhile")]
    Stale,
    /// There is none to be read.
    #[error("set up a mailbox first")]
    NotSetUp,
    /// Another process is reading it.
    #[error("the mailbox is being read at this moment; try again shortly")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

type Result<T> = std::result::Result<T, MailboxError>;

/// The mailbox of each workspace.
#[async_trait]
pub trait IncomingMail: Send + Sync {
    /// The mailbox of the workspace, where it has one.
    async fn get(&self, scope: &Scope) -> Result<Option<Mailbox>>;
    /// The connected accounts it may be read as.
    async fn accounts(&self, scope: &Scope) -> Result<Vec<ReadableMailbox>>;
    /// Sets it up or changes it. `seen` is the version the caller saw, 0 where there was none; another one is
    /// [`MailboxError::Stale`].
    async fn save(&self, scope: &Scope, new: NewMailbox, seen: Option<i64>) -> Result<Mailbox>;
    /// Forgets it; `false` where there is none. What was read stays.
    async fn remove(&self, scope: &Scope) -> Result<bool>;
    /// Reads it now. What goes wrong with that is in the steps.
    async fn check(&self, scope: &Scope) -> Result<Look>;
    /// Whether the workspace says that nobody can reach this installation from outside: then nothing it sends leads here.
    async fn is_closed(&self, scope: &Scope) -> Result<bool>;
    /// Says so, or no longer.
    async fn set_closed(&self, scope: &Scope, closed: bool) -> Result<()>;
    /// Reads all mailboxes whose time has come, for background work; how many there were.
    ///
    /// # Errors
    /// Where the database fails. A mailbox that cannot be read is no error here: it says so itself.
    async fn read_due(&self) -> std::result::Result<usize, StoreError>;
}

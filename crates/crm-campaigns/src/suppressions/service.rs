//! The list of suppressed addresses as the rest of the program uses it.

use async_trait::async_trait;
use crm_core::{Page, PageRequest, Scope, StoreError, SuppressionId, Timestamp};

use super::Reason;
use crate::templates::Channel;

/// One suppressed address.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its id.
    pub id: SuppressionId,
    /// Its channel.
    pub channel: Channel,
    /// The address; `None` where the person was erased and only a fingerprint is kept.
    pub address: Option<String>,
    /// Why.
    pub reason: Reason,
    /// Since when.
    pub since: Timestamp,
}

impl Entry {
    /// Whether taking it off the list needs a reason in words: the person asked for it, or was erased.
    pub const fn needs_because(&self) -> bool {
        self.address.is_none() || self.reason.is_wish()
    }
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of an address; a whole address also finds the fingerprint of an erased person.
    pub q: String,
    /// Only this channel.
    pub channel: Option<Channel>,
    /// Only this reason.
    pub reason: Option<Reason>,
    /// Which page.
    pub page: PageRequest,
}

/// An address to suppress.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Its channel.
    pub channel: Channel,
    /// The address or number, as typed.
    pub address: String,
    /// Why.
    pub reason: Reason,
}

/// A line of a list that holds no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Which line, from 1.
    pub line: u64,
    /// Its beginning.
    pub text: String,
    /// What is wrong with it.
    pub problem: String,
}

/// What importing a list does, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Lines with something in them.
    pub lines: u64,
    /// Addresses that were not suppressed before.
    pub added: u64,
    /// Addresses that were.
    pub known: u64,
    /// Lines with an address that stands further up.
    pub repeated: u64,
    /// Lines without an address.
    pub invalid: u64,
    /// The first of them.
    pub problems: Vec<BadLine>,
}

/// Why the list stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum SuppressionsError {
    /// Not an address of the channel.
    #[error("{0}")]
    InvalidAddress(String),
    /// It is on the list already.
    #[error("this address is on the list already")]
    Known,
    /// The person asked not to be written to; taking that back needs a reason.
    #[error("say why this person may be written to again")]
    BecauseRequired,
    /// The reason is too long.
    #[error("use at most 500 characters")]
    BecauseTooLong,
    /// Nothing to import.
    #[error("choose a file or paste some addresses")]
    NothingToImport,
    /// More than one import takes.
    #[error("a list may have at most 200,000 lines and 16 MB")]
    TooLong,
    /// The cursor was not made by this server.
    #[error("this cursor was not made by this server")]
    InvalidCursor,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(super) type Result<T> = std::result::Result<T, SuppressionsError>;

/// Addresses that must not be written to, of one workspace; `scope` says which.
#[async_trait]
pub trait Suppressions: Send + Sync {
    /// One page, newest first.
    async fn list(&self, scope: &Scope, filter: Filter) -> Result<Page<Entry>>;
    /// One entry; `None` also when it is another workspace's.
    async fn get(&self, scope: &Scope, id: SuppressionId) -> Result<Option<Entry>>;
    /// Puts an address on the list.
    async fn add(&self, scope: &Scope, new: NewEntry) -> Result<Entry>;
    /// Takes one off; `because` is noted in the audit log, and required where the person had asked not to be written to.
    /// `false` where there is none.
    async fn remove(&self, scope: &Scope, id: SuppressionId, because: &str) -> Result<bool>;
    /// Puts the addresses of a list on it: a CSV file, or one address a line. With `dry_run` only says what that would do.
    async fn import(
        &self,
        scope: &Scope,
        channel: Channel,
        reason: Reason,
        list: &[u8],
        dry_run: bool,
    ) -> Result<ImportReport>;
    /// Notes in the audit log that the list is exported, before its first row leaves.
    async fn note_export(&self, scope: &Scope, filter: &Filter) -> Result<()>;
}

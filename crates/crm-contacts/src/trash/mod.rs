//! The trash: deleted contacts can be brought back for thirty days.

use async_trait::async_trait;
use crm_core::{ContactId, Page, PageRequest, Scope, StoreError, Timestamp, UserId};

use crate::contacts::{Contact, ContactsError};

mod empty;
mod list;
mod restore;
mod sea;

pub(crate) use restore::inside as restore_inside;
pub use sea::SeaTrash;

/// Days a deleted contact can be brought back.
pub const DAYS: u64 = 30;

/// A deleted contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// The id it had and gets again.
    pub id: ContactId,
    /// What it was called.
    pub name: String,
    /// Who deleted it.
    pub deleted_by: Option<UserId>,
    /// When.
    pub deleted_at: Timestamp,
    /// When it is removed for good.
    pub gone_at: Timestamp,
}

/// Why a contact could not be brought back.
#[derive(Debug, thiserror::Error)]
pub enum TrashError {
    /// It is not in this workspace's trash.
    #[error("there is no such contact in the trash")]
    UnknownContact,
    /// The cursor does not belong to this list.
    #[error("this cursor does not belong to this list")]
    InvalidCursor,
    /// Its address or number is another contact's now.
    #[error(transparent)]
    Contact(#[from] ContactsError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Result of a trash operation.
pub type Result<T> = std::result::Result<T, TrashError>;

/// The trash of one workspace.
#[async_trait]
pub trait Trash: Send + Sync {
    /// Deleted contacts, the newest first.
    async fn list(&self, scope: &Scope, page: PageRequest) -> Result<Page<Deleted>>;
    /// Brings a contact back under its id, with everything that went with it and still can.
    async fn restore(&self, scope: &Scope, id: ContactId) -> Result<Contact>;
    /// Removes a deleted contact for good; `false` where there is none.
    async fn purge(&self, scope: &Scope, id: ContactId) -> Result<bool>;
    /// Removes what has been in the trash of any workspace for [`DAYS`] days; returns how many contacts that were.
    async fn empty_due(&self) -> Result<u64>;
}

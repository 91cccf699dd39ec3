//! The communication log: everything that happened with one contact, in one line of time.

use async_trait::async_trait;
use crm_core::{
    ContactId, LogId, Page, PageRequest, RecipientId, Scope, StoreError, Timestamp, Tx, UserId,
};
use serde::{Deserialize, Serialize};

mod add;
mod page;
pub(crate) mod record;
mod sea;

pub use sea::SeaTimeline;

/// The types an entry may have: the words of the `type` column.
pub const KINDS: [&str; 7] = ["email", "text", "call", "ai", "stage_change", "note", "system"];

/// What an entry says, by its type; this is the JSON of the `content` column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LogContent {
    /// An e-mail.
    Email {
        /// Subject as sent.
        subject: String,
        /// Text part as sent.
        body: String,
        /// `sent`, `received`, `failed`
        status: String,
        /// When it was first opened, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opened: Option<Timestamp>,
        /// Links that were followed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        clicked_links: Vec<String>,
    },
    /// A text message.
    Text {
        /// What it says.
        message: String,
        /// `sent`, `received`, `failed`
        status: String,
    },
    /// A phone call.
    Call {
        /// Minutes.
        duration: u32,
        /// What was said.
        #[serde(default)]
        notes: String,
    },
    /// A draft made by a language model.
    Ai {
        /// What was asked for.
        prompt: String,
        /// What came back.
        output: String,
        /// Which model.
        model: String,
    },
    /// A move along the pipeline.
    StageChange {
        /// Name of the stage left; `None` for the first one entered.
        old_list: Option<String>,
        /// Name of the stage entered.
        new_list: String,
    },
    /// A note.
    Note {
        /// What it says.
        text: String,
    },
    /// Something the program did.
    System {
        /// What it did.
        message: String,
    },
}

impl LogContent {
    /// The word of the `type` column.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Email { .. } => "email",
            Self::Text { .. } => "text",
            Self::Call { .. } => "call",
            Self::Ai { .. } => "ai",
            Self::StageChange { .. } => "stage_change",
            Self::Note { .. } => "note",
            Self::System { .. } => "system",
        }
    }
}

/// One entry of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its id.
    pub id: LogId,
    /// Whose timeline it is on.
    pub contact_id: ContactId,
    /// What it says.
    pub content: LogContent,
    /// When it happened.
    pub timestamp: Timestamp,
    /// `done`, or where a message stands.
    pub status: String,
    /// Who did it; `None` for the program.
    pub actor_id: Option<UserId>,
    /// The campaign recipient this records, where a campaign sent it.
    pub campaign_recipient_id: Option<RecipientId>,
}

/// An entry to be written.
#[derive(Debug, Clone)]
pub struct NewLogEntry {
    /// Whose timeline.
    pub contact_id: ContactId,
    /// What it says.
    pub content: LogContent,
    /// When it happened.
    pub timestamp: Timestamp,
    /// The campaign recipient this records; a second entry for the same one is refused by the database.
    pub campaign_recipient_id: Option<RecipientId>,
}

/// Why an entry could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TimelineError {
    /// The contact is not in this workspace.
    #[error("there is no such contact")]
    UnknownContact,
    /// A person may write notes and calls, and log e-mails and texts; the rest the program writes itself.
    #[error("entries of this type are written by pi-crm itself")]
    NotWritable,
    /// A text is empty or longer than 20,000 characters; the field is named.
    #[error("{0} must have 1 to 20,000 characters")]
    InvalidText(&'static str),
    /// No such type of entry.
    #[error("there is no entry type of this name")]
    UnknownType,
    /// The cursor does not belong to this timeline.
    #[error("this cursor does not belong to this timeline")]
    InvalidCursor,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Result of a timeline operation.
pub type Result<T> = std::result::Result<T, TimelineError>;

/// The timelines of one workspace's contacts.
#[async_trait]
pub trait Timeline: Send + Sync {
    /// Writes an entry a person made.
    async fn add(
        &self,
        scope: &Scope,
        contact_id: ContactId,
        content: LogContent,
    ) -> Result<LogEntry>;
    /// Writes entries of the program's own doing inside the transaction they belong to.
    async fn record(
        &self,
        tx: &Tx,
        scope: &Scope,
        entries: Vec<NewLogEntry>,
    ) -> std::result::Result<(), StoreError>;
    /// One page of a contact's timeline, newest first; `kind` keeps one type.
    async fn page(
        &self,
        scope: &Scope,
        contact_id: ContactId,
        kind: Option<&str>,
        page: PageRequest,
    ) -> Result<Page<LogEntry>>;
}

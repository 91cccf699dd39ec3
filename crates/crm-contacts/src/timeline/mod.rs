//! The communication log: everything that happened with one contact, in one line of time.

use async_trait::async_trait;
use crm_core::{
    ContactId, LogId, Page, PageRequest, RecipientId, Scope, StoreError, Timestamp, Tx, UserId,
};
use serde::{Deserialize, Serialize};

mod add;
mod change;
mod opened;
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
    /// Names of the fields its type has.
    pub const fn fields(&self) -> &'static [&'static str] {
        match self {
            Self::Email { .. } => &["subject", "body", "status", "opened", "clicked_links"],
            Self::Text { .. } => &["message", "status"],
            Self::Call { .. } => &["duration", "notes"],
            Self::Ai { .. } => &["prompt", "output", "model"],
            Self::StageChange { .. } => &["old_list", "new_list"],
            Self::Note { .. } => &["text"],
            Self::System { .. } => &["message"],
        }
    }

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
    /// Grows with every change; 1 for what was never changed.
    pub version: i64,
}

impl LogEntry {
    /// Whether `user` may change or delete it: notes and calls are their writer's, all else is the program's record.
    pub fn is_of(&self, user: Option<UserId>) -> bool {
        matches!(self.content, LogContent::Note { .. } | LogContent::Call { .. })
            && self.actor_id.is_some()
            && self.actor_id == user
    }
}

/// What of an entry changes.
#[derive(Debug, Clone, Default)]
pub struct LogChange {
    /// Fields of its content by name; those left out stay.
    pub content: serde_json::Map<String, serde_json::Value>,
    /// When it happened; `None` leaves it.
    pub timestamp: Option<Timestamp>,
}

/// Which entries of a timeline are wanted.
#[derive(Debug, Clone, Default)]
pub struct LogFilter {
    /// Only these types; empty for all.
    pub kinds: Vec<String>,
    /// Only what this person did.
    pub actor_id: Option<UserId>,
    /// Only from this moment on.
    pub since: Option<Timestamp>,
    /// Only before this moment.
    pub until: Option<Timestamp>,
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
    /// The status of a message is not one of its words.
    #[error("the status is sent, received or failed")]
    InvalidStatus,
    /// A call of more than a day.
    #[error("a call lasts up to 1,440 minutes")]
    InvalidDuration,
    /// The content lacks a field of its type, or has one that is none of it.
    #[error("{0}")]
    InvalidContent(String),
    /// The time given has not come yet.
    #[error("what is written down has happened: this time is in the future")]
    InFuture,
    /// The entry is somebody else's, or the program's.
    #[error("only notes and calls can be changed, and only by who wrote them")]
    NotYours,
    /// It was changed meanwhile.
    #[error("the entry was changed in the meantime")]
    Stale,
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
    /// Writes an entry a person made; `at` is when it happened, `None` for now.
    async fn add(
        &self,
        scope: &Scope,
        contact_id: ContactId,
        content: LogContent,
        at: Option<Timestamp>,
    ) -> Result<LogEntry>;
    /// One entry.
    async fn get(&self, scope: &Scope, id: LogId) -> Result<Option<LogEntry>>;
    /// Changes a note or call of the caller's own. `version` is the version the caller saw; another one is
    /// [`TimelineError::Stale`].
    async fn change(
        &self,
        scope: &Scope,
        id: LogId,
        version: Option<i64>,
        change: LogChange,
    ) -> Result<Option<LogEntry>>;
    /// Deletes a note or call of the caller's own; `false` where there is none. The audit log keeps that it was there,
    /// not what it said.
    async fn delete(&self, scope: &Scope, id: LogId) -> Result<bool>;
    /// Writes entries of the program's own doing inside the transaction they belong to.
    async fn record(
        &self,
        tx: &Tx,
        scope: &Scope,
        entries: Vec<NewLogEntry>,
    ) -> std::result::Result<(), StoreError>;
    /// Notes inside `tx` that a message was opened, and which link in it was followed, where one was.
    async fn opened(
        &self,
        tx: &Tx,
        scope: &Scope,
        recipient: RecipientId,
        at: Timestamp,
        url: Option<&str>,
    ) -> std::result::Result<(), StoreError>;
    /// One page of a contact's timeline, newest first.
    async fn page(
        &self,
        scope: &Scope,
        contact_id: ContactId,
        filter: &LogFilter,
        page: PageRequest,
    ) -> Result<Page<LogEntry>>;
}

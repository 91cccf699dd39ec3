//! One action on many contacts: tried out by its count, done at once or as a job, and undone as one.

use async_trait::async_trait;
use crm_core::{
    BulkId, ContactId, ListId, Scope, SegmentId, StoreError, Timestamp, UserId, WorkspaceId,
};
use serde::{Deserialize, Serialize};

use crate::contacts::{ContactsError, CustomValue};
use crate::merge::{MergeError, Resolution};
use crate::segments::SegmentError;
use crate::segments::saved::SavedSegmentsError;

mod apply;
mod check;
mod columns;
mod get;
mod lists;
mod rows;
mod run;
mod sea;
mod select;
mod start;
mod undo;
mod values;

pub use sea::SeaBulkActions;

/// Contacts an action is done to at once; more become a job.
pub const AT_ONCE: usize = 200;
/// Most contacts one call may name by id.
pub const MOST_IDS: usize = 10_000;

/// What is done to each contact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// It moves to a stage.
    Move {
        /// The stage.
        list_id: ListId,
    },
    /// It gets a tag.
    Tag {
        /// The tag.
        list_id: ListId,
    },
    /// It loses a tag.
    Untag {
        /// The tag.
        list_id: ListId,
    },
    /// A field gets a value.
    Set {
        /// `company`, `owner_id`, `value_minor`, or `custom.<field>`.
        field: String,
        /// The value; nothing empties the field.
        value: Option<CustomValue>,
    },
    /// It goes to the trash.
    Delete,
    /// It becomes part of another contact.
    Merge {
        /// The contact that stays.
        target_id: ContactId,
        /// Which values it has.
        #[serde(default)]
        resolution: Resolution,
    },
}

impl Action {
    /// The word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Move { .. } => "move",
            Self::Tag { .. } => "tag",
            Self::Untag { .. } => "untag",
            Self::Set { .. } => "set",
            Self::Delete => "delete",
            Self::Merge { .. } => "merge",
        }
    }
}

/// Contacts by what they have in common, as the list of contacts filters them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulkFilter)]
pub struct Filter {
    /// Words to find.
    #[serde(default)]
    pub q: String,
    /// Only contacts in this list.
    #[serde(default)]
    pub list_id: Option<ListId>,
    /// Only contacts of this saved segment.
    #[serde(default)]
    pub segment_id: Option<SegmentId>,
    /// Only contacts of this segment, as JSON text.
    #[serde(default)]
    pub segment_json: Option<String>,
}

/// Which contacts.
#[derive(Debug, Clone)]
pub enum Selection {
    /// These.
    Ids(Vec<ContactId>),
    /// All that match, and there must be so many where a count is given.
    Filter(Filter, Option<u64>),
    /// What [`BulkActions::select`] counted and signed.
    Token(String),
}

/// What a filter selects at this moment.
#[derive(Debug, Clone)]
pub struct Selected {
    /// Names filter and count; only this server can make one.
    pub token: String,
    /// How many contacts match.
    pub count: u64,
    /// Names of the first five.
    pub sample: Vec<String>,
}

/// Where an action stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BulkState)]
pub enum State {
    /// Waits for its turn.
    Queued,
    /// Is being done.
    Running,
    /// Is done.
    Done,
    /// Could not be gone on with; `error` says why.
    Failed,
    /// Is being undone.
    Undoing,
    /// Was undone.
    Undone,
}

/// An action on many contacts.
#[derive(Debug, Clone, PartialEq)]
pub struct Bulk {
    /// Its id.
    pub id: BulkId,
    /// What is done.
    pub action: Action,
    /// Where it stands.
    pub state: State,
    /// Contacts selected.
    pub total: u64,
    /// Contacts gone through.
    pub done: u64,
    /// Contacts changed; the others were as wanted already, or gone.
    pub changed: u64,
    /// Contacts put back.
    pub undone: u64,
    /// Who did it.
    pub user_id: Option<UserId>,
    /// Why it could not be gone on with.
    pub error: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// Why an action was refused.
#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    /// Nothing was selected.
    #[error("select at least one contact")]
    Nothing,
    /// More ids than one call may name.
    #[error("name at most {MOST_IDS} contacts, or use a filter")]
    TooMany,
    /// One of the contacts is not in this workspace.
    #[error("one of the contacts is not in this workspace")]
    UnknownContact,
    /// There is no such action.
    #[error("there is no such action")]
    UnknownBulk,
    /// The list is not in this workspace, or of the wrong kind; the text says which.
    #[error("{0}")]
    InvalidList(&'static str),
    /// The field cannot be set for many contacts, or the value does not fit it.
    #[error("{problem}")]
    InvalidValue {
        /// The field, `field` where there is no such field.
        field: String,
        /// What is wrong.
        problem: String,
    },
    /// The token was not made by this server for this workspace.
    #[error("this selection was not made here; select again")]
    InvalidToken,
    /// Other contacts match than when the selection was made.
    #[error("{now} contacts match now, not {then}; look at them again")]
    CountChanged {
        /// As was seen.
        then: u64,
        /// As it is.
        now: u64,
    },
    /// It is not in a state in which it can be undone.
    #[error("this action is {0} and cannot be undone")]
    InvalidState(&'static str),
    /// The filter was refused.
    #[error(transparent)]
    Segment(#[from] SegmentError),
    /// A contact was refused.
    #[error(transparent)]
    Contact(#[from] ContactsError),
    /// A merge was refused.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SavedSegmentsError> for BulkError {
    fn from(err: SavedSegmentsError) -> Self {
        match err {
            SavedSegmentsError::Segment(err) => Self::Segment(err),
            SavedSegmentsError::Store(err) => Self::Store(err),
            other => Self::Segment(SegmentError::Unknown(other.to_string())),
        }
    }
}

/// Result of a bulk operation.
pub type Result<T> = std::result::Result<T, BulkError>;

/// Actions on many contacts of one workspace.
#[async_trait]
pub trait BulkActions: Send + Sync {
    /// Counts what a filter matches and signs filter and count.
    async fn select(&self, scope: &Scope, filter: Filter) -> Result<Selected>;
    /// Does an action: up to [`AT_ONCE`] contacts in one transaction, more as a job that is queued.
    async fn start(&self, scope: &Scope, action: Action, on: Selection) -> Result<Bulk>;
    /// One action.
    async fn get(&self, scope: &Scope, id: BulkId) -> Result<Option<Bulk>>;
    /// The newest actions.
    async fn recent(&self, scope: &Scope) -> Result<Vec<Bulk>>;
    /// Puts every contact back that is still as the action left it.
    async fn undo(&self, scope: &Scope, id: BulkId) -> Result<Bulk>;
    /// Goes on with an action to its end: what the job does. Every batch is one transaction, and several processes may
    /// do it at once.
    async fn run(&self, workspace_id: WorkspaceId, id: BulkId) -> Result<()>;
    /// Actions that should be going on, in every workspace.
    async fn unfinished(&self) -> Result<Vec<(WorkspaceId, BulkId)>>;
}

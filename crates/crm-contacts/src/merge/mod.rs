//! Two contacts that are one person: finding them, making one of them, and taking that back.

use std::collections::BTreeMap;

use async_trait::async_trait;
use crm_core::{ContactId, MergeId, Scope, StoreError, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::contacts::{Contact, ContactsError, CustomValue};

mod compare;
mod dismiss;
mod duplicates;
mod journal;
mod likeness;
mod resolve;
mod run;
mod sea;
mod undo;

pub(crate) use journal::source as merged_contact;
pub(crate) use run::{Step, inside as merge_inside};
pub use sea::SeaMerges;
pub(crate) use undo::inside as unmerge_inside;

/// Which value of a field the merged contact has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MergeChoice)]
pub enum Choice {
    /// That of the contact that goes.
    Source,
    /// That of the contact that stays.
    Target,
    /// Another one; `null` empties the field.
    Custom(Option<CustomValue>),
}

/// Column, `stage`, or `custom.<field>` → which value it has. A field that is left out has the target's value, or the
/// source's where the target has none.
pub type Resolution = BTreeMap<String, Choice>;

/// What to merge into what.
#[derive(Debug, Clone)]
pub struct MergeRequest {
    /// The contact that goes.
    pub source_id: ContactId,
    /// The contact that stays.
    pub target_id: ContactId,
    /// Which values it has.
    pub resolution: Resolution,
    /// The version of the source the caller saw.
    pub source_version: Option<i64>,
    /// The version of the target the caller saw.
    pub target_version: Option<i64>,
}

/// What came of a merge.
#[derive(Debug, Clone)]
pub struct Merged {
    /// By which it is undone.
    pub merge_id: MergeId,
    /// The contact that stayed.
    pub contact: Contact,
}

/// What came of undoing a merge.
#[derive(Debug, Clone)]
pub struct Unmerged {
    /// The contact that came back.
    pub source: Contact,
    /// The contact it was part of.
    pub target: Contact,
    /// What could not be put back as it was.
    pub conflicts: Vec<Conflict>,
}

/// A field that is not as it was before the merge, because somebody changed it since or its value is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = UnmergeConflict)]
pub struct Conflict {
    /// The contact.
    pub contact_id: ContactId,
    /// Column, `stage`, or `custom.<field>`.
    pub field: String,
    /// What it has now.
    pub kept: Option<String>,
    /// What it had before the merge.
    pub before: Option<String>,
}

/// One field of two contacts side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedField {
    /// Column, `stage`, or `custom.<field>`.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What the source has, as people read it; empty for nothing.
    pub source: String,
    /// What the target has.
    pub target: String,
    /// Whether the source's value is the better guess: it is all there is, or the newer one.
    pub prefers_source: bool,
}

impl ComparedField {
    /// Whether there is nothing to choose.
    pub fn is_equal(&self) -> bool {
        self.source == self.target
    }
}

/// Two contacts side by side.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The contact that would go.
    pub source: Contact,
    /// The contact that would stay.
    pub target: Contact,
    /// Their fields, the columns first.
    pub fields: Vec<ComparedField>,
    /// Timeline entries of the source.
    pub source_entries: u64,
    /// Timeline entries of the target.
    pub target_entries: u64,
    /// Follow-ups of the source.
    pub source_tasks: u64,
}

/// A merge that can be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeRecord {
    /// The merge.
    pub id: MergeId,
    /// Name of the contact that went.
    pub source_name: String,
    /// Who did it.
    pub actor_id: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
}

/// Why two contacts may be one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DuplicateReason)]
pub enum Reason {
    /// The same address but for dots, `+` tags, or another name of the same mail service.
    SameEmail,
    /// The same number but for the country.
    SamePhone,
    /// The same name, and the same company or none.
    SameName,
    /// A name that differs by a letter or two, and the same company.
    SimilarName,
}

/// Two contacts that may be one person.
#[derive(Debug, Clone)]
pub struct Suspicion {
    /// The older one.
    pub first: Contact,
    /// The newer one.
    pub second: Contact,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Contacts that may be one person.
#[derive(Debug, Clone)]
pub struct Suspicions {
    /// The surest first.
    pub items: Vec<Suspicion>,
    /// How many there are in all.
    pub total: u64,
    /// When the book was last looked through; `None` before that.
    pub looked_at: Option<Timestamp>,
    /// Whether it is being looked through at this moment, so that there may soon be more.
    pub is_looking: bool,
}

/// Why contacts could not be merged, or a merge not undone.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A contact with itself.
    #[error("choose two different contacts")]
    Same,
    /// One of the contacts is not in this workspace.
    #[error("there is no such contact")]
    UnknownContact,
    /// The merge is not in this workspace.
    #[error("there is no such merge")]
    UnknownMerge,
    /// The resolution names a field contacts do not have.
    #[error("contacts have no field named {0}")]
    UnknownField(String),
    /// A value that does not fit its field.
    #[error("{problem}")]
    InvalidValue {
        /// The field.
        field: String,
        /// What is wrong.
        problem: String,
    },
    /// Somebody changed one of the contacts in the meantime.
    #[error("one of the contacts was changed by somebody else in the meantime")]
    Stale,
    /// The merge was undone already.
    #[error("this merge was undone already")]
    AlreadyUndone,
    /// The contact that stayed is gone: it was deleted, or merged into another one since.
    #[error("the merged contact is gone; bring it back first")]
    TargetGone,
    /// The contact would not be a valid one.
    #[error(transparent)]
    Contact(#[from] ContactsError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Result of a merge operation.
pub type Result<T> = std::result::Result<T, MergeError>;

/// Merging the contacts of one workspace.
#[async_trait]
pub trait Merges: Send + Sync {
    /// Two contacts side by side; `None` where one of them is not in this workspace.
    async fn compare(
        &self,
        scope: &Scope,
        source: ContactId,
        target: ContactId,
    ) -> Result<Option<Comparison>>;
    /// Makes one contact of two. Lists are united, custom fields chosen, timeline, follow-ups and campaigns moved.
    async fn merge(&self, scope: &Scope, request: MergeRequest) -> Result<Merged>;
    /// Makes two contacts of one again. What nobody touched is exactly as it was; what somebody did stays and is told.
    async fn unmerge(&self, scope: &Scope, id: MergeId) -> Result<Unmerged>;
    /// The contact that one merged away is part of now, however often it was merged on.
    async fn moved_to(&self, scope: &Scope, id: ContactId) -> Result<Option<ContactId>>;
    /// The merges into this contact that can be undone, newest first.
    async fn of_contact(&self, scope: &Scope, id: ContactId) -> Result<Vec<MergeRecord>>;
    /// Contacts that may be one person. In a book of more than 10,000 they are what a look found that goes on in the
    /// background; asking begins one where the last is old.
    async fn duplicates(&self, scope: &Scope) -> Result<Suspicions>;
    /// Remembers that two contacts are two people.
    async fn dismiss(&self, scope: &Scope, one: ContactId, other: ContactId) -> Result<()>;
}

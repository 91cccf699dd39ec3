//! Lists: primary ones are the stages of the pipeline, secondary ones are tags.

use async_trait::async_trait;
use crm_core::{ContactId, ListId, Scope, StoreError, Timestamp};

mod assign;
mod check;
mod create;
mod delete;
pub(crate) mod in_cell;
pub(crate) mod membership;
mod order;
pub(crate) mod read;
mod sea;
mod starter;
pub(crate) mod tags;
mod update;

pub use sea::SeaLists;
pub use starter::StarterLists;

/// A stage or a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Its id.
    pub id: ListId,
    /// Its name, unique in the workspace.
    pub name: String,
    /// Whether it is a stage.
    pub is_primary: bool,
    /// Its place among its kind, from 1.
    pub position: i64,
    /// Category colour, 1 to 8.
    pub color: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// Grows with every change of name, colour or place asked for.
    pub version: i64,
    /// How many contacts are in it.
    pub contacts: u64,
    /// Sum of the values of its contacts, in the smallest currency unit.
    pub value_minor: i64,
}

/// What a list is made or changed with.
#[derive(Debug, Clone, Default)]
pub struct NewList {
    /// Its name.
    pub name: String,
    /// Whether it is a stage. A list's kind cannot be changed later.
    pub is_primary: bool,
    /// Category colour, 1 to 8; `None` takes the next one.
    pub color: Option<i64>,
    /// Its place among its kind, from 1; `None` is last (new) or unchanged.
    pub position: Option<i64>,
}

/// Why a list could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ListsError {
    /// The name is empty or longer than 100 characters.
    #[error("enter a name of up to 100 characters")]
    InvalidName,
    /// The colour is not 1 to 8.
    #[error("choose a colour from 1 to 8")]
    InvalidColor,
    /// The position is below 1.
    #[error("the position counts from 1")]
    InvalidPosition,
    /// Somebody else changed it meanwhile.
    #[error("the list was changed by somebody else in the meantime")]
    Stale,
    /// Another list has this name.
    #[error("a list with this name already exists")]
    DuplicateName,
    /// A stage cannot become a tag, nor a tag a stage.
    #[error("a stage cannot become a tag, nor a tag a stage")]
    KindIsFixed,
    /// The last stage cannot be deleted.
    #[error("a workspace needs at least one stage")]
    LastStage,
    /// Contacts are in the stage; they must be moved first.
    #[error("{0} contacts are in this stage; move them first")]
    StageInUse(u64),
    /// The contact is not in this workspace.
    #[error("there is no such contact")]
    UnknownContact,
    /// The list is not in this workspace.
    #[error("there is no such list")]
    UnknownList,
    /// A contact cannot leave its stage, only move to another one.
    #[error("a contact is always in a stage; move it to another one instead")]
    StageRequired,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Result of a lists operation.
pub type Result<T> = std::result::Result<T, ListsError>;

/// The lists of one workspace.
#[async_trait]
pub trait Lists: Send + Sync {
    /// All lists with their counts: stages in pipeline order, then tags by name.
    async fn all(&self, scope: &Scope) -> Result<Vec<List>>;
    /// One list.
    async fn get(&self, scope: &Scope, id: ListId) -> Result<Option<List>>;
    /// Makes a list.
    async fn create(&self, scope: &Scope, new: NewList) -> Result<List>;
    /// Changes name, colour and position. `version` is the version the caller saw; another one is [`ListsError::Stale`].
    async fn update(
        &self,
        scope: &Scope,
        id: ListId,
        version: Option<i64>,
        change: NewList,
    ) -> Result<Option<List>>;
    /// Deletes a list; `false` where there is none.
    async fn delete(&self, scope: &Scope, id: ListId) -> Result<bool>;
    /// Puts a contact into a list. A stage replaces the contact's stage and writes a `stage_change` to its timeline.
    async fn assign(&self, scope: &Scope, contact_id: ContactId, list_id: ListId) -> Result<()>;
    /// Takes a contact out of a tag.
    async fn unassign(&self, scope: &Scope, contact_id: ContactId, list_id: ListId) -> Result<()>;
}

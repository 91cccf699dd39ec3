//! Follow-ups: what is to be done about a contact, by whom and when.

use std::collections::HashMap;

use async_trait::async_trait;
use crm_core::{ContactId, Page, PageRequest, Scope, StoreError, TaskId, Timestamp, Tx, UserId};
use serde::{Deserialize, Serialize};

pub(crate) mod list;
pub(crate) mod next;
mod sea;
mod write;

pub use sea::SeaTasks;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// A call.
    Call,
    /// A mail.
    Email,
    /// Anything else.
    #[default]
    Todo,
}

impl TaskKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Call, Self::Email, Self::Todo];

    /// The word stored in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Email => "email",
            Self::Todo => "todo",
        }
    }

    fn parse(word: &str) -> std::result::Result<Self, StoreError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| StoreError::Corrupt(format!("task of the kind {word}")))
    }
}

/// A follow-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Whom it is about.
    pub contact_id: ContactId,
    /// Who is to do it; `None` for anybody.
    pub assignee_id: Option<UserId>,
    /// What is to be done.
    pub kind: TaskKind,
    /// What it is, in a line.
    pub title: String,
    /// When it is due; `None` some time.
    pub due_at: Option<Timestamp>,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// Who wrote it down.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
    /// Grows with every change.
    pub version: i64,
}

/// What a task is made with.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// Whom it is about.
    pub contact_id: ContactId,
    /// Who is to do it.
    pub assignee_id: Option<UserId>,
    /// What is to be done.
    pub kind: TaskKind,
    /// What it is, in a line.
    pub title: String,
    /// When it is due.
    pub due_at: Option<Timestamp>,
}

/// What of a task changes; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct TaskChange {
    /// What it is, in a line.
    pub title: Option<String>,
    /// What is to be done.
    pub kind: Option<TaskKind>,
    /// Who is to do it.
    pub assignee_id: Option<Option<UserId>>,
    /// When it is due.
    pub due_at: Option<Option<Timestamp>>,
    /// Whether it is done.
    pub done: Option<bool>,
}

/// Which tasks are wanted.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    /// Only this person's.
    pub assignee_id: Option<UserId>,
    /// Only about this contact.
    pub contact_id: Option<ContactId>,
    /// Only those due before this moment.
    pub due_before: Option<Timestamp>,
    /// Only those that are done, or not.
    pub done: Option<bool>,
    /// The page.
    pub page: PageRequest,
}

/// Why a task could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TasksError {
    /// The title is empty or longer than 200 characters.
    #[error("say what is to be done in up to 200 characters")]
    InvalidTitle,
    /// The assignee is no member of the workspace.
    #[error("this person is no member of the workspace")]
    InvalidAssignee,
    /// The contact is not in this workspace.
    #[error("there is no such contact")]
    UnknownContact,
    /// The cursor is not one of this list.
    #[error("this place in the list does not exist any more")]
    InvalidCursor,
    /// Somebody else changed it meanwhile.
    #[error("the task was changed by somebody else in the meantime")]
    Stale,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Result of an operation on tasks.
pub type Result<T> = std::result::Result<T, TasksError>;

/// The follow-ups of one workspace.
#[async_trait]
pub trait Tasks: Send + Sync {
    /// One page, the most urgent first; those without a time come last. Where only what is done is wanted, the last one
    /// done comes first.
    async fn list(&self, scope: &Scope, filter: TaskFilter) -> Result<Page<Task>>;
    /// The most urgent open task of each of these contacts; contacts without one are absent.
    async fn next(&self, scope: &Scope, contacts: &[ContactId])
    -> Result<HashMap<ContactId, Task>>;
    /// One task.
    async fn get(&self, scope: &Scope, id: TaskId) -> Result<Option<Task>>;
    /// Writes a task of the program's own doing inside the transaction it belongs to.
    async fn ask(&self, tx: &Tx, scope: &Scope, new: NewTask) -> Result<Task>;
    /// Writes a task down.
    async fn create(&self, scope: &Scope, new: NewTask) -> Result<Task>;
    /// Changes a task. `version` is the version the caller saw; another one is [`TasksError::Stale`].
    async fn change(
        &self,
        scope: &Scope,
        id: TaskId,
        version: Option<i64>,
        change: TaskChange,
    ) -> Result<Option<Task>>;
    /// Deletes a task; `false` where there is none.
    async fn delete(&self, scope: &Scope, id: TaskId) -> Result<bool>;
}

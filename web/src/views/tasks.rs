//! Follow-ups: `/tasks`, on the page of a contact and on the dashboard.

use serde::Serialize;

use super::View;
use super::common::{Choice, FormErrors, Link, Pager, Tab};
use super::conflict::Conflict;
use super::shell::Shell;

/// `/tasks?who&done&cursor`: the follow-ups of the workspace, the most urgent first.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TasksPage {
    /// The frame.
    pub shell: Shell,
    /// Everybody's, mine, done.
    pub tabs: Vec<Tab>,
    /// The follow-ups.
    pub rows: Vec<TaskRow>,
    /// The word that leads the forms of the rows back here.
    pub back: String,
    /// Whether this person may do them.
    pub may_write: bool,
    /// Whether those are shown that are done.
    pub done: bool,
    /// Links to the other pages.
    pub pager: Pager,
}

impl View for TasksPage {
    const TEMPLATE: &'static str = "pages/tasks/index.html";

    fn samples() -> Vec<Self> {
        super::samples::tasks::pages()
    }
}

/// A follow-up. Forms: `POST /tasks/{id}/done`, `/tasks/{id}/reopen`, `/tasks/{id}/tomorrow`, `/tasks/{id}/next-week`,
/// each with `back` and `version`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TaskRow {
    /// Id.
    pub id: String,
    /// `call`, `email` or `todo`.
    pub kind: String,
    /// What is to be done.
    pub title: String,
    /// Whom it is about; absent on that contact's own page.
    pub contact: Option<Link>,
    /// Who is to do it.
    pub assignee: Option<String>,
    /// When it is due.
    pub due_at: Option<String>,
    /// Whether that has passed.
    pub overdue: bool,
    /// When it was done.
    pub done_at: Option<String>,
    /// Version that was read, sent back to detect a lost update.
    pub version: i64,
}

/// What a form of a task is answered with where somebody else changed the task since: both versions. Form: the same one,
/// with the version of now.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TaskChangedPage {
    /// The frame.
    pub shell: Shell,
    /// The task as it is now.
    pub task: TaskRow,
    /// `done`, `reopen`, `tomorrow` or `next-week`.
    pub action: String,
    /// Both versions.
    pub conflict: Conflict,
    /// The word that leads back.
    pub back: String,
    /// Where that is.
    pub back_url: String,
}

impl View for TaskChangedPage {
    const TEMPLATE: &'static str = "pages/tasks/changed.html";

    fn samples() -> Vec<Self> {
        super::samples::tasks::changed()
    }
}

/// The form for a new follow-up: `title`, `kind`, `due_at`, `assignee_id`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TaskForm {
    /// What is to be done.
    pub title: String,
    /// What kinds there are.
    pub kinds: Vec<Choice>,
    /// Local time of the workspace.
    pub due_at: String,
    /// Who could do it.
    pub people: Vec<Choice>,
    /// What is wrong.
    pub errors: FormErrors,
}

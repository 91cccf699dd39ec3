//! Follow-ups, on the page of a contact and on the dashboard.

use serde::Serialize;

use super::common::{Choice, FormErrors, Link};

/// A follow-up. Forms: `POST /tasks/{id}/done`, `/tasks/{id}/tomorrow`, each with `back`.
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

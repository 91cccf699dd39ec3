//! What came of two subjects of one campaign.

use serde::Serialize;

/// Argument of the component `campaigns.subjects`. Form: `POST /campaigns/{id}/subject` (`subject`: `a` or `b`).
#[derive(Debug, Clone, Default, Serialize)]
pub struct Subjects {
    /// The template's own and the other one.
    pub rows: Vec<SubjectResult>,
    /// What decides: `opened`, `clicked` or `replied`.
    pub rule: String,
    /// When the better one goes to everybody else; absent once it did.
    pub decides_at: Option<String>,
    /// Whether this person may decide now.
    pub may_choose: bool,
}

/// What came of one subject.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SubjectResult {
    /// `a` or `b`.
    pub variant: String,
    /// The subject as written.
    pub subject: String,
    /// Messages taken.
    pub sent: u64,
    /// Opened by people.
    pub opened: u64,
    /// A link was followed.
    pub clicked: u64,
    /// Answered.
    pub replied: u64,
    /// Whether it was the better one.
    pub is_winner: bool,
}

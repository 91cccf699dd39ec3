//! Two versions of one thing: what the person typed, and what somebody else saved since the form was opened.

use serde::Serialize;

/// Argument of the component `ui.conflict`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Conflict {
    /// Who saved the other version: a name, "You" or "Somebody".
    pub who: String,
    /// When, where the log says it.
    pub at: Option<String>,
    /// Fields both changed.
    pub rows: Vec<Difference>,
    /// Labels of what only the other one changed; the form shows it as it is now.
    pub taken: Vec<String>,
    /// Names of the fields in `rows`, for the form to send back.
    pub differs: String,
    /// The moment of this answer, RFC 3339 UTC.
    pub now: String,
    /// IANA zone of the workspace.
    pub time_zone: String,
}

/// A field with two values.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Difference {
    /// What people call the field.
    pub label: String,
    /// What was typed; may be empty.
    pub yours: String,
    /// What is stored now; may be empty.
    pub theirs: String,
}

//! One cell of the table of contacts while it is edited.

use serde::Serialize;

use super::common::Choice;
use super::conflict::Conflict;

/// Argument of the component `contacts.cell_form`. Form: `POST /contacts/{id}/cells/{column}` (its inputs, `version`,
/// `seen`), which answers the row (200), or this form with what is wrong (422) or with both versions (409).
#[derive(Debug, Clone, Default, Serialize)]
pub struct CellForm {
    /// The contact.
    pub id: String,
    /// What to call it.
    pub name: String,
    /// The column; see [`super::contacts::ContactColumn::name`], or `name`.
    pub column: String,
    /// What people call the column.
    pub label: String,
    /// One input, or two for the name.
    pub inputs: Vec<CellInput>,
    /// Version that was read, sent back to detect a lost update.
    pub version: i64,
    /// What the inputs were filled with.
    pub seen: String,
    /// Token of the session.
    pub csrf_token: String,
    /// What is wrong.
    pub error: Option<String>,
    /// What somebody else saved since the cell was opened.
    pub conflict: Option<Conflict>,
}

/// An input of a cell.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CellInput {
    /// What the form sends it as.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Type of the input, or `select`.
    pub kind: String,
    /// What is stored, or was typed.
    pub value: String,
    /// Options of a `select`.
    pub choices: Vec<Choice>,
}

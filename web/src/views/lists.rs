//! `/lists`: stages of the pipeline and tags.

use serde::Serialize;

use super::View;
use super::common::FormErrors;
use super::conflict::Conflict;
use super::shell::Shell;

/// Stages and tags. Forms: `POST /lists` (`name`, `is_primary` = `true` or `false`, `color`), `/lists/{id}` (`name`,
/// `color`, `version`, `seen`), `/lists/{id}/move` (`direction` = `up` or `down`), `/lists/{id}/delete`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListsPage {
    /// The frame.
    pub shell: Shell,
    /// Primary lists in pipeline order.
    pub stages: Vec<ListRow>,
    /// Secondary lists by name.
    pub tags: Vec<ListRow>,
    /// The form for a new stage.
    pub new_stage: ListForm,
    /// The form for a new tag.
    pub new_tag: ListForm,
    /// The list whose renaming was refused, and why.
    pub refused: Option<RefusedList>,
    /// Whether this person may change lists.
    pub may_write: bool,
}

/// One list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListRow {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Category colour, 1 to 8.
    pub color: u8,
    /// Filled pips of a stage, 1 to 6; 0 for a tag.
    pub step: u8,
    /// How many contacts are in it.
    pub people: u64,
    /// For how many days they have been in it, on average; absent where nobody is.
    pub days: Option<u64>,
    /// Version that was read, sent back to detect a lost update.
    pub version: i64,
    /// What its form is filled with, sent back to tell what was changed in it.
    pub seen: String,
}

/// The form for a new list.
#[derive(Debug, Clone, Serialize)]
pub struct ListForm {
    /// Name as typed.
    pub name: String,
    /// Category colour, 1 to 8.
    pub color: u8,
    /// What is wrong.
    pub errors: FormErrors,
}

impl Default for ListForm {
    fn default() -> Self {
        Self { name: String::new(), color: 6, errors: FormErrors::none() }
    }
}

/// A refused change of a list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RefusedList {
    /// Id of the list.
    pub id: String,
    /// Name as typed.
    pub name: String,
    /// Colour as chosen.
    pub color: u8,
    /// What to do about it.
    pub message: String,
    /// The version its form is of.
    pub version: i64,
    /// What that was filled with.
    pub seen: String,
    /// What somebody else saved since the form was opened.
    pub conflict: Option<Conflict>,
}

impl View for ListsPage {
    const TEMPLATE: &'static str = "pages/lists/index.html";

    fn samples() -> Vec<Self> {
        super::samples::lists::pages()
    }
}

//! `/lists`: stages of the pipeline and tags.

use serde::Serialize;

use super::View;
use super::common::FormErrors;
use super::shell::Shell;

/// Stages and tags. Forms: `POST /lists` (`name`, `is_primary` = `true` or `false`, `color`), `/lists/{id}` (`name`,
/// `color`), `/lists/{id}/move` (`direction` = `up` or `down`), `/lists/{id}/delete`.
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
    /// What to do about it.
    pub message: String,
}

impl View for ListsPage {
    const TEMPLATE: &'static str = "pages/lists/index.html";

    fn samples() -> Vec<Self> {
        super::samples::lists::pages()
    }
}

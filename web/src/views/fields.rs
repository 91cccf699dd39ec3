//! `/settings/fields`: the custom fields of contacts.

use serde::Serialize;

use super::View;
use super::common::{Choice, FormErrors};
use super::conflict::Conflict;
use super::shell::Shell;

/// `/settings/fields`. Forms: `POST /settings/fields` (see [`FieldForm`]), `/settings/fields/{id}/move` (`direction` = `up`
/// or `down`), `/archive`, `/restore`, `/delete`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FieldsPage {
    /// The frame.
    pub shell: Shell,
    /// The workspace's own fields, in their order.
    pub own: Vec<FieldRow>,
    /// Those its owner has in all workspaces.
    pub global: Vec<FieldRow>,
    /// Those that were put away.
    pub archived: Vec<FieldRow>,
    /// Whether this person may change fields.
    pub may_write: bool,
    /// Whether this person may make and change fields of all workspaces.
    pub may_write_global: bool,
    /// The form for a new field.
    pub form: FieldForm,
}

/// One field.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FieldRow {
    /// Id.
    pub id: String,
    /// What people read.
    pub label: String,
    /// What segments, templates and files call it.
    pub name: String,
    /// Its type as a word for people.
    pub kind: String,
    /// The choices, in a line.
    pub options: String,
    /// Whether new contacts must have it.
    pub required: bool,
    /// Contacts that have a value.
    pub people: u64,
    /// Whether this person may change it.
    pub may_write: bool,
}

/// What a field is made or changed with, as typed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FieldForm {
    /// `label`
    pub label: String,
    /// `field_type`
    pub types: Vec<Choice>,
    /// `options`, one a line.
    pub options: String,
    /// `is_required`
    pub required: bool,
    /// `default_value`
    pub default_value: String,
    /// `is_global`
    pub global: bool,
    /// What is wrong.
    pub errors: FormErrors,
}

/// `/settings/fields/{id}`: field `version`, and those of [`FieldForm`] that can be changed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FieldPage {
    /// The frame.
    pub shell: Shell,
    /// The field.
    pub field: FieldRow,
    /// Whether it has choices.
    pub is_select: bool,
    /// The version the form was made from.
    pub version: i64,
    /// What the form was filled with, sent back to tell what was changed in it.
    pub seen: String,
    /// What somebody else saved since the form was opened.
    pub conflict: Option<Conflict>,
    /// What was typed.
    pub form: FieldForm,
}

impl View for FieldsPage {
    const TEMPLATE: &'static str = "pages/settings/fields.html";

    fn samples() -> Vec<Self> {
        super::samples::fields::pages()
    }
}

impl View for FieldPage {
    const TEMPLATE: &'static str = "pages/settings/field.html";

    fn samples() -> Vec<Self> {
        super::samples::fields::one()
    }
}

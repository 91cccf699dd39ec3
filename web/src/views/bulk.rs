//! `/contacts/bulk`: one action on many contacts.

use serde::Serialize;

use super::View;
use super::common::{Choice, FormErrors};
use super::shell::Shell;

/// What is about to be done. Fields: `action`, `ids` (repeated) or `token`, `to_list`, `set_field`, `set_value`,
/// `target_id`, `back`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BulkPage {
    /// The frame.
    pub shell: Shell,
    /// `move`, `tag`, `untag`, `set`, `delete` or `merge`; anything else lets the person choose.
    pub action: String,
    /// The contacts, where they were ticked.
    pub ids: Vec<String>,
    /// The signed selection, where it is everything that matches.
    pub token: Option<String>,
    /// How many contacts.
    pub count: u64,
    /// Names of the first few.
    pub names: Vec<String>,
    /// Stages or tags to choose from.
    pub lists: Vec<Choice>,
    /// Fields to choose from.
    pub fields: Vec<Choice>,
    /// The value as typed.
    pub value: String,
    /// Contacts of which one stays, for `merge`; empty where they cannot be merged.
    pub keep: Vec<Choice>,
    /// The filter of the selection as a query.
    pub filter: String,
    /// Where to go back to.
    pub back: String,
    /// What is wrong.
    pub errors: FormErrors,
}

impl View for BulkPage {
    const TEMPLATE: &'static str = "pages/contacts/bulk.html";

    fn samples() -> Vec<Self> {
        super::samples::bulk::asked()
    }
}

/// How far an action is.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BulkRunPage {
    /// The frame.
    pub shell: Shell,
    /// Its id.
    pub id: String,
    /// What is done, in words.
    pub what: String,
    /// `queued`, `running`, `done`, `failed`, `undoing` or `undone`.
    pub state: String,
    /// Contacts to go through.
    pub total: u64,
    /// Contacts gone through.
    pub done: u64,
    /// Contacts changed.
    pub changed: u64,
    /// Contacts put back.
    pub undone: u64,
    /// Why it stopped.
    pub error: Option<String>,
    /// Whether it can be undone.
    pub undoable: bool,
    /// Where to go back to.
    pub back: String,
}

impl View for BulkRunPage {
    const TEMPLATE: &'static str = "pages/contacts/bulk_run.html";

    fn samples() -> Vec<Self> {
        super::samples::bulk::run()
    }
}

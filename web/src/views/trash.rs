//! `/contacts/trash`: deleted contacts.

use serde::Serialize;

use super::View;
use super::common::Pager;
use super::shell::Shell;

/// Deleted contacts, the newest first.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TrashPage {
    /// The frame.
    pub shell: Shell,
    /// The rows.
    pub rows: Vec<DeletedRow>,
    /// Links to the other pages.
    pub pager: Pager,
    /// Whether the person may bring them back.
    pub may_write: bool,
}

/// A deleted contact.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DeletedRow {
    /// The id it had.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who deleted it.
    pub by: Option<String>,
    /// When.
    pub deleted_at: String,
    /// Days until it is removed for good.
    pub days_left: u64,
}

impl View for TrashPage {
    const TEMPLATE: &'static str = "pages/contacts/trash.html";

    fn samples() -> Vec<Self> {
        super::samples::bulk::trash()
    }
}

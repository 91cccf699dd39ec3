//! `/contacts/duplicates` and `/contacts/merge`.

use serde::Serialize;

use super::View;
use super::shell::Shell;

/// Contacts that may be one person.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DuplicatesPage {
    /// The frame.
    pub shell: Shell,
    /// The pairs, the surest first.
    pub pairs: Vec<Pair>,
    /// How many there are in all.
    pub total: u64,
    /// When the book was last looked through; `None` before that.
    pub looked_at: Option<String>,
    /// Whether it is being looked through at this moment.
    pub is_looking: bool,
    /// Whether the person may merge them.
    pub may_write: bool,
}

/// Two contacts that may be one person.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Pair {
    /// The older one.
    pub first: MergeSide,
    /// The newer one.
    pub second: MergeSide,
    /// Why, in words.
    pub reasons: Vec<String>,
}

/// One of two contacts.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MergeSide {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// E-mail; may be empty.
    pub email: String,
    /// Company; may be empty.
    pub company: String,
    /// When it was added.
    pub created_on: String,
    /// Version that is shown.
    pub version: i64,
}

impl View for DuplicatesPage {
    const TEMPLATE: &'static str = "pages/contacts/duplicates.html";

    fn samples() -> Vec<Self> {
        super::samples::bulk::duplicates()
    }
}

/// Two contacts side by side. Fields: `source`, `target`, their versions, and `choice.<field>` = `source` or `target`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MergePage {
    /// The frame.
    pub shell: Shell,
    /// The contact that goes.
    pub source: MergeSide,
    /// The contact that stays.
    pub target: MergeSide,
    /// Fields in which they differ.
    pub fields: Vec<MergeField>,
    /// How many fields are equal in both.
    pub equal: u64,
    /// Tags of both.
    pub tags: Vec<String>,
    /// Timeline entries of the source.
    pub source_entries: u64,
    /// Timeline entries of the target.
    pub target_entries: u64,
    /// Why nothing was merged.
    pub problem: Option<String>,
}

/// One field in which two contacts differ.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MergeField {
    /// Name of the input.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What the source has; empty for nothing.
    pub source: String,
    /// What the target has.
    pub target: String,
    /// The source's value as money.
    pub source_minor: Option<i64>,
    /// The target's value as money.
    pub target_minor: Option<i64>,
    /// Whether the source's is suggested.
    pub prefers_source: bool,
}

impl View for MergePage {
    const TEMPLATE: &'static str = "pages/contacts/merge.html";

    fn samples() -> Vec<Self> {
        super::samples::bulk::merge()
    }
}

//! `/suppressions`: addresses that must not be written to.

use serde::Serialize;

use super::View;
use super::common::{Choice, FormErrors, Pager};
use super::shell::Shell;

/// `/suppressions?q&channel&reason&cursor`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SuppressionsPage {
    /// The frame.
    pub shell: Shell,
    /// The addresses, newest first.
    pub rows: Vec<SuppressionRow>,
    /// Links to the other pages.
    pub pager: Pager,
    /// What is searched for.
    pub q: String,
    /// Channels to filter by.
    pub channels: Vec<Choice>,
    /// Reasons to filter by.
    pub reasons: Vec<Choice>,
    /// Whether a filter is set.
    pub filtered: bool,
    /// Leads to what is shown as a file.
    pub export_url: String,
    /// Whether this person may change the list.
    pub may_write: bool,
}

/// One address.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SuppressionRow {
    /// Id.
    pub id: String,
    /// `email` or `text`.
    pub channel: String,
    /// The address; absent where the person was erased.
    pub address: Option<String>,
    /// `unsubscribed`, `bounced`, `complained` or `manual`.
    pub reason: String,
    /// Since when.
    pub since: String,
}

impl View for SuppressionsPage {
    const TEMPLATE: &'static str = "pages/suppressions/index.html";

    fn samples() -> Vec<Self> {
        super::samples::suppressions::index()
    }
}

/// `/suppressions/new`. Fields: `channel`, `address`, `reason`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewSuppressionPage {
    /// The frame.
    pub shell: Shell,
    /// Channels to choose from.
    pub channels: Vec<Choice>,
    /// The address as typed.
    pub address: String,
    /// Reasons to choose from.
    pub reasons: Vec<Choice>,
    /// What is wrong.
    pub errors: FormErrors,
}

impl View for NewSuppressionPage {
    const TEMPLATE: &'static str = "pages/suppressions/new.html";

    fn samples() -> Vec<Self> {
        super::samples::suppressions::new()
    }
}

/// `/suppressions/{id}`: taking it off the list. Field: `because`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SuppressionPage {
    /// The frame.
    pub shell: Shell,
    /// The address.
    pub row: SuppressionRow,
    /// Whether taking it off needs a reason.
    pub needs_because: bool,
    /// The reason as typed.
    pub because: String,
    /// What is wrong.
    pub errors: FormErrors,
    /// Whether this person may take it off.
    pub may_write: bool,
}

impl View for SuppressionPage {
    const TEMPLATE: &'static str = "pages/suppressions/show.html";

    fn samples() -> Vec<Self> {
        super::samples::suppressions::show()
    }
}

/// `/suppressions/import`. Fields: `file`, `text`, `channel`, `reason`, `go` (`check` or `import`).
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportSuppressionsPage {
    /// The frame.
    pub shell: Shell,
    /// Channels to choose from.
    pub channels: Vec<Choice>,
    /// Reasons to choose from.
    pub reasons: Vec<Choice>,
    /// The list, pasted or read from a small file.
    pub text: String,
    /// What it would do.
    pub report: Option<SuppressionReport>,
    /// Whether the list came as a file too large to stand in the page: it has to be chosen again.
    pub choose_again: bool,
    /// What is wrong.
    pub errors: FormErrors,
}

/// What importing a list would do.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SuppressionReport {
    /// Lines with something in them.
    pub lines: u64,
    /// Addresses that are not suppressed yet.
    pub added: u64,
    /// Addresses that are.
    pub known: u64,
    /// Lines whose address stands further up.
    pub repeated: u64,
    /// Lines without an address.
    pub invalid: u64,
    /// The first of them.
    pub problems: Vec<ListProblem>,
}

/// A line without an address.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ListProblem {
    /// Which, from 1.
    pub line: u64,
    /// Its beginning.
    pub text: String,
    /// What is wrong with it.
    pub problem: String,
}

impl View for ImportSuppressionsPage {
    const TEMPLATE: &'static str = "pages/suppressions/import.html";

    fn samples() -> Vec<Self> {
        super::samples::suppressions::import()
    }
}

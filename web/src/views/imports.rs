//! `/import`: a file, what its columns mean, what would happen, what happens, what happened.

use serde::Serialize;

use super::View;
use super::common::{Choice, FormErrors};
use super::shell::Shell;

/// `/import`: earlier imports and the form for a new one (`POST /import`, multipart, field `file`).
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportsPage {
    /// The frame.
    pub shell: Shell,
    /// Earlier imports, newest first.
    pub history: Vec<ImportRow>,
    /// What is wrong with the file that was sent.
    pub errors: FormErrors,
    /// Largest file taken, in megabytes.
    pub max_megabytes: u64,
}

/// An earlier import.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportRow {
    /// Name of the file.
    pub file_name: String,
    /// `uploaded`, `queued`, `running`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// Where it stands: its next step, or its report.
    pub url: String,
    /// When it was sent.
    pub created_at: String,
    /// Its figures.
    pub counts: ImportCounts,
}

/// The figures of an import.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportCounts {
    /// Rows in the file.
    pub total: u64,
    /// Contacts made, or that would be.
    pub created: u64,
    /// Contacts changed, or that would be.
    pub updated: u64,
    /// Rows left out on purpose.
    pub skipped: u64,
    /// Rows with a problem.
    pub failed: u64,
}

/// What every step of one import shows on top.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportHead {
    /// Id.
    pub id: String,
    /// Name of the file.
    pub file_name: String,
    /// Rows in the file; absent while they are being counted.
    pub rows: Option<u64>,
    /// Delimiter in words: "comma", "semicolon", "tab"; "vCard" where it holds cards.
    pub delimiter: String,
    /// Encoding in words: "UTF-8", "Windows-1252".
    pub encoding: String,
}

impl View for ImportsPage {
    const TEMPLATE: &'static str = "pages/imports/index.html";

    fn samples() -> Vec<Self> {
        super::samples::imports::index()
    }
}

/// `/import/{id}/map`: one field `column.<index>` per column of the file, its value a target or empty.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportMapPage {
    /// The frame.
    pub shell: Shell,
    /// The import.
    pub import: ImportHead,
    /// The columns of the file.
    pub columns: Vec<MapColumn>,
    /// What is wrong; per column under `column.<index>`.
    pub errors: FormErrors,
}

/// One column of the file.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MapColumn {
    /// Place in the file, from 0.
    pub index: usize,
    /// Its heading.
    pub header: String,
    /// Up to three values that are not empty.
    pub samples: Vec<String>,
    /// Targets in groups, the chosen one marked.
    pub targets: Vec<TargetGroup>,
    /// Whether the choice is our guess.
    pub suggested: bool,
}

/// Targets under one heading of the select.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TargetGroup {
    /// The heading: "Contact", "Custom fields".
    pub label: String,
    /// The targets.
    pub choices: Vec<Choice>,
}

impl View for ImportMapPage {
    const TEMPLATE: &'static str = "pages/imports/map.html";

    fn samples() -> Vec<Self> {
        super::samples::imports::map()
    }
}

/// `/import/{id}/check`: the dry run. The form (`mode`, `list_id`) goes to `/import/{id}/run`, or back to
/// `/import/{id}/check` to count again under another rule.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportCheckPage {
    /// The frame; asks again by itself while the dry run runs.
    pub shell: Shell,
    /// The import.
    pub import: ImportHead,
    /// Whether the dry run is still running.
    pub checking: bool,
    /// Rows looked at so far, while it runs.
    pub looked_at: u64,
    /// What would happen.
    pub counts: ImportCounts,
    /// `skip`, `fill` or `overwrite`.
    pub mode: String,
    /// Lists everybody in the file may be put into, the chosen one marked.
    pub lists: Vec<Choice>,
    /// The first problems.
    pub problems: Vec<ImportProblem>,
    /// What is wrong with the form, or with the file as a whole.
    pub errors: FormErrors,
}

/// A row of the file that cannot be taken as it is.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportProblem {
    /// Line in the file, the heading being 1.
    pub row: u64,
    /// The row's content, shortened.
    pub content: String,
    /// What is wrong and what to write instead.
    pub reason: String,
}

impl View for ImportCheckPage {
    const TEMPLATE: &'static str = "pages/imports/check.html";

    fn samples() -> Vec<Self> {
        super::samples::imports::check()
    }
}

/// `/import/{id}`: progress while it runs, report afterwards. The part that changes is the component
/// `imports.progress`. Form: `POST /import/{id}/cancel`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportRunPage {
    /// The frame; asks again by itself while the import runs.
    pub shell: Shell,
    /// The import.
    pub import: ImportHead,
    /// Progress or result.
    pub progress: ImportProgress,
    /// The first problems, once it has ended.
    pub problems: Vec<ImportProblem>,
    /// What undoing it came to, once that was asked for. Form: `POST /import/{id}/undo`.
    pub undo: Option<ImportUndo>,
}

/// What undoing an import came to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportUndo {
    /// `undoing` or `undone`.
    pub state: String,
    /// Contacts that are no more.
    pub removed: u64,
    /// Contacts that are as before.
    pub restored: u64,
    /// Contacts left as they are.
    pub kept: u64,
    /// Contacts deleted before.
    pub gone: u64,
    /// The first of those left as they are.
    pub contacts: Vec<KeptContact>,
}

/// A contact that undoing left as it is.
#[derive(Debug, Clone, Default, Serialize)]
pub struct KeptContact {
    /// Its page.
    pub url: String,
    /// Its name.
    pub name: String,
    /// Why it was left.
    pub reason: String,
}

/// Argument of the component `imports.progress`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportProgress {
    /// Id of the import.
    pub id: String,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// The figures so far.
    pub counts: ImportCounts,
    /// Rows dealt with so far.
    pub done: u64,
    /// `done` of the total in percent, 0 to 100.
    pub percent: f64,
    /// How long it took, in seconds, once it has ended.
    pub seconds: Option<f64>,
    /// Why it failed.
    pub error: Option<String>,
}

impl ImportProgress {
    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        matches!(self.state.as_str(), "done" | "failed" | "cancelled")
    }
}

impl View for ImportRunPage {
    const TEMPLATE: &'static str = "pages/imports/run.html";

    fn samples() -> Vec<Self> {
        super::samples::imports::run()
    }
}

//! From imports to what the pages show.

use crm_contacts::import::{FileFormat, Import, ImportCounts, ImportState, RowReport};
use crm_core::{ImportId, PageRequest, Scope, sheet};

use crate::error::AppError;
use crate::state::App;
use crate::views::imports::{
    ImportCounts as CountsView, ImportHead, ImportProblem, ImportProgress,
};

/// Problems shown on a page; the file with all of them is one link away.
const PROBLEMS: u64 = 20;
/// Characters of a row shown beside its problem.
const CONTENT: usize = 120;

pub(super) fn state(state: ImportState) -> &'static str {
    match state {
        ImportState::Uploaded => "uploaded",
        ImportState::Queued => "queued",
        ImportState::Running => "running",
        ImportState::Done => "done",
        ImportState::Failed => "failed",
        ImportState::Cancelled => "cancelled",
    }
}

pub(super) fn is_working(import: &Import) -> bool {
    matches!(import.state, ImportState::Queued | ImportState::Running)
}

pub(super) fn counts(counts: ImportCounts) -> CountsView {
    CountsView {
        total: counts.total,
        created: counts.created,
        updated: counts.updated,
        skipped: counts.skipped,
        failed: counts.failed,
    }
}

pub(super) fn head(import: &Import) -> ImportHead {
    let delimiter = match import.dialect.delimiter {
        ',' => "comma",
        ';' => "semicolon",
        '\t' => "tab",
        '|' => "bar",
        _ => "separator",
    };
    let delimiter = match import.dialect.format {
        FileFormat::Csv => delimiter,
        FileFormat::VCard => "vCard",
    };
    let over = matches!(import.state, ImportState::Done);
    ImportHead {
        id: import.id.to_string(),
        file_name: import.file_name.clone(),
        rows: over.then_some(import.counts.total),
        delimiter: delimiter.to_owned(),
        encoding: import.dialect.encoding.clone(),
    }
}

pub(super) fn progress(import: &Import) -> ImportProgress {
    let took = match (import.started_at, import.finished_at) {
        (Some(started), Some(finished)) => Some(finished.since(started).as_secs_f64()),
        _ => None,
    };
    // How many rows a file has is known once it was read; a trial run before has counted them.
    let over = !is_working(import);
    ImportProgress {
        id: import.id.to_string(),
        state: state(import.state).to_owned(),
        counts: counts(import.counts),
        done: import.counts.total,
        percent: if over { 100.0 } else { 0.0 },
        seconds: took,
        error: import.error.clone(),
    }
}

/// The first rows that could not be taken.
pub(super) async fn problems(
    app: &App,
    scope: &Scope,
    id: ImportId,
) -> Result<Vec<ImportProblem>, AppError> {
    let page = PageRequest { limit: PROBLEMS, cursor: None };
    let rows = app.services.imports.rows(scope, id, "failed", page).await?;
    Ok(rows.items.into_iter().map(problem).collect())
}

fn problem(row: RowReport) -> ImportProblem {
    let cells: Vec<&str> = row.raw.iter().map(|cell| sheet::value(cell)).collect();
    let whole = cells.join(" · ");
    let mut content: String = whole.chars().take(CONTENT).collect();
    if content.len() < whole.len() {
        content.push('…');
    }
    ImportProblem { row: row.row_no, content, reason: row.reason.unwrap_or_default() }
}

/// The import of a path, or 404.
pub(super) async fn find(app: &App, scope: &Scope, id: ImportId) -> Result<Import, AppError> {
    app.services.imports.get(scope, id).await?.ok_or_else(AppError::not_found)
}

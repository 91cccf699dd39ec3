//! Imports as rows of their table.

use crm_core::{BootId, Scope, StoreError, Tx};
use sea_orm::{EntityTrait, QuerySelect};

use super::{Import, ImportCounts, ImportMode, ImportState, Result, Undo, UndoState};
use crate::entity::imports;

/// The words of the `state` column.
const STATES: [(ImportState, &str); 6] = [
    (ImportState::Uploaded, "uploaded"),
    (ImportState::Queued, "queued"),
    (ImportState::Running, "running"),
    (ImportState::Done, "done"),
    (ImportState::Failed, "failed"),
    (ImportState::Cancelled, "cancelled"),
];

/// The words of the `mode` column.
const MODES: [(ImportMode, &str); 3] =
    [(ImportMode::Skip, "skip"), (ImportMode::Fill, "fill"), (ImportMode::Overwrite, "overwrite")];

impl ImportState {
    /// The word for the database and the API.
    pub fn as_str(self) -> &'static str {
        STATES.into_iter().find(|(state, _)| *state == self).map_or("failed", |(_, word)| word)
    }

    fn parse(word: &str) -> std::result::Result<Self, StoreError> {
        let found = STATES.into_iter().find(|(_, known)| *known == word);
        found
            .map(|(state, _)| state)
            .ok_or_else(|| StoreError::Corrupt(format!("import state {word}")))
    }

    /// Whether nothing more happens to the import by itself.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

impl ImportMode {
    /// The word for the database and the API.
    pub fn as_str(self) -> &'static str {
        MODES.into_iter().find(|(mode, _)| *mode == self).map_or("skip", |(_, word)| word)
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        MODES.into_iter().find(|(_, known)| *known == word).map(|(mode, _)| mode)
    }
}

/// A row of the table as an import.
pub(super) fn import(row: imports::Model) -> Result<Import> {
    let undo = undo(&row)?;
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    let mode = ImportMode::parse(&row.mode)
        .ok_or_else(|| StoreError::Corrupt(format!("import mode {}", row.mode)))?;
    let dialect =
        row.dialect.ok_or_else(|| StoreError::Corrupt("an import without a dialect".to_owned()))?;
    let mapping = row.mapping.map(serde_json::from_value).transpose().map_err(StoreError::from)?;
    Ok(Import {
        id: row.id,
        user_id: row.user_id,
        file_name: row.file_name,
        state: ImportState::parse(&row.state)?,
        dry_run: row.dry_run,
        mode,
        list_id: row.list_id,
        mapping: mapping.unwrap_or_default(),
        dialect: serde_json::from_value(dialect).map_err(StoreError::from)?,
        counts: ImportCounts {
            total: count(row.total),
            created: count(row.created),
            updated: count(row.updated),
            skipped: count(row.skipped),
            failed: count(row.failed),
        },
        error: row.error,
        created_at: row.created_at,
        started_at: row.started_at,
        finished_at: row.finished_at,
        undo,
    })
}

/// What undoing an import came to.
fn undo(row: &imports::Model) -> std::result::Result<Option<Undo>, StoreError> {
    let state = match row.undo_state.as_deref() {
        None => return Ok(None),
        Some("undoing") => UndoState::Undoing,
        Some("undone") => UndoState::Undone,
        Some(word) => return Err(StoreError::Corrupt(format!("undo state {word}"))),
    };
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(Some(Undo {
        state,
        removed: count(row.undo_removed),
        restored: count(row.undo_restored),
        kept: count(row.undo_kept),
        gone: count(row.undo_gone),
        finished_at: row.undone_at,
    }))
}

/// The row of an import, held against other transactions until this one ends.
pub(super) async fn hold(
    tx: &Tx,
    scope: &Scope,
    id: crm_core::ImportId,
) -> std::result::Result<Option<imports::Model>, StoreError> {
    tx.one(scope, imports::Entity::find_by_id(id).lock_exclusive()).await
}

/// Whether this run of the server is the one that works on an import.
pub(super) fn is_ours(row: &imports::Model, boot_id: BootId) -> bool {
    row.state == ImportState::Running.as_str() && row.boot_id == Some(boot_id)
}

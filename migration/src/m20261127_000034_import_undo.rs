//! Imports can be undone: rows say which version of a contact they left, and what undoing did to it.

use crate::step::Sql;

/// `import_rows.version_after`, `.undo`, `.undo_reason`, and how far undoing is in `imports.undo_…`.
///
/// `undo_state` is `undoing` from the request on and `undone` in the end; `undo` is what became of a row's contact:
/// `removed`, `restored`, `kept`, `gone`. The index finds the rows of one contact: an
/// import of new contacts has few rows in it.
pub(crate) const STEP: Sql = Sql {
    name: "m20261127_000034_import_undo",
    sqlite: (
        &[
            "ALTER TABLE import_rows ADD COLUMN version_after INTEGER",
            "ALTER TABLE import_rows ADD COLUMN undo TEXT",
            "ALTER TABLE import_rows ADD COLUMN undo_reason TEXT",
            INDEX,
            "ALTER TABLE imports ADD COLUMN undo_state TEXT",
            "ALTER TABLE imports ADD COLUMN undo_removed INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE imports ADD COLUMN undo_restored INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE imports ADD COLUMN undo_kept INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE imports ADD COLUMN undo_gone INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE imports ADD COLUMN undone_at TEXT",
        ],
        DOWN,
    ),
    postgres: (
        &[
            "ALTER TABLE import_rows ADD COLUMN version_after bigint",
            "ALTER TABLE import_rows ADD COLUMN undo text",
            "ALTER TABLE import_rows ADD COLUMN undo_reason text",
            INDEX,
            "ALTER TABLE imports ADD COLUMN undo_state text",
            "ALTER TABLE imports ADD COLUMN undo_removed bigint NOT NULL DEFAULT 0",
            "ALTER TABLE imports ADD COLUMN undo_restored bigint NOT NULL DEFAULT 0",
            "ALTER TABLE imports ADD COLUMN undo_kept bigint NOT NULL DEFAULT 0",
            "ALTER TABLE imports ADD COLUMN undo_gone bigint NOT NULL DEFAULT 0",
            "ALTER TABLE imports ADD COLUMN undone_at text",
        ],
        DOWN,
    ),
};

const INDEX: &str = "CREATE INDEX ix_import_rows_import_id_contact_id ON import_rows (import_id, contact_id) \
     WHERE before IS NOT NULL";

const DOWN: &[&str] = &[
    "ALTER TABLE imports DROP COLUMN undone_at",
    "ALTER TABLE imports DROP COLUMN undo_gone",
    "ALTER TABLE imports DROP COLUMN undo_kept",
    "ALTER TABLE imports DROP COLUMN undo_restored",
    "ALTER TABLE imports DROP COLUMN undo_removed",
    "ALTER TABLE imports DROP COLUMN undo_state",
    "DROP INDEX ix_import_rows_import_id_contact_id",
    "ALTER TABLE import_rows DROP COLUMN undo_reason",
    "ALTER TABLE import_rows DROP COLUMN undo",
    "ALTER TABLE import_rows DROP COLUMN version_after",
];

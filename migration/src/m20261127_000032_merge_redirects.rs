//! Ids of contacts that were merged away are looked up, and so are the merges a contact came out of.

use crate::step::Sql;

const UP: &[&str] = &[
    "CREATE INDEX ix_merge_journal_workspace_id_source_id ON merge_journal (workspace_id, source_id)",
    "CREATE INDEX ix_merge_journal_workspace_id_target_id ON merge_journal (workspace_id, target_id)",
];
const DOWN: &[&str] = &[
    "DROP INDEX ix_merge_journal_workspace_id_target_id",
    "DROP INDEX ix_merge_journal_workspace_id_source_id",
];

/// The two indexes.
pub(crate) const STEP: Sql =
    Sql { name: "m20261127_000032_merge_redirects", sqlite: (UP, DOWN), postgres: (UP, DOWN) };

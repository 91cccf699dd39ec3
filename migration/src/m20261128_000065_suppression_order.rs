//! The list of suppressed addresses is read newest first, a page at a time.

use crate::step::Sql;

const UP: &[&str] =
    &["CREATE INDEX ix_suppressions_created ON suppressions (workspace_id, created_at, id)"];
const DOWN: &[&str] = &["DROP INDEX ix_suppressions_created"];

/// An index.
pub(crate) const STEP: Sql =
    Sql { name: "m20261128_000065_suppression_order", sqlite: (UP, DOWN), postgres: (UP, DOWN) };

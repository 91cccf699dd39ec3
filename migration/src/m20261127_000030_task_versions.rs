//! Tasks count their changes, so that an edit of what somebody else changed meanwhile can be refused.

use crate::step::Sql;

/// `tasks.version`
pub(crate) const STEP: Sql = Sql {
    name: "m20261127_000030_task_versions",
    sqlite: (
        &["ALTER TABLE tasks ADD COLUMN version INTEGER NOT NULL DEFAULT 1"],
        &["ALTER TABLE tasks DROP COLUMN version"],
    ),
    postgres: (
        &["ALTER TABLE tasks ADD COLUMN version bigint NOT NULL DEFAULT 1"],
        &["ALTER TABLE tasks DROP COLUMN version"],
    ),
};

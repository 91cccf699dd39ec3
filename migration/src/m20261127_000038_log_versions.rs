//! Entries of timelines count their changes: a person may mend a note, and the entry then shows that it was.

use crate::step::Sql;

/// `communication_logs.version`
pub(crate) const STEP: Sql = Sql {
    name: "m20261127_000038_log_versions",
    sqlite: (
        &["ALTER TABLE communication_logs ADD COLUMN version INTEGER NOT NULL DEFAULT 1"],
        &["ALTER TABLE communication_logs DROP COLUMN version"],
    ),
    postgres: (
        &["ALTER TABLE communication_logs ADD COLUMN version bigint NOT NULL DEFAULT 1"],
        &["ALTER TABLE communication_logs DROP COLUMN version"],
    ),
};

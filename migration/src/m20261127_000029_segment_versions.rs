//! Saved segments count their changes, so that an edit of what somebody else changed meanwhile can be refused.

use crate::step::Sql;

/// `saved_segments.version`
pub(crate) const STEP: Sql = Sql {
    name: "m20261127_000029_segment_versions",
    sqlite: (
        &["ALTER TABLE saved_segments ADD COLUMN version INTEGER NOT NULL DEFAULT 1"],
        &["ALTER TABLE saved_segments DROP COLUMN version"],
    ),
    postgres: (
        &["ALTER TABLE saved_segments ADD COLUMN version bigint NOT NULL DEFAULT 1"],
        &["ALTER TABLE saved_segments DROP COLUMN version"],
    ),
};

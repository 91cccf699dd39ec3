//! Lists count their changes, so that an edit of what somebody else changed meanwhile can be refused.

use crate::step::Sql;

/// `contact_lists.version`
pub(crate) const STEP: Sql = Sql {
    name: "m20261127_000027_list_versions",
    sqlite: (
        &["ALTER TABLE contact_lists ADD COLUMN version INTEGER NOT NULL DEFAULT 1"],
        &["ALTER TABLE contact_lists DROP COLUMN version"],
    ),
    postgres: (
        &["ALTER TABLE contact_lists ADD COLUMN version bigint NOT NULL DEFAULT 1"],
        &["ALTER TABLE contact_lists DROP COLUMN version"],
    ),
};

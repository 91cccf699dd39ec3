//! A message to one person is a campaign of its own kind with one recipient: the engine sends both alike, and the lists
//! of campaigns leave it out.

use crate::step::Sql;

const UP: &[&str] = &[
    "ALTER TABLE campaigns ADD COLUMN kind text NOT NULL DEFAULT 'campaign'",
    "CREATE INDEX ix_campaigns_kind ON campaigns (workspace_id, kind, created_at, id)",
    // Asked on every page: what waits for a person.
    "CREATE INDEX ix_campaigns_unknown ON campaigns (workspace_id) WHERE count_unknown > 0",
];
const DOWN: &[&str] = &[
    // Without the column nothing would tell them from campaigns.
    "DELETE FROM campaigns WHERE kind <> 'campaign'",
    "DROP INDEX ix_campaigns_unknown",
    "DROP INDEX ix_campaigns_kind",
    "ALTER TABLE campaigns DROP COLUMN kind",
];

/// `campaigns.kind`
pub(crate) const STEP: Sql =
    Sql { name: "m20261128_000066_single_messages", sqlite: (UP, DOWN), postgres: (UP, DOWN) };

//! The provider's own id of a message it took: what it tells later is found by it.

use crate::step::Sql;

const UP: &[&str] = &[
    "ALTER TABLE campaign_recipients ADD COLUMN external_id text",
    "CREATE INDEX ix_campaign_recipients_external_id ON campaign_recipients (external_id) WHERE external_id IS NOT NULL",
];
const DOWN: &[&str] = &[
    "DROP INDEX ix_campaign_recipients_external_id",
    "ALTER TABLE campaign_recipients DROP COLUMN external_id",
];

/// `campaign_recipients.external_id`
pub(crate) const STEP: Sql =
    Sql { name: "m20261128_000142_external_ids", sqlite: (UP, DOWN), postgres: (UP, DOWN) };

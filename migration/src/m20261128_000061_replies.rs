//! When somebody answered a message of a campaign.

use crate::step::Sql;

const DOWN: &[&str] = &["ALTER TABLE campaign_recipients DROP COLUMN replied_at"];
const UP: &[&str] = &["ALTER TABLE campaign_recipients ADD COLUMN replied_at text"];

/// `campaign_recipients.replied_at`
pub(crate) const STEP: Sql =
    Sql { name: "m20261128_000061_replies", sqlite: (UP, DOWN), postgres: (UP, DOWN) };

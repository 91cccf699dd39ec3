//! Pictures loaded and links followed by machines are kept apart from what people do.

use crate::step::Sql;

const UP: &[&str] = &[
    "ALTER TABLE campaign_recipients ADD COLUMN machine_opened_at text",
    "ALTER TABLE campaign_recipients ADD COLUMN machine_clicked_at text",
];
const DOWN: &[&str] = &[
    "ALTER TABLE campaign_recipients DROP COLUMN machine_clicked_at",
    "ALTER TABLE campaign_recipients DROP COLUMN machine_opened_at",
];

/// `campaign_recipients.machine_opened_at`, `machine_clicked_at`
pub(crate) const STEP: Sql =
    Sql { name: "m20261128_000067_machine_hits", sqlite: (UP, DOWN), postgres: (UP, DOWN) };

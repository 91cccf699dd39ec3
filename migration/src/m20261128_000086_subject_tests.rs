//! A campaign may try two subjects on a part of its audience; the ledger says who got which.

use crate::step::Sql;

const SQLITE: &[&str] =
    &["ALTER TABLE campaigns ADD COLUMN subject_test_json jsonb_text", WINNER, VARIANT];
const POSTGRES: &[&str] =
    &["ALTER TABLE campaigns ADD COLUMN subject_test_json jsonb", WINNER, VARIANT];
const WINNER: &str = "ALTER TABLE campaigns ADD COLUMN subject_winner text \
    CONSTRAINT \"ck_campaigns_subject_winner\" CHECK (\"subject_winner\" IN ('a', 'b'))";
const VARIANT: &str = "ALTER TABLE campaign_recipients ADD COLUMN variant text \
    CONSTRAINT \"ck_campaign_recipients_variant\" CHECK (\"variant\" IN ('a', 'b'))";
const DOWN: &[&str] = &[
    "ALTER TABLE campaign_recipients DROP COLUMN variant",
    "ALTER TABLE campaigns DROP COLUMN subject_winner",
    "ALTER TABLE campaigns DROP COLUMN subject_test_json",
];

/// `campaigns.subject_test_json`, `campaigns.subject_winner`, `campaign_recipients.variant`
pub(crate) const STEP: Sql = Sql {
    name: "m20261128_000086_subject_tests",
    sqlite: (SQLITE, DOWN),
    postgres: (POSTGRES, DOWN),
};

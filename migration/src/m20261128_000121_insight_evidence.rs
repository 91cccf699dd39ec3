//! What an insight is about, the figures it rests on, where their list is, who phrased it, and what people think of it.

use crate::step::Sql;

const DOWN: &[&str] = &[
    "ALTER TABLE ai_insights DROP COLUMN replaced_at",
    "ALTER TABLE ai_insights DROP COLUMN rating",
    "ALTER TABLE ai_insights DROP COLUMN model",
    "ALTER TABLE ai_insights DROP COLUMN url",
    "ALTER TABLE ai_insights DROP COLUMN evidence",
    "ALTER TABLE ai_insights DROP COLUMN subject",
];
const UP: &[&str] = &[
    "ALTER TABLE ai_insights ADD COLUMN subject text NOT NULL DEFAULT 'workspace'",
    "ALTER TABLE ai_insights ADD COLUMN evidence jsonb_text",
    "ALTER TABLE ai_insights ADD COLUMN url text NOT NULL DEFAULT ''",
    "ALTER TABLE ai_insights ADD COLUMN model text",
    "ALTER TABLE ai_insights ADD COLUMN rating text CONSTRAINT \"ck_ai_insights_rating\" \
     CHECK (\"rating\" IN ('useful', 'useless'))",
    "ALTER TABLE ai_insights ADD COLUMN replaced_at text",
];
const UP_POSTGRES: &[&str] = &[
    "ALTER TABLE ai_insights ADD COLUMN subject text NOT NULL DEFAULT 'workspace'",
    "ALTER TABLE ai_insights ADD COLUMN evidence jsonb",
    "ALTER TABLE ai_insights ADD COLUMN url text NOT NULL DEFAULT ''",
    "ALTER TABLE ai_insights ADD COLUMN model text",
    "ALTER TABLE ai_insights ADD COLUMN rating text CONSTRAINT \"ck_ai_insights_rating\" \
     CHECK (\"rating\" IN ('useful', 'useless'))",
    "ALTER TABLE ai_insights ADD COLUMN replaced_at text",
];

/// `ai_insights.subject`, `evidence`, `url`, `model`, `rating`, `replaced_at`
pub(crate) const STEP: Sql = Sql {
    name: "m20261128_000121_insight_evidence",
    sqlite: (UP, DOWN),
    postgres: (UP_POSTGRES, DOWN),
};

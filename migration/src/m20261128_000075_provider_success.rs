//! When a provider last took a message, also while it fails.

use crate::step::Sql;

const UP: &[&str] = &[
    "ALTER TABLE workspace_email_provider ADD COLUMN last_success_at text",
    "ALTER TABLE workspace_text_provider ADD COLUMN last_success_at text",
];
const DOWN: &[&str] = &[
    "ALTER TABLE workspace_text_provider DROP COLUMN last_success_at",
    "ALTER TABLE workspace_email_provider DROP COLUMN last_success_at",
];

/// `last_success_at` of both tables of providers.
pub(crate) const STEP: Sql =
    Sql { name: "m20261128_000075_provider_success", sqlite: (UP, DOWN), postgres: (UP, DOWN) };

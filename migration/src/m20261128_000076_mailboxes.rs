//! What people granted when they connected a mailbox: sealed tokens, who is renewing them now, and who is about to connect.
//! Both tables of providers have the columns, since they are read alike; those of text messages stay empty.

use crate::step::Sql;

const UP: &[&str] = &[
    "ALTER TABLE workspace_email_provider ADD COLUMN grant_json text",
    "ALTER TABLE workspace_email_provider ADD COLUMN grant_lease text",
    "ALTER TABLE workspace_email_provider ADD COLUMN grant_lease_until text",
    "ALTER TABLE workspace_email_provider ADD COLUMN grant_attempt text",
    "ALTER TABLE workspace_text_provider ADD COLUMN grant_json text",
    "ALTER TABLE workspace_text_provider ADD COLUMN grant_lease text",
    "ALTER TABLE workspace_text_provider ADD COLUMN grant_lease_until text",
    "ALTER TABLE workspace_text_provider ADD COLUMN grant_attempt text",
];
const DOWN: &[&str] = &[
    "ALTER TABLE workspace_text_provider DROP COLUMN grant_attempt",
    "ALTER TABLE workspace_text_provider DROP COLUMN grant_lease_until",
    "ALTER TABLE workspace_text_provider DROP COLUMN grant_lease",
    "ALTER TABLE workspace_text_provider DROP COLUMN grant_json",
    "ALTER TABLE workspace_email_provider DROP COLUMN grant_attempt",
    "ALTER TABLE workspace_email_provider DROP COLUMN grant_lease_until",
    "ALTER TABLE workspace_email_provider DROP COLUMN grant_lease",
    "ALTER TABLE workspace_email_provider DROP COLUMN grant_json",
];

/// `grant_…` of both tables of providers.
pub(crate) const STEP: Sql =
    Sql { name: "m20261128_000076_mailboxes", sqlite: (UP, DOWN), postgres: (UP, DOWN) };

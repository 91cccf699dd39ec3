//! What people granted when they connected a mailbox: sealed tokens, who is renewing them now, and who is about to connect.

use crate::step::Sql;

const UP: &[&str] = &[
    "ALTER TABLE workspace_email_provider ADD COLUMN grant_json text",
    "ALTER TABLE workspace_email_provider ADD COLUMN grant_lease text",
    "ALTER TABLE workspace_email_provider ADD COLUMN grant_lease_until text",
    "ALTER TABLE workspace_email_provider ADD COLUMN grant_attempt text",
];
const DOWN: &[&str] = &[
    "ALTER TABLE workspace_email_provider DROP COLUMN grant_attempt",
    "ALTER TABLE workspace_email_provider DROP COLUMN grant_lease_until",
    "ALTER TABLE workspace_email_provider DROP COLUMN grant_lease",
    "ALTER TABLE workspace_email_provider DROP COLUMN grant_json",
];

/// `workspace_email_provider.grant_…`
pub(crate) const STEP: Sql =
    Sql { name: "m20261128_000076_mailboxes", sqlite: (UP, DOWN), postgres: (UP, DOWN) };

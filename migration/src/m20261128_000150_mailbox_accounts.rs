//! The connected account an incoming mailbox is read as, in place of a password.

use crate::step::Sql;

const UP: &[&str] = &["ALTER TABLE workspace_mailboxes ADD COLUMN provider_id text"];
const DOWN: &[&str] = &["ALTER TABLE workspace_mailboxes DROP COLUMN provider_id"];

/// `workspace_mailboxes.provider_id`
pub(crate) const STEP: Sql =
    Sql { name: "m20261128_000150_mailbox_accounts", sqlite: (UP, DOWN), postgres: (UP, DOWN) };

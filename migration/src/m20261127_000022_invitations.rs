//! Invitations can be taken back, and an address has one open invitation to a workspace at most.

use crate::step::Sql;

/// `invitations.revoked_at`, and the index that keeps a second open invitation to the same address out.
pub(crate) const STEP: Sql =
    Sql { name: "m20261127_000022_invitations", sqlite: (UP, DOWN), postgres: (UP, DOWN) };

const UP: &[&str] = &[
    "ALTER TABLE invitations ADD COLUMN revoked_at text",
    "CREATE UNIQUE INDEX ux_invitations_workspace_id_email ON invitations (workspace_id, email) \
        WHERE accepted_at IS NULL AND revoked_at IS NULL",
];

const DOWN: &[&str] = &[
    "DROP INDEX ux_invitations_workspace_id_email",
    "ALTER TABLE invitations DROP COLUMN revoked_at",
];

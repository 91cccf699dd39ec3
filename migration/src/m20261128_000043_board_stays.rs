//! How long contacts have been in their stages is read from the index of the board alone: it has the workspace in it.

use crate::step::Sql;

const UP: &[&str] = &[
    "DROP INDEX contact_list_assignments_board_index",
    "CREATE INDEX contact_list_assignments_board_index ON contact_list_assignments \
     (list_id, assigned_at, contact_id, workspace_id)",
];
const DOWN: &[&str] = &[
    "DROP INDEX contact_list_assignments_board_index",
    "CREATE INDEX contact_list_assignments_board_index ON contact_list_assignments \
     (list_id, assigned_at, contact_id)",
];

/// `contact_list_assignments (list_id, assigned_at, contact_id, workspace_id)`
pub(crate) const STEP: Sql =
    Sql { name: "m20261128_000043_board_stays", sqlite: (UP, DOWN), postgres: (UP, DOWN) };

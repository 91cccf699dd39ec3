//! The contacts of a stage in the order they entered it, for the pipeline board: one page at any depth for one price.

use crate::step::Sql;

const UP: &[&str] =
    &["CREATE INDEX contact_list_assignments_board_index ON contact_list_assignments \
     (list_id, assigned_at, contact_id)"];
const DOWN: &[&str] = &["DROP INDEX contact_list_assignments_board_index"];

/// `contact_list_assignments (list_id, assigned_at, contact_id)`
pub(crate) const STEP: Sql =
    Sql { name: "m20261127_000039_board_order", sqlite: (UP, DOWN), postgres: (UP, DOWN) };

//! The contacts of each owner by id, for the table that is sorted by owner: one page at any depth for one price.

use crate::step::Sql;

const UP: &[&str] = &["CREATE INDEX ix_base_contacts_workspace_id_owner_id_id \
     ON base_contacts (workspace_id, owner_id, id)"];
const DOWN: &[&str] = &["DROP INDEX ix_base_contacts_workspace_id_owner_id_id"];

/// `base_contacts (workspace_id, owner_id, id)`
pub(crate) const STEP: Sql =
    Sql { name: "m20261128_000042_owner_order", sqlite: (UP, DOWN), postgres: (UP, DOWN) };

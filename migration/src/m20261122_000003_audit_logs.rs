//! The hash-chained record of every change.

use sea_orm_migration::prelude::ForeignKeyAction::SetNull;

use crate::table::NewTable;

/// `audit_logs`.
///
/// `seq` counts without gaps; `hash` covers the row and `prev_hash`, the hash of the row before. The log outlives what
/// it tells of, so `workspace_id` and `entity_id` are plain values. `user_id` is emptied when its user is deleted and
/// can therefore be no part of what is hashed.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("audit_logs")
            .key("id")
            .number("seq")
            .text_null("user_id")
            .text_null("workspace_id")
            .text("action")
            .text("entity_type")
            .text_null("entity_id")
            .json_null("details")
            .text_null("ip_address")
            .text("timestamp")
            .text("prev_hash")
            .text("hash")
            .references("user_id", "users", SetNull)
            .unique(&["seq"])
            .index(&["user_id"])
            .index(&["workspace_id", "seq"])
            .index(&["entity_type", "entity_id"]),
    ]
}

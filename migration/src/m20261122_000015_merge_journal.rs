//! Merges of two contacts, kept so that they can be undone.

use sea_orm_migration::prelude::ForeignKeyAction::SetNull;

use crate::table::NewTable;

/// `merge_journal`. `snapshot` holds both contacts as they were. `source_id` is gone after the merge and `target_id` may
/// go later, so both are plain values.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("merge_journal")
            .key("id")
            .in_workspace()
            .text("source_id")
            .text("target_id")
            .text_null("actor_id")
            .json("snapshot")
            .text("created_at")
            .text_null("undone_at")
            .references("actor_id", "users", SetNull)
            .index(&["workspace_id", "created_at", "id"])
            .index(&["actor_id"]),
    ]
}

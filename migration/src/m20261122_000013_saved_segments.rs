//! Audience rules kept under a name.

use sea_orm_migration::prelude::ForeignKeyAction::SetNull;

use crate::table::NewTable;

/// `saved_segments`.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("saved_segments")
            .key("id")
            .in_workspace()
            .text("name")
            .json("segment_json")
            .text_null("created_by")
            .text("created_at")
            .text("updated_at")
            .references("created_by", "users", SetNull)
            .unique(&["workspace_id", "name"])
            .index(&["created_by"]),
    ]
}

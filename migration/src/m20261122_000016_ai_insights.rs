//! What the language model found in the aggregated usage.

use sea_orm_migration::prelude::ForeignKeyAction::Cascade;

use crate::table::NewTable;

/// `ai_insights`. `confidence` lies between 0 and 1.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("ai_insights")
            .key("id")
            .text("user_id")
            .in_workspace()
            .text("type")
            .text("content")
            .share("confidence")
            .text("created_at")
            .text_null("dismissed_at")
            .references("user_id", "users", Cascade)
            .index(&["user_id"])
            .index(&["workspace_id", "created_at", "id"]),
    ]
}

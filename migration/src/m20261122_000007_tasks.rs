//! Follow-ups.

use sea_orm_migration::prelude::ForeignKeyAction::SetNull;

use crate::table::NewTable;

/// `tasks`. One without `due_at` is due some day; one with `done_at` is done.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("tasks")
            .key("id")
            .in_workspace()
            .text("contact_id")
            .text_null("assignee_id")
            .word("kind", &["call", "email", "todo"])
            .text("title")
            .text_null("due_at")
            .text_null("done_at")
            .text_null("created_by")
            .text("created_at")
            .belongs_to("contact_id", "base_contacts")
            .references("assignee_id", "users", SetNull)
            .references("created_by", "users", SetNull)
            .index(&["workspace_id", "contact_id"])
            .index(&["workspace_id", "due_at", "id"])
            .index(&["assignee_id", "due_at"])
            .index(&["created_by"]),
    ]
}

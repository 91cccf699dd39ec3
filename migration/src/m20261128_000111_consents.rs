//! What people said about being written to.

use sea_orm_migration::prelude::ForeignKeyAction::SetNull;

use crate::table::NewTable;

/// `consents`: a record of what was said, when, how and in which words. Rows are added and never changed; the newest of a
/// channel says what holds.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("consents")
            .key("id")
            .in_workspace()
            .text("contact_id")
            .word("channel", &["email", "text"])
            .word("state", &["granted", "withdrawn"])
            .text("at")
            .text("source")
            .text("wording")
            .text_null("recorded_by")
            .text("created_at")
            .belongs_to("contact_id", "base_contacts")
            .references("recorded_by", "users", SetNull)
            .index(&["workspace_id", "contact_id", "channel", "at", "id"])
            .index(&["recorded_by"]),
    ]
}

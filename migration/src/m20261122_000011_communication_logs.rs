//! The timeline of each contact.

use sea_orm_migration::prelude::ForeignKeyAction::SetNull;

use crate::table::NewTable;

/// `communication_logs`. `content` has a shape for each `type`. `campaign_recipient_id` is unique, so that one row of
/// the ledger is never told twice; `actor_id` is the person who did or wrote it, absent for the system.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("communication_logs")
            .key("id")
            .in_workspace()
            .text("contact_id")
            .word("type", &["email", "text", "call", "ai", "stage_change", "note", "system"])
            .json("content")
            .text("timestamp")
            .text_null("status")
            .text_null("actor_id")
            .text_null("campaign_recipient_id")
            .belongs_to("contact_id", "base_contacts")
            .references("actor_id", "users", SetNull)
            .references("campaign_recipient_id", "campaign_recipients", SetNull)
            .unique(&["campaign_recipient_id"])
            .index(&["workspace_id", "timestamp"])
            // Made after the one above: among equals `SQLite` takes the younger, and what refers to a contact must be
            // found by the contact, not by its whole workspace.
            .index(&["contact_id", "timestamp", "id"])
            .index(&["actor_id"]),
    ]
}

//! What the practice provider took instead of sending it.

use sea_orm_migration::prelude::ForeignKeyAction::SetNull;

use crate::table::NewTable;
use crate::words::CHANNELS;

/// `practice_messages`. `id` is the ledger row's where there is one, so that handing a message over twice shows.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("practice_messages")
            .key("id")
            .in_workspace()
            .word("channel", CHANNELS)
            .text("to_address")
            .text_null("from_address")
            .text_null("subject")
            .text_null("html")
            .text_null("text")
            .json_null("headers")
            .text_null("campaign_id")
            .text_null("contact_id")
            .text("sent_at")
            .references("campaign_id", "campaigns", SetNull)
            .references("contact_id", "base_contacts", SetNull)
            .index(&["workspace_id", "sent_at", "id"])
            .index(&["campaign_id"])
            .index(&["contact_id"]),
    ]
}

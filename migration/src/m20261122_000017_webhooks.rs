//! Addresses that are told of events.

use crate::table::NewTable;

/// `webhooks`. `events` is an array of event names; `secret_sealed` signs what is delivered.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("webhooks")
            .key("id")
            .in_workspace()
            .text("url")
            .text("secret_sealed")
            .json("events")
            .flag_or("is_active", true)
            .text("created_at")
            .text_null("last_error")
            .text_null("last_delivered_at")
            .index(&["workspace_id"]),
    ]
}

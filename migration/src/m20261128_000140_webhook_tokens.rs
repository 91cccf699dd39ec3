//! Requests of providers that were listened to, so that none counts twice.

use crate::table::NewTable;

/// `webhook_tokens`: what was different in each request; kept for as long as a request is believed. `provider_id` is of
/// either kind of provider and so has no foreign key.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("webhook_tokens")
            .in_workspace()
            .text("provider_id")
            .text("token")
            .text("seen_at")
            .key_of(&["provider_id", "token"])
            .index(&["workspace_id", "seen_at"]),
    ]
}

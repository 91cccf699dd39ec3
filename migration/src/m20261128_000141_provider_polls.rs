//! Providers that are asked what became of messages, where they cannot tell by themselves.

use crate::table::NewTable;

/// `provider_polls`: since when a provider is asked next, and when. `provider_id` is of either kind of provider and so has no
/// foreign key.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("provider_polls")
            .key("provider_id")
            .in_workspace()
            .text("since")
            .text("next_at")
            .number_or("failures", 0)
            .index(&["workspace_id"]),
    ]
}

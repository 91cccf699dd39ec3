//! Text messages of a month, in the parts that are paid for.

use crate::table::NewTable;

/// `text_spending`: kept here so that a limit holds over restarts and for all processes. `month` is `2026-11`, in UTC.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("text_spending")
            .in_workspace()
            .text("provider_id")
            .text("month")
            .number("parts")
            .key_of(&["provider_id", "month"])
            .index(&["workspace_id"]),
    ]
}

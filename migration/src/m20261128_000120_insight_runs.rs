//! When a workspace's figures were looked at. A week is looked at once, whoever gets there first: the row is the claim.

use sea_orm_migration::prelude::ForeignKeyAction::SetNull;

use crate::table::NewTable;

/// `insight_runs`. `week` is absent where somebody asked; `model` says what the language model did.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("insight_runs")
            .key("id")
            .in_workspace()
            .text_null("user_id")
            .text_null("week")
            .text("started_at")
            .number_or("found", 0)
            .text_or("model", "off")
            .number_or("refused", 0)
            .references("user_id", "users", SetNull)
            .unique(&["workspace_id", "week"])
            .index(&["user_id"])
            .index(&["workspace_id", "started_at", "id"]),
    ]
}

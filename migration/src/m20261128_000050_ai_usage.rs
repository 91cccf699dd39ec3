//! Every use of a language model: who, when, which model, how many tokens, and how it ended. What was asked and answered
//! is not in it.

use sea_orm_migration::prelude::ForeignKeyAction::SetNull;

use crate::table::NewTable;

/// `ai_usage`.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("ai_usage")
            .key("id")
            .in_workspace()
            .text_null("user_id")
            .text("at")
            .text("purpose")
            .text("model")
            .text("outcome")
            .number("prompt_tokens")
            .number("completion_tokens")
            .flag("is_estimate")
            .references("user_id", "users", SetNull)
            .index(&["workspace_id", "at", "id"])
            .index(&["user_id"]),
    ]
}

//! Connected providers of e-mail and text messages, and what each has already sent.

use sea_orm_migration::prelude::{Expr, ExprTrait};

use crate::table::NewTable;

/// `workspace_email_provider`, `workspace_text_provider`, `provider_budgets`.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        provider("workspace_email_provider", &["smtp", "gmail", "outlook", "mailgun", "practice"]),
        provider("workspace_text_provider", &["twilio", "practice"]),
        provider_budgets(),
    ]
}

/// `config_json` holds its secrets sealed. At most one provider of a kind is the workspace's default.
fn provider(name: &'static str, types: &[&'static str]) -> NewTable {
    NewTable::new(name)
        .key("id")
        .in_workspace()
        .text_or("name", "")
        .word("provider_type", types)
        .json("config_json")
        .flag_or("is_default", false)
        .text("created_at")
        .text("updated_at")
        .text_null("last_checked_at")
        .text_null("last_error")
        .unique_where(&["workspace_id"], Expr::col("is_default").eq(true))
        .index(&["workspace_id"])
}

/// Messages sent in the current minute and day, kept here so that limits hold over restarts and for all processes.
/// `provider_id` is of either kind of provider and so has no foreign key.
fn provider_budgets() -> NewTable {
    NewTable::new("provider_budgets")
        .key("provider_id")
        .in_workspace()
        .text_null("minute_start")
        .number_or("minute_used", 0)
        .text_null("day_start")
        .number_or("day_used", 0)
        .text_null("last_sent_at")
        .index(&["workspace_id"])
}

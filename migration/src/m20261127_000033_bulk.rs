//! One action on many contacts, and what it did to each of them.

use sea_orm_migration::prelude::ForeignKeyAction::SetNull;

use crate::table::NewTable;

/// `bulk_actions`, `bulk_rows`.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![bulk_actions(), bulk_rows()]
}

/// `params` says what is done. `done` rows have been gone through, `changed` of them were changed. `boot_id` is the run
/// of the server that works on it.
fn bulk_actions() -> NewTable {
    NewTable::new("bulk_actions")
        .key("id")
        .in_workspace()
        .text_null("user_id")
        .word("action", &["move", "tag", "untag", "set", "delete", "merge"])
        .json("params")
        .word_or("state", &["queued", "running", "done", "failed", "undoing", "undone"], "queued")
        .number_or("total", 0)
        .number_or("done", 0)
        .number_or("changed", 0)
        .number_or("undone", 0)
        .text_null("error")
        .text("created_at")
        .text_null("finished_at")
        .text_null("boot_id")
        .references("user_id", "users", SetNull)
        .unique(&["workspace_id", "id"])
        .index(&["workspace_id", "created_at", "id"])
        .index(&["state"])
        .index(&["user_id"])
}

/// `before` is what the contact had before, from which the action is undone. `contact_id` is a plain value: the record
/// outlives the contact.
fn bulk_rows() -> NewTable {
    NewTable::new("bulk_rows")
        .text("bulk_id")
        .number("row_no")
        .text("workspace_id")
        .text("contact_id")
        .word_or(
            "state",
            &["waiting", "changed", "unchanged", "refused", "undone", "kept"],
            "waiting",
        )
        .text_null("reason")
        .json_null("before")
        .key_of(&["bulk_id", "row_no"])
        .belongs_to("bulk_id", "bulk_actions")
        .index(&["bulk_id", "state", "row_no"])
}

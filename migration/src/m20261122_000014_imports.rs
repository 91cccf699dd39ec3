//! CSV imports and what became of each row.

use sea_orm_migration::prelude::ForeignKeyAction::SetNull;

use crate::table::NewTable;

/// `imports`, `import_rows`.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![imports(), import_rows()]
}

/// `mapping` says which column of the file goes where, `dialect` how the file is written (encoding, separator).
/// `resume_at_row` is the first row not yet done; it moves in the transaction that does the rows before it.
/// `boot_id` is the run of the server that works on it.
fn imports() -> NewTable {
    NewTable::new("imports")
        .key("id")
        .in_workspace()
        .text_null("user_id")
        .text("file_name")
        .text_null("file_path")
        .text_null("list_id")
        .word_or("mode", &["skip", "fill", "overwrite"], "skip")
        .flag_or("dry_run", false)
        .word_or(
            "state",
            &["uploaded", "queued", "running", "done", "failed", "cancelled"],
            "uploaded",
        )
        .json_null("mapping")
        .json_null("dialect")
        .number_or("total", 0)
        .number_or("created", 0)
        .number_or("updated", 0)
        .number_or("skipped", 0)
        .number_or("failed", 0)
        .text_null("error")
        .number_or("resume_at_row", 0)
        .text("created_at")
        .text_null("started_at")
        .text_null("finished_at")
        .text_null("boot_id")
        .references("user_id", "users", SetNull)
        .references("list_id", "contact_lists", SetNull)
        .unique(&["workspace_id", "id"])
        .index(&["workspace_id", "created_at", "id"])
        .index(&["user_id"])
        .index(&["list_id"])
}

/// `raw` is the row's fields as a JSON array, kept for failed rows only; `before` is the contact as it was before the
/// row changed it, from which the import is undone. `contact_id` is a plain value: the record outlives the contact.
fn import_rows() -> NewTable {
    NewTable::new("import_rows")
        .text("import_id")
        .number("row_no")
        .text("workspace_id")
        .word("outcome", &["created", "updated", "skipped", "failed"])
        .text_null("contact_id")
        .text_null("reason")
        .text_null("raw")
        .json_null("before")
        .key_of(&["import_id", "row_no"])
        .belongs_to("import_id", "imports")
        .index(&["import_id", "outcome", "row_no"])
}

//! Backups made, and whether a restore of them was tried.

use crate::table::NewTable;

/// `backups`. `bytes` and `sha256` are of the finished file.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("backups")
            .key("id")
            .text("path")
            .number_null("bytes")
            .text_null("sha256")
            .word_or("state", &["running", "done", "failed"], "running")
            .text_null("verified_at")
            .text_null("error")
            .text("created_at")
            .text_null("finished_at")
            .index(&["created_at", "id"]),
    ]
}

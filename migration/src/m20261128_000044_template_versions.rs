//! What a template was before each change, so that it can be compared and brought back.

use sea_orm_migration::prelude::ForeignKeyAction::{Cascade, SetNull};

use crate::table::NewTable;

/// `template_versions`: one row for each version a template ever had, the present one included. `content` is all of it;
/// `restored_from` is the version it was brought back from.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("template_versions")
            .text("template_id")
            .number("version")
            .in_workspace()
            .text("name")
            .json("content")
            .text_null("saved_by")
            .text("saved_at")
            .number_null("restored_from")
            .key_of(&["template_id", "version"])
            .references("template_id", "templates", Cascade)
            .references("saved_by", "users", SetNull)
            .index(&["workspace_id"])
            .index(&["saved_by"]),
    ]
}

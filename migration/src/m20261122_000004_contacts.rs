//! Contacts, and the stages and tags they are in.

use sea_orm_migration::prelude::ForeignKeyAction::{Cascade, SetNull};
use sea_orm_migration::prelude::{Expr, ExprTrait};

use crate::table::NewTable;

/// `base_contacts`, `contact_lists`, `contact_list_assignments`.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![base_contacts(), contact_lists(), contact_list_assignments()]
}

/// Names and company are empty where unknown, which keeps sorting by them simple; e-mail (trimmed, lower-cased) and
/// phone (E.164) are absent where unknown, so that unknown ones never clash. `owner_id` is a member of the workspace.
/// `value_minor` is in the smallest unit of the workspace's currency. `stage_since` is when the contact entered its
/// primary list. `version` grows with every change.
fn base_contacts() -> NewTable {
    NewTable::new("base_contacts")
        .key("id")
        .in_workspace()
        .text("created_on")
        .text("updated_at")
        .text_or("first_name", "")
        .text_or("last_name", "")
        .text_null("primary_email")
        .text_null("primary_phone")
        .text_or("company", "")
        .text_null("owner_id")
        .number_null("value_minor")
        .text_null("stage_since")
        .number_or("version", 1)
        .references("owner_id", "users", SetNull)
        .unique(&["workspace_id", "id"])
        .unique(&["workspace_id", "primary_email"])
        .unique(&["workspace_id", "primary_phone"])
        .index(&["workspace_id", "created_on", "id"])
        .index(&["workspace_id", "updated_at", "id"])
        .index(&["workspace_id", "last_name", "id"])
        .index(&["workspace_id", "company", "id"])
        .index(&["owner_id"])
}

/// A primary list is a pipeline stage, any other a tag. `(id, is_primary)` is unique only to be referenced.
fn contact_lists() -> NewTable {
    NewTable::new("contact_lists")
        .key("id")
        .in_workspace()
        .text("name")
        .flag_or("is_primary", false)
        .number_or("position", 0)
        .text_null("color")
        .text("created_at")
        .unique(&["workspace_id", "id"])
        .unique(&["workspace_id", "name"])
        .unique(&["id", "is_primary"])
}

/// `is_primary` repeats the list's own value, held equal by the foreign key; with it the partial unique index can say
/// that a contact is in at most one primary list.
fn contact_list_assignments() -> NewTable {
    NewTable::new("contact_list_assignments")
        .text("workspace_id")
        .text("contact_id")
        .text("list_id")
        .flag("is_primary")
        .text("assigned_at")
        .key_of(&["contact_id", "list_id"])
        .belongs_to("contact_id", "base_contacts")
        .belongs_to("list_id", "contact_lists")
        .foreign_key(
            &["list_id", "is_primary"],
            "contact_lists",
            &["id", "is_primary"],
            Cascade,
            Some(Cascade),
        )
        .unique_where(&["contact_id"], Expr::col("is_primary").eq(true))
        .index(&["list_id", "contact_id"])
}

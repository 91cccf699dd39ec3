//! What is remembered of contacts that look alike, and contacts that were deleted.

use sea_orm_migration::prelude::ForeignKeyAction::SetNull;

use crate::table::NewTable;

/// `duplicate_dismissals`, `contact_trash`.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![duplicate_dismissals(), contact_trash()]
}

/// Two contacts of which somebody said that they are two people. `contact_a` is the one with the smaller id.
fn duplicate_dismissals() -> NewTable {
    NewTable::new("duplicate_dismissals")
        .in_workspace()
        .text("contact_a")
        .text("contact_b")
        .text_null("user_id")
        .text("created_at")
        .key_of(&["contact_a", "contact_b"])
        .belongs_to("contact_a", "base_contacts")
        .belongs_to("contact_b", "base_contacts")
        .references("user_id", "users", SetNull)
        .index(&["workspace_id", "contact_a"])
        .index(&["workspace_id", "contact_b"])
        .index(&["user_id"])
}

/// `snapshot` is the contact with everything that went with it. `contact_id` is the id it had and gets again.
fn contact_trash() -> NewTable {
    NewTable::new("contact_trash")
        .key("contact_id")
        .in_workspace()
        .text("name")
        .json("snapshot")
        .text_null("deleted_by")
        .text("deleted_at")
        .references("deleted_by", "users", SetNull)
        .index(&["workspace_id", "deleted_at", "contact_id"])
        .index(&["deleted_at"])
        .index(&["deleted_by"])
}

//! Fields a workspace defines for itself, and their values.

use sea_orm_migration::prelude::ForeignKeyAction::Cascade;
use sea_orm_migration::prelude::{Expr, ExprTrait};

use crate::table::NewTable;

/// Most bytes of UTF-8 in a value. `PostgreSQL` cannot index much longer ones, so both databases refuse them.
const VALUE_BYTES: u32 = 2000;

/// Kinds of value a field can hold.
const FIELD_TYPES: &[&str] = &["text", "number", "date", "boolean", "select", "url"];

/// `custom_field_definitions`, `custom_fields`.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![custom_field_definitions(), custom_fields()]
}

/// `workspace_id` is absent for a definition that holds in all of its user's workspaces. Absent values never clash in
/// a unique constraint, hence the partial index beside it. `options` lists the choices of a select.
fn custom_field_definitions() -> NewTable {
    NewTable::new("custom_field_definitions")
        .key("id")
        .text("user_id")
        .text_null("workspace_id")
        .text("field_name")
        .text("label")
        .word("field_type", FIELD_TYPES)
        .json_null("options")
        .flag_or("is_required", false)
        .text_null("default_value")
        .text("created_at")
        .references("user_id", "users", Cascade)
        .references("workspace_id", "workspaces", Cascade)
        .unique(&["user_id", "workspace_id", "field_name"])
        .unique_where(&["user_id", "field_name"], Expr::col("workspace_id").is_null())
        .index(&["workspace_id"])
}

/// One row a value; `field_value` is written as text of the kind `field_type` says.
fn custom_fields() -> NewTable {
    NewTable::new("custom_fields")
        .key("id")
        .text("workspace_id")
        .text("contact_id")
        .text("field_name")
        .text("field_value")
        .word("field_type", FIELD_TYPES)
        .text("created_at")
        .text("updated_at")
        .at_most("field_value", VALUE_BYTES)
        .belongs_to("contact_id", "base_contacts")
        .unique(&["contact_id", "field_name"])
        .index(&["field_name", "field_value"])
}

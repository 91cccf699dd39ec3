//! Workspaces, who is in them, and settings of every scope.

use sea_orm_migration::prelude::ForeignKeyAction::{Cascade, Restrict, SetNull};

use crate::table::NewTable;
use crate::words::ROLES;

/// `workspaces`, `workspace_members`, `invitations`, `system_settings`.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![workspaces(), workspace_members(), invitations(), system_settings()]
}

/// `user_id` is the owner, who cannot be deleted while the workspace exists. `currency` is an ISO 4217 code;
/// `default_region` an ISO 3166 code by which phone numbers without a country are read (absent: such numbers are not
/// understood); `time_zone` an IANA name.
fn workspaces() -> NewTable {
    NewTable::new("workspaces")
        .key("id")
        .text("user_id")
        .text("name")
        .text_or("currency", "EUR")
        .text_null("default_region")
        .text_or("time_zone", "UTC")
        .text("created_at")
        .text("updated_at")
        .references("user_id", "users", Restrict)
        .unique(&["user_id", "name"])
}

fn workspace_members() -> NewTable {
    NewTable::new("workspace_members")
        .in_workspace()
        .text("user_id")
        .word("role", ROLES)
        .key_of(&["workspace_id", "user_id"])
        .references("user_id", "users", Cascade)
        .index(&["user_id"])
}

/// `token_hash` is the hash of the token in the link sent to `email`.
fn invitations() -> NewTable {
    NewTable::new("invitations")
        .key("id")
        .in_workspace()
        .text("email")
        .word("role", ROLES)
        .text("token_hash")
        .text_null("created_by")
        .text("created_at")
        .text("expires_at")
        .text_null("accepted_at")
        .references("created_by", "users", SetNull)
        .unique(&["token_hash"])
        .index(&["workspace_id"])
        .index(&["created_by"])
}

/// `scope_id` is the workspace or user the setting is for, empty for the system. It has no foreign key because it has
/// two targets; whoever deletes one of those deletes its settings.
fn system_settings() -> NewTable {
    NewTable::new("system_settings")
        .key("id")
        .word("scope", &["system", "workspace", "user"])
        .text_or("scope_id", "")
        .text("setting_key")
        .text("setting_value")
        .unique(&["scope", "scope_id", "setting_key"])
}

//! Keys that mail is signed with.

use sea_orm_migration::prelude::ForeignKeyAction::Cascade;

use crate::table::NewTable;

/// `dkim_keys`: one for each mail server that signs. `private_key` is sealed; `public_key` is what the DNS shows.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("dkim_keys")
            .key("id")
            .in_workspace()
            .text("provider_id")
            .text("selector")
            .text("private_key")
            .text("public_key")
            .flag("is_on")
            .text("created_at")
            .text("updated_at")
            .references("provider_id", "workspace_email_provider", Cascade)
            .unique(&["workspace_id", "provider_id"])
            .index(&["provider_id"]),
    ]
}

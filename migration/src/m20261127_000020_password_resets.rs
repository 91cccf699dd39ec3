//! Links and codes that let somebody choose a new password.

use sea_orm_migration::prelude::ForeignKeyAction::Cascade;

use crate::table::NewTable;

/// `password_resets`
pub(crate) fn tables() -> Vec<NewTable> {
    vec![password_resets()]
}

/// `token_hash` is SHA-256 of the token or code. A user has one that is valid at most: a newer one replaces it.
fn password_resets() -> NewTable {
    NewTable::new("password_resets")
        .key("token_hash")
        .text("user_id")
        .text("created_at")
        .text("expires_at")
        .references("user_id", "users", Cascade)
        .unique(&["user_id"])
}

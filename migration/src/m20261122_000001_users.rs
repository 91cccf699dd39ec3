//! People, and what they sign in with.

use sea_orm_migration::prelude::ForeignKeyAction::Cascade;

use crate::table::NewTable;

/// `users`, `sessions`, `api_keys`.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![users(), sessions(), api_keys()]
}

/// `email` is stored trimmed and lower-cased, which makes its uniqueness case-insensitive.
fn users() -> NewTable {
    NewTable::new("users")
        .key("id")
        .text("email")
        .text("password_hash")
        .text("name")
        .flag_or("is_admin", false)
        .text("created_at")
        .text("updated_at")
        .text_null("disabled_at")
        .unique(&["email"])
}

/// `id` is the hash of the token in the cookie: a copy of the database signs nobody in.
fn sessions() -> NewTable {
    NewTable::new("sessions")
        .key("id")
        .text("user_id")
        .text("created_at")
        .text("last_seen_at")
        .text("expires_at")
        .text_null("ip_address")
        .text_null("user_agent")
        .references("user_id", "users", Cascade)
        .index(&["user_id"])
        .index(&["expires_at"])
}

/// `key_hash` is SHA-256 of the key; `prefix` is the part shown to recognise it; `scopes` is an array of words.
fn api_keys() -> NewTable {
    NewTable::new("api_keys")
        .key("id")
        .text("user_id")
        .text("key_hash")
        .text("prefix")
        .text("description")
        .json("scopes")
        .text("created_at")
        .text_null("expires_at")
        .text_null("last_used_at")
        .flag_or("is_active", true)
        .references("user_id", "users", Cascade)
        .unique(&["key_hash"])
        .index(&["user_id"])
}

//! The second factor of a sign-in, and the codes for when it is lost.

use sea_orm_migration::prelude::ForeignKeyAction::Cascade;

use crate::table::NewTable;

/// `second_factors`, `recovery_codes`.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![second_factors(), recovery_codes()]
}

/// `secret` is sealed; `last_used_step` is the number of the thirty seconds whose code was used last.
fn second_factors() -> NewTable {
    NewTable::new("second_factors")
        .key("user_id")
        .text("secret")
        .text("created_at")
        .text_null("confirmed_at")
        .number_null("last_used_step")
        .references("user_id", "users", Cascade)
}

/// `code_hash` is SHA-256 of the user and the code.
fn recovery_codes() -> NewTable {
    NewTable::new("recovery_codes")
        .key("code_hash")
        .text("user_id")
        .text("created_at")
        .text_null("used_at")
        .references("user_id", "users", Cascade)
        .index(&["user_id"])
}

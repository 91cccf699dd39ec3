//! Answers to requests that carried an `Idempotency-Key`, so that a repeated request does its work once.

use sea_orm_migration::prelude::ForeignKeyAction::Cascade;

use crate::table::NewTable;

/// `idempotency_keys`.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![
        NewTable::new("idempotency_keys")
            .key("id")
            .text("user_id")
            .text("fingerprint")
            .text("boot_id")
            .number_null("status")
            .text_null("body")
            .text_null("etag")
            .text("created_at")
            .references("user_id", "users", Cascade)
            .index(&["user_id"])
            .index(&["created_at"]),
    ]
}

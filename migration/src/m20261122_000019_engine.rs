//! What the background work keeps: jobs waiting to be handed to the queue, and the runs of the server.

use crate::table::NewTable;

/// `outbox`, `engine_boots`.
pub(crate) fn tables() -> Vec<NewTable> {
    vec![outbox(), engine_boots()]
}

/// A job is written here in the transaction that needs it and handed on afterwards; `idempotency_key` makes handing it
/// on twice harmless.
fn outbox() -> NewTable {
    NewTable::new("outbox")
        .key("id")
        .text("name")
        .json("payload")
        .text("idempotency_key")
        .text("created_at")
        .text_null("relayed_at")
        .unique(&["idempotency_key"])
        .index(&["relayed_at", "id"])
}

/// One row a start of the server: work claimed by a run that is over was interrupted.
fn engine_boots() -> NewTable {
    NewTable::new("engine_boots")
        .key("boot_id")
        .text("started_at")
        .text("last_seen_at")
        .text_null("stopped_at")
        .text_null("host")
}

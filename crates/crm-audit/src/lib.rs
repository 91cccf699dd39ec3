//! The audit log: every mutation in one hash chain, so that a row changed, removed or moved shows.

mod chain;
mod entity;
mod export;
mod head;
mod list;
mod notes;
mod record;
mod verify;

pub use chain::digest;
pub use export::{export, note_export};
pub use list::{AuditEntry, AuditFilter, Outside, latest, list};
pub use notes::Notes;
pub use record::ChainedAuditLog;
pub use verify::{Verdict, verify};

//! What every crate of pi-crm needs, as a closed list: ids, scope and roles, the database door, clock, paging,
//! parsed e-mail addresses and phone numbers, secrets at rest, where connections may go, the audit port, the job outbox,
//! and accounts.
//!
//! Nothing here knows HTTP, templates or queues.

pub mod accounts;
pub mod audit;
pub mod clock;
pub mod context;
pub mod db;
pub mod email;
pub(crate) mod entity;
pub mod error;
pub mod fingerprint;
pub mod idempotency;
pub mod ids;
pub mod json;
pub mod key_scope;
pub mod keys;
pub mod outbound;
pub mod outbox;
pub mod paging;
pub mod phone;
pub mod role;
pub mod scope;
pub mod sealed;
pub mod settings;
pub mod sheet;
pub mod timestamp;
pub mod token;
pub mod torture;
pub mod workspace;

pub use audit::{AuditEvent, AuditLog};
pub use clock::{Clock, IdGen};
pub use context::Context;
pub use db::{Db, Scoped, Snapshot, Tx};
pub use email::EmailAddress;
pub use error::StoreError;
pub use fingerprint::Fingerprints;
pub use ids::*;
pub use key_scope::{KeyGrant, KeyScope};
pub use outbound::OutboundPolicy;
pub use paging::{Cursor, Page, PageRequest};
pub use phone::Phone;
pub use role::{Permission, Role};
pub use scope::{Actor, Scope, System};
pub use sealed::Vault;
pub use timestamp::Timestamp;

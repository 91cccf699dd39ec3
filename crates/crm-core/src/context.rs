//! What every service is built on.

use std::sync::Arc;

use crate::{AuditLog, Clock, Db, Fingerprints, IdGen, Timestamp};

/// Database, clock, ids and audit log, handed to each service when it is built.
#[derive(Clone)]
pub struct Context {
    /// The door to the database.
    pub db: Db,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub ids: Arc<dyn IdGen>,
    /// Takes one entry for each mutation, in the mutation's own transaction.
    pub audit: Arc<dyn AuditLog>,
    /// Recognises addresses that may not be kept.
    pub fingerprints: Fingerprints,
}

impl Context {
    /// Now, in UTC.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A fresh id of any type: `ctx.id(ContactId::from_uuid)`.
    pub fn id<T>(&self, wrap: impl FnOnce(uuid::Uuid) -> T) -> T {
        wrap(self.ids.uuid())
    }
}

//! The audit log: that nothing is written past it, and that nobody can change it unseen.

use std::sync::Arc;

use crm_audit::ChainedAuditLog;
use crm_core::clock::{FakeClock, SystemIds};
use crm_core::{Actor, AuditEvent, Clock, Context, Db, IdGen, Tx};
use support::{Backend, PerBackend, TestDb};

mod reasons;
mod transactions;

/// The log on a test's database, with nothing else around it.
struct Bench {
    db: TestDb,
    ctx: Context,
}

impl PerBackend for Bench {
    async fn fresh(backend: Backend) -> Self {
        let db = TestDb::fresh(backend).await;
        let clock: Arc<dyn Clock> =
            Arc::new(FakeClock::new("2026-11-27T10:00:00.000Z".parse().unwrap()));
        let ids: Arc<dyn IdGen> = Arc::new(SystemIds);
        let audit = Arc::new(ChainedAuditLog::new(Arc::clone(&clock), Arc::clone(&ids)));
        let connections = crm_core::db::connect(db.url()).await.unwrap();
        let ctx = Context { db: Db::new(connections), clock, ids, audit };
        Self { db, ctx }
    }
}

impl Bench {
    /// Writes an entry about `id` into `tx`.
    async fn note(&self, tx: &Tx, id: &str) {
        let event = AuditEvent::new("thing.changed", "thing", id).with("size", 3);
        self.ctx.audit.record(tx, None, &Actor::system("test"), event).await.unwrap();
    }
}

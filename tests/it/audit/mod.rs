//! The audit log: that nothing is written past it, and that nobody can change it unseen.

use std::sync::Arc;
use std::time::Duration;

use crm_audit::{ChainedAuditLog, Verdict};
use crm_core::clock::{FakeClock, SystemIds};
use crm_core::{Actor, AuditEvent, Clock, Context, Db, IdGen, Tx};
use sea_orm::ConnectionTrait;
use support::{Backend, PerBackend, TestDb};

mod command;
mod export;
mod guard;
mod notes;
mod page;
mod reading;
mod reasons;
mod tampering;
mod transactions;
mod walk;
mod writers;

/// The log on a test's database, with nothing else around it.
struct Bench {
    db: TestDb,
    clock: Arc<FakeClock>,
    ctx: Context,
}

impl PerBackend for Bench {
    async fn fresh(backend: Backend) -> Self {
        let db = TestDb::fresh(backend).await;
        let clock = Arc::new(FakeClock::new("2026-11-27T10:00:00.000Z".parse().unwrap()));
        let ids: Arc<dyn IdGen> = Arc::new(SystemIds);
        let shared: Arc<dyn Clock> = Arc::<FakeClock>::clone(&clock);
        let audit = Arc::new(ChainedAuditLog::new(Arc::clone(&shared), Arc::clone(&ids)));
        let connections = crm_core::db::connect(db.url()).await.unwrap();
        let ctx = Context {
            db: Db::new(connections),
            clock: shared,
            ids,
            audit,
            fingerprints: crm_core::Fingerprints::new(b"test"),
        };
        Self { db, clock, ctx }
    }
}

impl Bench {
    /// Writes an entry about `id` into `tx`.
    async fn note(&self, tx: &Tx, id: &str) {
        let event = AuditEvent::new("thing.changed", "thing", id).with("size", 3);
        self.ctx.audit.record(tx, None, &Actor::system("test"), event).await.unwrap();
    }

    /// Writes one entry for each id, one transaction each.
    async fn entries(&self, ids: &[&str]) {
        for id in ids {
            self.clock.advance(Duration::from_secs(1));
            let tx = self.ctx.db.begin().await.unwrap();
            self.note(&tx, id).await;
            tx.commit().await.unwrap();
        }
    }

    /// Any statement, past the application.
    async fn run(&self, sql: &str) {
        run(&self.db, sql).await;
    }

    /// What the database says to a statement it should not let through.
    async fn refusal(&self, sql: &str) -> String {
        let done = self.db.raw().execute_unprepared(sql).await;
        done.expect_err(sql).to_string()
    }

    /// What a walk along the chain finds.
    async fn verdict(&self) -> Verdict {
        crm_audit::verify(&self.ctx.db).await.unwrap()
    }

    /// `seq` of the first bad entry.
    async fn first_bad(&self) -> Option<i64> {
        let verdict = self.verdict().await;
        assert_eq!(verdict.ok, verdict.first_bad.is_none());
        verdict.first_bad
    }
}

/// Any statement, past the application.
async fn run(db: &TestDb, sql: &str) {
    let done = db.raw().execute_unprepared(sql).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Takes the triggers away, as somebody could who owns the database.
async fn unguard(db: &TestDb) {
    let names = match db.backend() {
        Backend::Sqlite => {
            db.texts(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit%'",
            )
            .await
        }
        Backend::Postgres => {
            db.texts(
                "SELECT tgname || ' ON ' || tgrelid::regclass FROM pg_trigger \
                 WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'audit%'",
            )
            .await
        }
    };
    assert!(names.len() >= 4, "{names:?}");
    for name in names {
        run(db, &format!("DROP TRIGGER {name}")).await;
    }
}

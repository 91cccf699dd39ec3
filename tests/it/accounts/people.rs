//! Accounts to test with: services on a database with a clock that is moved by hand.

use std::sync::Arc;

use crm_audit::ChainedAuditLog;
use crm_core::accounts::{Accounts, NewUser, Origin, SeaAccounts, User};
use crm_core::clock::{FakeClock, SystemIds};
use crm_core::{Actor, Clock, Context, Db, IdGen};
use support::process::PASSWORD;
use support::{Backend, PerBackend, TestDb};

pub struct People {
    pub db: TestDb,
    pub ctx: Context,
    pub clock: Arc<FakeClock>,
    pub accounts: SeaAccounts,
    pub ada: User,
}

impl PerBackend for People {
    async fn fresh(backend: Backend) -> Self {
        let db = TestDb::fresh(backend).await;
        let connections = crm_core::db::connect(db.url()).await.unwrap();
        let clock = Arc::new(FakeClock::new("2026-11-03T09:00:00.000Z".parse().unwrap()));
        let told: Arc<dyn Clock> = Arc::<FakeClock>::clone(&clock);
        let ids: Arc<dyn IdGen> = Arc::new(SystemIds);
        let ctx = Context {
            db: Db::new(connections),
            clock: Arc::clone(&told),
            ids: Arc::clone(&ids),
            audit: Arc::new(ChainedAuditLog::new(told, ids)),
            fingerprints: crm_core::Fingerprints::new(b"test"),
        };
        let accounts = SeaAccounts::new(ctx.clone(), Vec::new());
        let new = NewUser {
            email: "ada@example.com".to_owned(),
            name: "Ada".to_owned(),
            password: PASSWORD.to_owned().into(),
            is_admin: false,
        };
        let ada = accounts.create_user(&Actor::system("test"), new).await.unwrap();
        Self { db, ctx, clock, accounts, ada }
    }
}

impl People {
    /// Ada, as somebody who acts.
    pub fn actor(&self) -> Actor {
        Actor::user(self.ada.id, None)
    }

    /// A session of Ada; returns its token.
    pub async fn session(&self) -> String {
        let token = crm_core::token::random();
        self.accounts.open_session(&token, &self.ada, Origin::default()).await.unwrap();
        token
    }

    pub async fn is_in(&self, token: &str) -> bool {
        self.accounts.session(token).await.unwrap().is_some()
    }

    /// What the audit log tells, oldest first.
    pub async fn audited(&self) -> Vec<String> {
        self.db.texts("SELECT action FROM audit_logs ORDER BY seq").await
    }
}

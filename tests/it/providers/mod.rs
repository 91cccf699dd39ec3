//! Providers: settings and secrets, the practice outbox, the sending budget, and SMTP against real servers.

mod budget;
mod domains;
mod incoming_page;
mod kept;
mod mailbox;
mod mailbox_page;
mod mailgun;
mod mailgun_page;
mod practice;
mod refused;
mod secrets;
mod settings;
mod smtp;
mod states;
mod steps;
pub(crate) mod tls;

use std::sync::Arc;

use crm_audit::ChainedAuditLog;
use crm_core::clock::{FakeClock, SystemIds};
use crm_core::{
    Clock, Context, Db, EmailAddress, IdGen, RecipientId, Scope, Timestamp, Vault, WorkspaceId,
};
use crm_providers::email::Unsubscribe;
use crm_providers::providers::{NewProvider, ProviderConfig, ReturnPath, Security, SmtpConfig};
use crm_providers::{OutboundPolicy, OutgoingEmail, SeaProviders};
use sea_orm::ConnectionTrait;
use secrecy::SecretString;
use support::TestDb;

/// When these tests happen.
const NOW: &str = "2026-11-22T23:30:00.123Z";

/// The services on a test's database, with a clock that stands still.
struct Bench {
    db: TestDb,
    clock: Arc<FakeClock>,
    ctx: Context,
}

impl Bench {
    async fn on(db: TestDb) -> Self {
        let clock = Arc::new(FakeClock::new(now()));
        let ctx = context(&db, Arc::clone(&clock)).await;
        let bench = Self { db, clock, ctx };
        bench
            .run(&format!(
                "INSERT INTO users (id, email, password_hash, name, created_at, updated_at) \
                 VALUES ('u1', 'a@x.org', 'h', 'A', '{NOW}', '{NOW}')"
            ))
            .await;
        bench
    }

    /// A workspace of its own, and the scope of work in it.
    async fn workspace(&self) -> Scope {
        let id = self.ctx.id(WorkspaceId::from_uuid);
        self.run(&format!(
            "INSERT INTO workspaces (id, user_id, name, created_at, updated_at) \
             VALUES ('{id}', 'u1', '{id}', '{NOW}', '{NOW}')"
        ))
        .await;
        Scope::for_job(id, "test")
    }

    /// Any statement.
    async fn run(&self, sql: &str) {
        let done = self.db.raw().execute_unprepared(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The service as it is after a start of the server.
    fn providers(&self) -> SeaProviders {
        SeaProviders::new(self.ctx.clone(), vault(), loopback(), None)
    }
}

async fn context(db: &TestDb, clock: Arc<FakeClock>) -> Context {
    let connections = crm_core::db::connect(db.url()).await.unwrap();
    let ids: Arc<dyn IdGen> = Arc::new(SystemIds);
    let clock: Arc<dyn Clock> = clock;
    let audit = Arc::new(ChainedAuditLog::new(Arc::clone(&clock), Arc::clone(&ids)));
    Context {
        db: Db::new(connections),
        clock,
        ids,
        audit,
        fingerprints: crm_core::Fingerprints::new(b"test"),
    }
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn vault() -> Vault {
    Vault::new([7; 32])
}

/// Lets providers reach the servers of these tests.
fn loopback() -> OutboundPolicy {
    OutboundPolicy::parse("127.0.0.0/8").unwrap()
}

/// A server on loopback, in the clear.
fn plain(port: u16) -> SmtpConfig {
    SmtpConfig {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::None,
        username: None,
        from_email: "hello@kornfeld.example".to_owned(),
        from_name: "Kornfeld Mühle".to_owned(),
        reply_to: None,
        connections: None,
        rate_per_minute: None,
        rate_per_day: None,
        warm_up_from: None,
        return_path: ReturnPath::Sender,
    }
}

fn smtp(config: SmtpConfig, password: Option<&str>) -> NewProvider {
    NewProvider {
        webhook_key: None,
        name: "Own mail server".to_owned(),
        config: ProviderConfig::Smtp(config),
        secret: password.map(SecretString::from),
        is_default: false,
    }
}

fn practice_provider() -> NewProvider {
    NewProvider {
        webhook_key: None,
        name: String::new(),
        config: ProviderConfig::Practice,
        secret: None,
        is_default: false,
    }
}

/// A message to `to` in the workspace of `scope`, for a ledger row of its own.
fn message(scope: &Scope, to: &str) -> OutgoingEmail {
    let recipient = RecipientId::from_uuid(SystemIds.uuid());
    OutgoingEmail {
        recipient_id: Some(recipient),
        workspace_id: scope.workspace_id(),
        campaign_id: None,
        contact_id: None,
        message_id: format!("{recipient}@kornfeld.example"),
        to: EmailAddress::parse(to).unwrap(),
        to_name: Some("Θεοδώρα".to_owned()),
        subject: "Winter rye is in, Θεοδώρα".to_owned(),
        html: "<p>The <b>winter rye</b> is in.</p>".to_owned(),
        text: "The winter rye is in.\n.\nSo it is.\n".to_owned(),
        unsubscribe: Some(Unsubscribe {
            url: Some("https://crm.kornfeld.example/u/token".to_owned()),
            mailto: Some("hello@kornfeld.example?subject=unsubscribe%20token".to_owned()),
        }),
        return_path: None,
    }
}

/// A workspace that no database knows, for tests without one.
fn nowhere() -> Scope {
    Scope::for_job(WorkspaceId::from_uuid(SystemIds.uuid()), "test")
}

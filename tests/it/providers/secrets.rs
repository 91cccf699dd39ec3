//! A provider's password is nowhere in clear, and only this installation can read it.

use crm_core::Vault;
use crm_providers::providers::SmtpConfig;
use crm_providers::{Carrier, Outcome, Providers, ProvidersError, SeaProviders};
use support::smtp::tls::{Certificates, PASSWORD, StartTls, USER};
use support::{Backend, TestDb, both_databases};

use super::{Bench, loopback, message, plain, smtp, tls, vault};

const CANARY: &str = "canary-7f3a9c1e-password";

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Everything the database keeps about providers and what was done to them.
async fn everything(db: &TestDb) -> String {
    let mut all = db.texts("SELECT CAST(config_json AS text) FROM workspace_email_provider").await;
    all.extend(db.texts("SELECT CAST(details AS text) FROM audit_logs").await);
    all.join("\n")
}

both_databases! {
    async fn a_password_is_never_shown_or_stored_in_clear(db: TestDb) {
        let bench = Bench::on(db).await;
        let (scope, providers) = (bench.workspace().await, bench.providers());
        let config = SmtpConfig { username: Some("andy".to_owned()), ..plain(2525) };
        let new = smtp(config.clone(), Some(CANARY));
        assert!(!format!("{new:?}").contains(CANARY));
        let made = providers.create(&scope, new).await.unwrap();
        assert!(!format!("{made:?}").contains(CANARY));
        let changed = format!("{CANARY}-2");
        providers.update(&scope, made.id, None, smtp(config, Some(&changed))).await.unwrap().unwrap();

        let stored = everything(&bench.db).await;
        assert!(stored.contains("v1:") && !stored.contains(CANARY), "{stored}");
        let actions = bench.db.texts("SELECT action FROM audit_logs ORDER BY seq").await;
        assert_eq!(actions, ["provider.created", "provider.updated"]);
        if bench.db.backend() == Backend::Sqlite {
            let file = bench.db.url().trim_start_matches("sqlite://").replace("?mode=rwc", "");
            for name in [file.clone(), format!("{file}-wal")] {
                let bytes = std::fs::read(&name).unwrap();
                assert!(!bytes.is_empty() && !holds(&bytes, CANARY), "{name}");
            }
        }
    }

    async fn a_stored_password_signs_in_after_a_restart(db: TestDb) {
        let certificates = Certificates::make();
        let server = StartTls::start(&certificates);
        let bench = Bench::on(db).await;
        let scope = bench.workspace().await;
        let config = SmtpConfig {
            security: crm_providers::providers::Security::Starttls,
            username: Some(USER.to_owned()),
            ..plain(server.port())
        };
        let id = bench.providers().create(&scope, smtp(config, Some(PASSWORD))).await.unwrap().id;

        let restarted = bench.providers().trusting(tls::trusting(&certificates).trust);
        let provider = restarted.open(&scope, id).await.unwrap().and_then(Carrier::email).unwrap();
        let outcome = provider.send(&message(&scope, "ada@example.org")).await;
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
        assert_eq!(server.received().len(), 1);
        restarted.close().await;
    }

    async fn another_key_or_a_damaged_row_is_an_error_in_words(db: TestDb) {
        let bench = Bench::on(db).await;
        let (scope, providers) = (bench.workspace().await, bench.providers());
        let config = SmtpConfig { username: Some("andy".to_owned()), ..plain(2525) };
        let one = providers.create(&scope, smtp(config.clone(), Some(CANARY))).await.unwrap();
        let two = providers.create(&scope, smtp(config, Some("other"))).await.unwrap();

        let stranger = SeaProviders::new(bench.ctx.clone(), Vault::new([8; 32]), loopback(), None);
        let opened = stranger.open(&scope, one.id).await.err();
        assert!(matches!(opened, Some(ProvidersError::Unsealable(_))), "{opened:?}");
        // A sealed password moved to another row does not open there.
        bench.run(&format!(
            "UPDATE workspace_email_provider SET config_json = \
             (SELECT config_json FROM workspace_email_provider WHERE id = '{}') WHERE id = '{}'",
            one.id, two.id
        )).await;
        let providers = SeaProviders::new(bench.ctx.clone(), vault(), loopback(), None);
        assert!(providers.open(&scope, one.id).await.unwrap().is_some());
        let moved = providers.open(&scope, two.id).await.err();
        assert!(matches!(moved, Some(ProvidersError::Unsealable(_))), "{moved:?}");
    }
}

//! "Send test" tells what happened, step by step.

use std::time::{Duration, Instant};

use crm_providers::providers::{Security, SmtpConfig, TestStep};
use crm_providers::{PracticeOutbox, Providers, ProvidersError, SeaPracticeOutbox};
use support::smtp::SmtpSink;
use support::smtp::tls::{Certificates, PASSWORD, StartTls, USER};
use support::{TestDb, both_databases};

use super::{Bench, plain, practice_provider, smtp, tls};

fn outline(steps: &[TestStep]) -> Vec<(&str, bool)> {
    steps.iter().map(|step| (step.step, step.ok)).collect()
}

both_databases! {
    async fn a_test_shows_every_step_and_is_noted(db: TestDb) {
        let certificates = Certificates::make();
        let server = StartTls::start(&certificates);
        let bench = Bench::on(db).await;
        let scope = bench.workspace().await;
        let providers = bench.providers().trusting(tls::trusting(&certificates).trust);
        let config = SmtpConfig {
            security: Security::Starttls,
            username: Some(USER.to_owned()),
            ..plain(server.port())
        };
        let made = providers.create(&scope, smtp(config.clone(), Some(PASSWORD))).await.unwrap();

        let steps = providers.test(&scope, made.id, " Ada@Example.org ").await.unwrap().unwrap();
        assert_eq!(outline(&steps), [("connect", true), ("tls", true), ("sign_in", true), ("send", true)]);
        assert_eq!(steps[0].message, format!("connected to 127.0.0.1:{}, IPv4", server.port()));
        assert_eq!(steps[1].message, "TLS 1.3");
        assert_eq!(steps[2].message, format!("signed in as {USER}"));
        assert!(steps[3].message.starts_with("250 "), "{steps:?}");
        let received = server.received();
        assert_eq!(received[0].rcpt_to, ["ada@example.org"]);
        assert!(received[0].message_id().ends_with("@kornfeld.example"));
        assert_eq!(received[0].header("List-Unsubscribe"), "");
        let noted = providers.get(&scope, made.id).await.unwrap().unwrap();
        assert!(noted.last_checked_at.is_some() && noted.last_error.is_none());

        providers.update(&scope, made.id, None, smtp(config, Some("wrong"))).await.unwrap().unwrap();
        let steps = providers.test(&scope, made.id, "ada@example.org").await.unwrap().unwrap();
        assert_eq!(outline(&steps), [("connect", true), ("tls", true), ("sign_in", false)]);
        assert!(steps[2].message.starts_with("535 "), "{steps:?}");
        let noted = providers.get(&scope, made.id).await.unwrap().unwrap();
        assert_eq!(noted.last_error.as_deref(), Some(steps[2].message.as_str()));
        assert!(!format!("{steps:?}").contains(PASSWORD));
    }

    async fn a_test_in_clear_has_two_steps(db: TestDb) {
        let sink = SmtpSink::start();
        let bench = Bench::on(db).await;
        let (scope, providers) = (bench.workspace().await, bench.providers());
        let made = providers.create(&scope, smtp(plain(sink.port()), None)).await.unwrap();
        let steps = providers.test(&scope, made.id, "ada@example.org").await.unwrap().unwrap();
        assert_eq!(outline(&steps), [("connect", true), ("send", true)]);
        assert_eq!(sink.recipients(), ["ada@example.org"]);
        for bad in ["nobody", "a@x.org\r\nRCPT TO:<b@x.org>", ""] {
            let refused = providers.test(&scope, made.id, bad).await;
            assert!(matches!(refused, Err(ProvidersError::InvalidRecipient(_))), "{refused:?}");
        }
    }

    async fn the_practice_provider_passes_its_test(db: TestDb) {
        let bench = Bench::on(db).await;
        let (scope, providers) = (bench.workspace().await, bench.providers());
        let made = providers.create(&scope, practice_provider()).await.unwrap();
        let steps = providers.test(&scope, made.id, "ada@example.org").await.unwrap().unwrap();
        assert_eq!(outline(&steps), [("send", true)]);
        let outbox = SeaPracticeOutbox::new(bench.ctx.clone());
        let page = outbox.list(&scope, "", crm_core::PageRequest::default()).await.unwrap();
        assert_eq!(page.items.len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_within_ten_seconds() {
    let sink = SmtpSink::with(&["-W", "connect:60"]);
    let bench = Bench::on(TestDb::sqlite().await).await;
    let (scope, providers) = (bench.workspace().await, bench.providers());
    let made = providers.create(&scope, smtp(plain(sink.port()), None)).await.unwrap();
    let begin = Instant::now();
    let steps = providers.test(&scope, made.id, "ada@example.org").await.unwrap().unwrap();
    assert!(begin.elapsed() < Duration::from_secs(11), "{:?}", begin.elapsed());
    assert_eq!(outline(&steps), [("connect", false)]);
    assert_eq!(steps[0].message, "no answer within 10 s");
}

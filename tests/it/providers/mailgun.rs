//! Mailgun: its settings, its test, what goes over the wire, and where it may be.

use std::sync::Arc;

use crm_core::Scope;
use crm_core::clock::FakeClock;
use crm_core::outbound::Address;
use crm_providers::email::{InFlight, Settled};
use crm_providers::providers::{Elsewhere, MailgunConfig, NewProvider, ProviderConfig, TestStep};
use crm_providers::{Carrier, OutboundPolicy, Outcome, Providers, ProvidersError, SeaProviders};
use mail_parser::{MessageParser, MimeHeaders as _};
use support::mailgun::{DOMAIN, Events, KEY, MailgunServer};
use support::{TestDb, both_databases};

use super::{Bench, message, vault};

fn config(base_url: Option<&str>) -> MailgunConfig {
    MailgunConfig {
        domain: DOMAIN.to_owned(),
        base_url: base_url.map(str::to_owned),
        from_email: "hello@mg.acme.example".to_owned(),
        from_name: "Acme Mühle".to_owned(),
        reply_to: Some("office@acme.example".to_owned()),
        rate_per_minute: None,
        rate_per_day: Some(2000),
        warm_up_from: None,
    }
}

fn new(config: MailgunConfig, key: Option<&str>) -> NewProvider {
    NewProvider {
        webhook_key: None,
        name: String::new(),
        config: ProviderConfig::Mailgun(config),
        secret: key.map(|key| key.to_owned().into()),
        is_default: false,
    }
}

fn outline(steps: &[TestStep]) -> Vec<(&str, bool)> {
    steps.iter().map(|step| (step.step, step.ok)).collect()
}

fn field_of(refused: Result<impl std::fmt::Debug, ProvidersError>) -> &'static str {
    match refused {
        Err(ProvidersError::InvalidConfig { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

both_databases! {
    async fn a_test_shows_every_step_and_is_noted(db: TestDb) {
        let server = MailgunServer::start().await;
        let bench = Bench::on(db).await;
        let (scope, providers) = (bench.workspace().await, bench.providers());
        let made = providers.create(&scope, new(config(Some(server.base())), Some(KEY))).await.unwrap();
        assert_eq!(made.name, "Mailgun");
        let steps = providers.test(&scope, made.id, "ada@example.org").await.unwrap().unwrap();
        assert_eq!(outline(&steps), [("connect", true), ("sign_in", true), ("send", true)], "{steps:?}");
        assert_eq!(server.recipients(), ["ada@example.org"]);
        let noted = providers.get(&scope, made.id).await.unwrap().unwrap();
        assert!(noted.last_checked_at.is_some() && noted.last_error.is_none());

        let wrong = new(config(Some(server.base())), Some("key-wrong"));
        providers.update(&scope, made.id, None, wrong).await.unwrap().unwrap();
        let steps = providers.test(&scope, made.id, "ada@example.org").await.unwrap().unwrap();
        assert_eq!(outline(&steps), [("connect", true), ("sign_in", false)]);
        assert_eq!(steps[1].message, "401 Forbidden");
        let steps = providers.test(&scope, made.id, "perm400.x@example.org").await.unwrap().unwrap();
        assert!(!format!("{steps:?}").contains("key-wrong"));

        let right = new(config(Some(server.base())), Some(KEY));
        providers.update(&scope, made.id, None, right).await.unwrap().unwrap();
        let steps = providers.test(&scope, made.id, "perm400.x@example.org").await.unwrap().unwrap();
        assert_eq!(outline(&steps), [("connect", true), ("send", false)], "{steps:?}");
        assert!(steps[1].message.contains("not a valid address"));
        drop(server);
        let steps = providers.test(&scope, made.id, "ada@example.org").await.unwrap().unwrap();
        assert_eq!(outline(&steps), [("connect", false)]);
    }

    async fn a_key_is_sealed_and_stays_with_its_server(db: TestDb) {
        let server = MailgunServer::start().await;
        let bench = Bench::on(db).await;
        let (scope, providers) = (bench.workspace().await, bench.providers());
        let made = providers.create(&scope, new(config(Some(server.base())), Some(KEY))).await.unwrap();
        assert!(made.has_secret);
        let mut stored = bench.db.texts("SELECT CAST(config_json AS text) FROM workspace_email_provider").await;
        stored.extend(bench.db.texts("SELECT CAST(details AS text) FROM audit_logs").await);
        let stored = stored.join("\n");
        assert!(stored.contains("v1:") && !stored.contains(KEY), "{stored}");

        // Another domain of the account needs no new key; another server does.
        let renamed = MailgunConfig { from_name: "Acme Mill".to_owned(), ..config(Some(server.base())) };
        let changed = providers.update(&scope, made.id, None, new(renamed, None)).await.unwrap().unwrap();
        assert!(changed.has_secret);
        let opened = bench.providers().open(&scope, made.id).await.unwrap().and_then(Carrier::email).unwrap();
        let outcome = opened.send(&message(&scope, "ada@example.org")).await;
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
        let moved = new(config(None), None);
        assert_eq!(field_of(providers.update(&scope, made.id, None, moved).await), "config.api_key");
        assert_eq!(field_of(providers.create(&scope, new(config(None), None)).await), "config.api_key");
        let elsewhere = new(config(None), Some("key\r\nwith: more"));
        assert_eq!(field_of(providers.create(&scope, elsewhere).await), "config.api_key");
    }

    async fn settings_that_cannot_be_are_refused_by_name(db: TestDb) {
        let bench = Bench::on(db).await;
        let (scope, providers) = (bench.workspace().await, bench.providers());
        let plain = config(None);
        for (wrong, field) in [
            (MailgunConfig { domain: "../events".to_owned(), ..plain.clone() }, "config.domain"),
            (MailgunConfig { domain: String::new(), ..plain.clone() }, "config.domain"),
            (MailgunConfig { from_email: "nobody".to_owned(), ..plain.clone() }, "config.from_email"),
            (MailgunConfig { reply_to: Some("x y".to_owned()), ..plain.clone() }, "config.reply_to"),
            (MailgunConfig { base_url: Some("ftp://x.org".to_owned()), ..plain.clone() }, "config.base_url"),
            (MailgunConfig { base_url: Some("http://8.8.8.8".to_owned()), ..plain.clone() }, "config.base_url"),
            (MailgunConfig { rate_per_day: Some(0), ..plain.clone() }, "config.rate_per_day"),
        ] {
            assert_eq!(field_of(providers.create(&scope, new(wrong, Some(KEY))).await), field);
        }
    }

    async fn a_private_address_needs_leave_but_the_operators_word_is_enough(db: TestDb) {
        let server = MailgunServer::start().await;
        let bench = Bench::on(db).await;
        let scope = bench.workspace().await;
        let closed = || SeaProviders::new(bench.ctx.clone(), vault(), OutboundPolicy::default(), None);
        let private = new(config(Some(server.base())), Some(KEY));
        let refused = closed().create(&scope, private.clone()).await;
        assert!(matches!(refused, Err(ProvidersError::OutboundBlocked(_))), "{refused:?}");
        // Saved when it was allowed, and not allowed any more.
        let made = bench.providers().create(&scope, private).await.unwrap();
        let opened = closed().open(&scope, made.id).await.unwrap().and_then(Carrier::email).unwrap();
        let outcome = opened.send(&message(&scope, "ada@example.org")).await;
        assert!(matches!(&outcome, Outcome::Blocked { kind, .. } if kind == "outbound"), "{outcome:?}");
        let named = new(config(Some(&format!("http://localhost:{}", server.port()))), Some(KEY));
        let made = bench.providers().create(&scope, named).await;
        assert!(matches!(made, Err(ProvidersError::OutboundBlocked(_)) | Ok(_)), "{made:?}");
        assert!(server.requests().is_empty());

        let mailgun = Some(Address::parse(server.base()).unwrap());
        let trusted = closed().elsewhere(Elsewhere { mailgun, ..Elsewhere::default() });
        for base in [None, Some("https://api.eu.mailgun.net/v3"), Some(server.base())] {
            let made = trusted.create(&scope, new(config(base), Some(KEY))).await.unwrap();
            let steps = trusted.test(&scope, made.id, "ada@example.org").await.unwrap().unwrap();
            assert!(steps.iter().all(|step| step.ok), "{base:?}: {steps:?}");
        }
        assert_eq!(server.recipients(), ["ada@example.org"; 3]);
    }
}

/// An opened account, without a database behind what is tried here.
async fn opened(
    bench: &Bench,
    scope: &Scope,
    server: &MailgunServer,
) -> Arc<dyn crm_providers::EmailProvider> {
    let providers = bench.providers();
    let made = providers.create(scope, new(config(Some(server.base())), Some(KEY))).await.unwrap();
    providers.open(scope, made.id).await.unwrap().and_then(Carrier::email).unwrap()
}

both_databases! {
    async fn mailgun_gets_the_bytes_that_smtp_gets(db: TestDb) {
        let server = MailgunServer::start().await;
        let bench = Bench::on(db).await;
        let scope = bench.workspace().await;
        let provider = opened(&bench, &scope, &server).await;
        let sent = message(&scope, "ada@example.org");
        let outcome = provider.send(&sent).await;
        assert_eq!(outcome, Outcome::Accepted { provider_id: Some(sent.message_id.clone()) });
        let taken = server.taken().remove(0);
        let field = |name: &str| taken.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        assert_eq!(taken.to, "ada@example.org");
        assert_eq!(field("o:tracking"), Some("no".to_owned()));
        assert_eq!(field("v:pi-crm-recipient"), sent.recipient_id.map(|id| id.to_string()));
        let parsed = MessageParser::default().parse(&taken.message).unwrap();
        assert_eq!(parsed.subject(), Some(sent.subject.as_str()));
        assert_eq!(parsed.from().unwrap().first().unwrap().name(), Some("Acme Mühle"));
        assert_eq!(parsed.header_raw("List-Unsubscribe-Post").map(str::trim), Some("List-Unsubscribe=One-Click"));
        assert!(parsed.content_type().is_some_and(|kind| kind.subtype() == Some("alternative")));
        assert!(taken.message.is_ascii());
    }

    async fn before_its_end_has_left_a_message_is_surely_not_taken(db: TestDb) {
        let server = MailgunServer::start().await;
        let bench = Bench::on(db).await;
        let scope = bench.workspace().await;
        let provider = opened(&bench, &scope, &server).await;
        let mut sent = message(&scope, "resetbefore.x@example.org");
        // More than fits into what lies between two programs.
        sent.html = "<p>rye</p>\n".repeat(2_000_000);
        let outcome = provider.send(&sent).await;
        assert!(matches!(&outcome, Outcome::Transient { kind, .. } if kind == "connect"), "{outcome:?}");
        assert!(server.taken().is_empty());
    }

    async fn events_settle_what_they_can(db: TestDb) {
        let server = MailgunServer::start().await;
        let bench = Bench::on(db).await;
        let scope = bench.workspace().await;
        let provider = opened(&bench, &scope, &server).await;
        let sent = message(&scope, "ada@example.org");
        provider.send(&sent).await;
        let about = |minutes: u64| InFlight {
            recipient_id: sent.recipient_id.unwrap(),
            address: sent.to.to_string(),
            message_id: sent.message_id.clone(),
            since: Some(before(&bench.clock, minutes)),
        };
        let taken = Settled::Accepted { provider_id: Some(sent.message_id.clone()) };
        assert_eq!(provider.settle_in_flight(&about(1)).await, taken);
        server.tell(Events::Behind);
        assert_eq!(provider.settle_in_flight(&about(1)).await, Settled::Unknown);
        assert_eq!(provider.settle_in_flight(&about(29)).await, Settled::Unknown);
        assert_eq!(provider.settle_in_flight(&about(31)).await, Settled::NotAccepted);
        // Mailgun may have forgotten it by now.
        assert_eq!(provider.settle_in_flight(&about(2 * 24 * 60)).await, Settled::Unknown);
        assert_eq!(provider.settle(sent.recipient_id.unwrap()).await, Settled::Unknown);
        server.tell(Events::Forbidden);
        assert_eq!(provider.settle_in_flight(&about(31)).await, Settled::Unknown);
        drop(server);
        assert_eq!(provider.settle_in_flight(&about(31)).await, Settled::Unknown);
    }
}

fn before(clock: &FakeClock, minutes: u64) -> crm_core::Timestamp {
    use crm_core::Clock as _;
    clock.now().minus(std::time::Duration::from_secs(minutes * 60))
}

//! Connecting, changing and disconnecting providers.

use crm_core::{Context, ProviderId, Scope};
use crm_providers::budget::Limits;
use crm_providers::providers::{NewProvider, ProviderConfig, ReturnPath, Security, SmtpConfig};
use crm_providers::{
    Carrier, OutboundPolicy, Outcome, Provider, ProviderKind, Providers, ProvidersError,
    SeaProviders,
};
use support::{TestDb, both_databases};

use super::{Bench, NOW, message, plain, practice_provider, smtp, vault};

async fn defaults(providers: &SeaProviders, scope: &Scope) -> Vec<ProviderId> {
    let all = providers.all(scope).await.unwrap();
    let found: Vec<_> = all.iter().filter(|one| one.is_default).map(|one| one.id).collect();
    assert_eq!(all.first().map(|first| first.id), found.first().copied(), "the default is first");
    assert_eq!(
        providers.default(scope, ProviderKind::Email).await.unwrap().map(|one| one.id),
        found.first().copied()
    );
    found
}

/// Which setting `new` is refused for.
async fn wrong_field(providers: &SeaProviders, scope: &Scope, new: NewProvider) -> &'static str {
    match providers.create(scope, new).await {
        Err(ProvidersError::InvalidConfig { field, problem }) => {
            assert!(!problem.is_empty());
            field
        }
        other => panic!("{other:?}"),
    }
}

fn config(provider: &Provider) -> &SmtpConfig {
    match &provider.config {
        ProviderConfig::Smtp(config) => config,
        other => panic!("not SMTP: {other:?}"),
    }
}

both_databases! {
    async fn a_workspace_has_one_default(db: TestDb) {
        let bench = Bench::on(db).await;
        let (scope, providers) = (bench.workspace().await, bench.providers());
        assert!(defaults(&providers, &scope).await.is_empty());

        let first = providers.create(&scope, practice_provider()).await.unwrap();
        assert!(first.is_default, "the first one becomes it");
        assert_eq!(first.name, "Practice outbox");
        let second = providers.create(&scope, smtp(plain(2525), None)).await.unwrap();
        assert_eq!(defaults(&providers, &scope).await, [first.id]);
        let third = NewProvider { webhook_key: None, is_default: true, ..smtp(plain(2526), None) };
        let third = providers.create(&scope, third).await.unwrap();
        assert_eq!(defaults(&providers, &scope).await, [third.id]);

        let chosen = NewProvider { webhook_key: None, is_default: true, ..smtp(plain(2525), None) };
        providers.update(&scope, second.id, None, chosen).await.unwrap().unwrap();
        assert_eq!(defaults(&providers, &scope).await, [second.id]);
        providers.update(&scope, second.id, None, smtp(plain(2525), None)).await.unwrap().unwrap();
        assert_eq!(defaults(&providers, &scope).await, [second.id], "it moves, it does not end");

        assert!(providers.delete(&scope, second.id).await.unwrap());
        assert_eq!(defaults(&providers, &scope).await, [first.id], "the oldest takes its place");
        assert!(!providers.delete(&scope, second.id).await.unwrap());
    }

    async fn settings_are_brought_into_form_and_kept(db: TestDb) {
        let bench = Bench::on(db).await;
        let (scope, providers) = (bench.workspace().await, bench.providers());
        let typed = SmtpConfig {
            host: " 127.0.0.1 ".to_owned(),
            from_email: " Hello@Kornfeld.Example ".to_owned(),
            from_name: " Kornfeld ".to_owned(),
            reply_to: Some(" ".to_owned()),
            username: Some(" andy ".to_owned()),
            rate_per_minute: Some(60),
            rate_per_day: Some(2000),
            warm_up_from: Some(50),
            return_path: ReturnPath::Mailbox,
            ..plain(2525)
        };
        let made = providers.create(&scope, smtp(typed, Some("hunter2"))).await.unwrap();
        let kept = config(&made).clone();
        assert_eq!(kept.host, "127.0.0.1");
        assert_eq!(kept.from_email, "hello@kornfeld.example");
        assert_eq!(kept.from_name, "Kornfeld");
        assert_eq!((kept.reply_to.clone(), kept.username.as_deref()), (None, Some("andy")));
        assert!(made.has_secret && made.last_checked_at.is_none());
        assert_eq!(made.created_at.to_string(), NOW);
        let limits = Limits { per_minute: Some(60), per_day: Some(2000), warm_up_from: Some(50) };
        assert_eq!(providers.limits(&scope, made.id).await.unwrap(), limits);
        let read = providers.get(&scope, made.id).await.unwrap().unwrap();
        assert_eq!((read.name.as_str(), config(&read)), ("Own mail server", &kept));

        // The password stays, whatever else changes, unless it would go to another server.
        let change = SmtpConfig { connections: Some(2), ..kept.clone() };
        let changed = providers.update(&scope, made.id, None, smtp(change.clone(), None)).await.unwrap().unwrap();
        assert!(changed.has_secret && changed.updated_at > made.updated_at);
        for moved in [
            SmtpConfig { host: "127.0.0.2".to_owned(), ..change.clone() },
            SmtpConfig { username: Some("mallory".to_owned()), ..change.clone() },
        ] {
            match providers.update(&scope, made.id, None, smtp(moved, None)).await {
                Err(ProvidersError::InvalidConfig { field: "config.password", .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        let open = SmtpConfig { username: None, ..change };
        let opened = providers.update(&scope, made.id, None, smtp(open, None)).await.unwrap().unwrap();
        assert!(!opened.has_secret, "without a user name there is nothing to keep");
        let none = ProviderId::from_uuid(bench.ctx.ids.uuid());
        assert!(providers.update(&scope, none, None, practice_provider()).await.unwrap().is_none());
    }

    async fn a_wrong_setting_is_named(db: TestDb) {
        let bench = Bench::on(db).await;
        let (scope, providers) = (bench.workspace().await, bench.providers());
        let text = ToOwned::to_owned;
        let host = |host| smtp(SmtpConfig { host: text(host), ..plain(25) }, None);
        let from = |from| smtp(SmtpConfig { from_email: text(from), ..plain(25) }, None);
        let called = |name| smtp(SmtpConfig { from_name: text(name), ..plain(25) }, None);
        let reply = |to| smtp(SmtpConfig { reply_to: Some(text(to)), ..plain(25) }, None);
        let user = |name| smtp(SmtpConfig { username: Some(text(name)), ..plain(25) }, None);
        let open = |n| smtp(SmtpConfig { connections: Some(n), ..plain(25) }, None);
        let minute = SmtpConfig { rate_per_minute: Some(0), ..plain(25) };
        let day = SmtpConfig { rate_per_day: Some(0), ..plain(25) };
        let warm = SmtpConfig { warm_up_from: Some(0), ..plain(25) };
        for (new, field) in [
            (host(""), "config.host"),
            (host("mail.example.com:25"), "config.host"),
            (host("http://mail.example.com"), "config.host"),
            (host("mail example"), "config.host"),
            (smtp(plain(0), None), "config.port"),
            (from("nobody"), "config.from_email"),
            (from("a@x.org\r\nBcc: b@x.org"), "config.from_email"),
            (called("A\nB"), "config.from_name"),
            (reply("x"), "config.reply_to"),
            (user("a\0b"), "config.username"),
            (user("andy"), "config.password"),
            (smtp(plain(25), Some("hunter2")), "config.username"),
            (open(0), "config.connections"),
            (open(21), "config.connections"),
            (smtp(minute, None), "config.rate_per_minute"),
            (smtp(day, None), "config.rate_per_day"),
            (smtp(warm, None), "config.warm_up_from"),
        ] {
            assert_eq!(wrong_field(&providers, &scope, new).await, field);
        }
        let clear = SmtpConfig {
            host: "8.8.8.8".to_owned(),
            username: Some("andy".to_owned()),
            security: Security::None,
            ..plain(25)
        };
        assert_eq!(wrong_field(&providers, &scope, smtp(clear, Some("p"))).await, "config.security");
        assert!(providers.all(&scope).await.unwrap().is_empty());
    }

    async fn a_private_host_is_refused_when_it_is_saved(db: TestDb) {
        let bench = Bench::on(db).await;
        let scope = bench.workspace().await;
        let strict = |ctx: &Context| {
            SeaProviders::new(ctx.clone(), vault(), OutboundPolicy::default(), None)
        };
        let providers = strict(&bench.ctx);
        for host in ["127.0.0.1", "0x7f000001", "localhost", "[::1]", "192.168.1.1", "::ffff:10.0.0.1"] {
            let config = SmtpConfig { host: host.to_owned(), ..plain(25) };
            match providers.create(&scope, smtp(config, None)).await {
                Err(ProvidersError::OutboundBlocked(named)) => {
                    assert_eq!(named, host.trim_matches(['[', ']']));
                }
                other => panic!("{host}: {other:?}"),
            }
        }
        let public = SmtpConfig { host: "8.8.8.8".to_owned(), ..plain(25) };
        let public = providers.create(&scope, smtp(public, None)).await.unwrap();
        let moved = providers.update(&scope, public.id, None, smtp(plain(25), None)).await;
        assert!(matches!(moved, Err(ProvidersError::OutboundBlocked(_))), "{moved:?}");

        // What was allowed once is looked at again before it is connected to.
        let allowed = bench.providers().create(&scope, smtp(plain(25), None)).await.unwrap();
        let tested = providers.test(&scope, allowed.id, "ada@example.org").await;
        assert!(matches!(tested, Err(ProvidersError::OutboundBlocked(_))), "{tested:?}");
        let opened = providers.open(&scope, allowed.id).await.unwrap().and_then(Carrier::email).unwrap();
        let outcome = opened.send(&message(&scope, "ada@example.org")).await;
        assert!(matches!(outcome, Outcome::Blocked { .. }), "{outcome:?}");
    }

    async fn another_workspace_sees_nothing(db: TestDb) {
        let bench = Bench::on(db).await;
        let (ours, theirs) = (bench.workspace().await, bench.workspace().await);
        let providers = bench.providers();
        let made = providers.create(&ours, smtp(plain(2525), None)).await.unwrap();
        let first = providers.create(&theirs, practice_provider()).await.unwrap();
        assert!(first.is_default);

        assert!(providers.get(&theirs, made.id).await.unwrap().is_none());
        assert!(providers.open(&theirs, made.id).await.unwrap().is_none());
        assert!(providers.test(&theirs, made.id, "a@x.org").await.unwrap().is_none());
        assert!(providers.update(&theirs, made.id, None, practice_provider()).await.unwrap().is_none());
        assert!(!providers.delete(&theirs, made.id).await.unwrap());
        providers.note_result(&theirs, made.id, Some("x".to_owned())).await.unwrap();
        let still = providers.get(&ours, made.id).await.unwrap().unwrap();
        assert!(still.is_default && still.last_error.is_none());
    }

    async fn a_provider_in_use_stays(db: TestDb) {
        let bench = Bench::on(db).await;
        let (scope, providers) = (bench.workspace().await, bench.providers());
        let mut made = providers.create(&scope, smtp(plain(2525), None)).await.unwrap();
        let workspace = scope.workspace_id();
        bench.run(&format!(
            "INSERT INTO campaigns (id, workspace_id, name, type, segment_json, status, provider_id, created_at, updated_at) \
             VALUES ('{}', '{workspace}', 'C', 'email', '{{}}', 'draft', NULL, '{NOW}', '{NOW}')", bench.ctx.ids.uuid()
        )).await;
        let named = format!("'{}'", made.id);
        for (status, provider, in_use) in [
            ("draft", named.as_str(), true),
            ("paused", &named, true),
            ("sending", "NULL", true),
            ("approved", "NULL", true),
            ("sent", &named, false),
            ("draft", "NULL", false),
        ] {
            bench.run(&format!("UPDATE campaigns SET status = '{status}', provider_id = {provider}")).await;
            let deleted = providers.delete(&scope, made.id).await;
            if in_use {
                assert!(matches!(deleted, Err(ProvidersError::InUse)), "{status}: {deleted:?}");
            } else {
                assert!(deleted.unwrap(), "{status} {provider}");
                made = providers.create(&scope, smtp(plain(2525), None)).await.unwrap();
            }
        }
    }

    async fn results_are_noted_without_reopening(db: TestDb) {
        let bench = Bench::on(db).await;
        let (scope, providers) = (bench.workspace().await, bench.providers());
        let made = providers.create(&scope, smtp(plain(2525), None)).await.unwrap();
        let opened = providers.open(&scope, made.id).await.unwrap().and_then(Carrier::email).unwrap();
        let long = "é".repeat(3000);
        providers.note_result(&scope, made.id, Some(long)).await.unwrap();
        let noted = providers.get(&scope, made.id).await.unwrap().unwrap();
        assert_eq!(noted.last_error.unwrap().chars().count(), 1000);
        assert_eq!(noted.last_checked_at.unwrap().to_string(), NOW);
        let again = providers.open(&scope, made.id).await.unwrap().and_then(Carrier::email).unwrap();
        assert!(std::sync::Arc::ptr_eq(&opened, &again), "the same connections");

        providers.note_result(&scope, made.id, None).await.unwrap();
        assert!(providers.get(&scope, made.id).await.unwrap().unwrap().last_error.is_none());
        let change = smtp(SmtpConfig { from_name: "New".to_owned(), ..plain(2525) }, None);
        providers.update(&scope, made.id, None, change).await.unwrap().unwrap();
        let other = providers.open(&scope, made.id).await.unwrap().and_then(Carrier::email).unwrap();
        assert!(!std::sync::Arc::ptr_eq(&opened, &other), "changed settings are opened anew");
        assert_eq!(other.sender().name, "New");
    }
}

//! How it stands with a provider, whoever sends through it.

use std::time::Duration;

use crm_core::{Phone, ProviderId, Scope};
use crm_providers::providers::{NewProvider, ProviderConfig, SmtpConfig, TwilioConfig};
use crm_providers::{Carrier, Outcome, OutgoingText, Provider, Providers, SeaProviders, State};
use support::smtp::SmtpSink;
use support::twilio::{ACCOUNT, TOKEN, TwilioServer};
use support::{TestDb, both_databases, wait};

use super::{Bench, message, plain, practice_provider, smtp};

const SOON: Duration = Duration::from_secs(20);

async fn get(providers: &SeaProviders, scope: &Scope, id: ProviderId) -> Provider {
    providers.get(scope, id).await.unwrap().unwrap()
}

async fn until(providers: &SeaProviders, scope: &Scope, id: ProviderId, state: State) -> Provider {
    wait::until(state.as_str(), SOON, || async {
        let now = get(providers, scope, id).await;
        (now.state == state).then_some(now)
    })
    .await
}

both_databases! {
    async fn what_is_sent_shows_how_it_stands(db: TestDb) {
        let mut sink = SmtpSink::start();
        let bench = Bench::on(db).await;
        let (scope, providers) = (bench.workspace().await, bench.providers());
        let id = providers.create(&scope, smtp(plain(sink.port()), None)).await.unwrap().id;
        let new = get(&providers, &scope, id).await;
        assert_eq!((new.state, new.last_success_at), (State::Ready, None));

        let opened = providers.open(&scope, id).await.unwrap().unwrap().email().unwrap();
        let sent = opened.send(&message(&scope, "ada@example.org")).await;
        assert!(matches!(sent, Outcome::Accepted { .. }), "{sent:?}");
        let connected = until(&providers, &scope, id, State::Connected).await;
        assert!(connected.last_success_at.is_some() && connected.last_error.is_none());
        assert_eq!(connected.version(), new.version(), "nobody has changed its settings");

        // One recipient who is refused says nothing about the server, a server that lets nobody in does.
        sink.resume(&["-f", "RCPT", "-B", "550 5.1.1 User unknown"]);
        let refused = opened.send(&message(&scope, "bob@example.org")).await;
        assert!(matches!(refused, Outcome::Permanent { .. }), "{refused:?}");
        sink.resume(&["-f", "MAIL", "-B", "550 5.7.1 You are not welcome"]);
        let blocked = opened.send(&message(&scope, "cleo@example.org")).await;
        assert!(matches!(blocked, Outcome::Blocked { .. }), "{blocked:?}");
        let failing = until(&providers, &scope, id, State::Failing).await;
        assert!(failing.last_error.unwrap().contains("You are not welcome"));
        assert_eq!(failing.last_success_at, connected.last_success_at);

        sink.resume(&[]);
        let sent = opened.send(&message(&scope, "dora@example.org")).await;
        assert!(matches!(sent, Outcome::Accepted { .. }), "{sent:?}");
        assert!(until(&providers, &scope, id, State::Connected).await.last_error.is_none());
    }

    async fn a_server_that_is_gone_shows(db: TestDb) {
        let bench = Bench::on(db).await;
        let (scope, providers) = (bench.workspace().await, bench.providers());
        let gone = SmtpConfig { port: support::ports::free(), ..plain(1) };
        let id = providers.create(&scope, smtp(gone, None)).await.unwrap().id;
        let opened = providers.open(&scope, id).await.unwrap().unwrap().email().unwrap();
        opened.send(&message(&scope, "ada@example.org")).await;
        let failing = until(&providers, &scope, id, State::Failing).await;
        assert!(failing.last_error.is_some() && failing.last_success_at.is_none());
        let practice = providers.create(&scope, practice_provider()).await.unwrap();
        assert_eq!(practice.state, State::Connected);
    }

    async fn what_is_sent_by_text_shows_how_it_stands(db: TestDb) {
        let server = TwilioServer::start("Sun, 22 Nov 2026 23:30:00 +0000").await;
        let bench = Bench::on(db).await;
        let (scope, providers) = (bench.workspace().await, bench.providers());
        let twilio = |token: &str| NewProvider {
            name: String::new(),
            config: ProviderConfig::Twilio(TwilioConfig {
                account_sid: ACCOUNT.to_owned(),
                from: Some("+12025550100".to_owned()),
                messaging_service_sid: None,
                base_url: Some(server.base().to_owned()),
                rate_per_minute: None,
                rate_per_day: None,
                parts_per_month: None,
                price_per_part: None,
            }),
            secret: Some(token.to_owned().into()),
            webhook_key: None,
            is_default: true,
        };
        let id = providers.create(&scope, twilio(TOKEN)).await.unwrap().id;
        assert_eq!(get(&providers, &scope, id).await.state, State::Ready);
        let send = async |to: &str| {
            let Some(Carrier::Text(opened)) = providers.open(&scope, id).await.unwrap() else { panic!() };
            let text = OutgoingText {
                recipient_id: None,
                workspace_id: scope.workspace_id(),
                campaign_id: None,
                contact_id: None,
                to: Phone::parse(to, "").unwrap(),
                body: "Hi".to_owned(),
            };
            opened.send(&text).await
        };
        let sent = send("+436641234510").await;
        assert!(matches!(sent, Outcome::Accepted { .. }), "{sent:?}");
        let connected = until(&providers, &scope, id, State::Connected).await;
        assert!(connected.last_success_at.is_some() && connected.last_error.is_none());

        // A number that is none says nothing about Twilio, a token that is refused does.
        let refused = send("+436641234501").await;
        assert!(matches!(refused, Outcome::Permanent { .. }), "{refused:?}");
        providers.update(&scope, id, None, twilio(&"0".repeat(32))).await.unwrap().unwrap();
        let blocked = send("+436641234510").await;
        assert!(matches!(blocked, Outcome::Blocked { .. }), "{blocked:?}");
        let failing = until(&providers, &scope, id, State::Failing).await;
        assert!(failing.last_error.unwrap().contains("20003"));
        assert_eq!(failing.last_success_at, connected.last_success_at);
        providers.update(&scope, id, None, twilio(TOKEN)).await.unwrap().unwrap();
        send("+436641234510").await;
        assert!(until(&providers, &scope, id, State::Connected).await.last_error.is_none());
    }
}

//! Connections are kept, shared and given up.

use std::sync::Arc;
use std::time::Duration;

use crm_providers::smtp::{SmtpProvider, Surroundings, Timeouts};
use crm_providers::{EmailProvider, Outcome};
use support::relay::Relay;
use support::smtp::SmtpSink;
use support::wait;

use super::smtp::{accepted, around, provider};
use super::{message, nowhere, plain};

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn many_messages_share_few_connections() {
    let sink = SmtpSink::start();
    let relay = Relay::to(sink.port()).await;
    let mut config = plain(relay.port());
    config.connections = Some(3);
    let provider = Arc::new(provider(&config));
    assert_eq!(provider.concurrency(), 3);

    let sending: Vec<_> = (0..60)
        .map(|number| {
            let provider = Arc::clone(&provider);
            tokio::spawn(async move {
                accepted(&provider, &format!("r{number}@example.org")).await;
            })
        })
        .collect();
    for one in sending {
        one.await.unwrap();
    }
    assert_eq!(sink.recipients().len(), 60);
    assert!(relay.seen() <= 3, "{} connections", relay.seen());

    provider.close().await;
    wait::until("the connections to end", SOON, || async { (relay.open() == 0).then_some(()) })
        .await;
}

#[tokio::test]
async fn a_refused_message_does_not_cost_the_connection() {
    let mut sink = SmtpSink::with(&["-B", "550 5.1.1 User unknown", "-f", "RCPT"]);
    let relay = Relay::to(sink.port()).await;
    let provider = provider(&plain(relay.port()));
    for _ in 0..5 {
        let outcome = provider.send(&message(&nowhere(), "nobody@example.org")).await;
        assert!(matches!(outcome, Outcome::Permanent { suppress: true, .. }), "{outcome:?}");
    }
    assert_eq!(relay.seen(), 1);

    // The server restarts: the kept connection is dead, which must cost no message.
    sink.resume(&[]);
    accepted(&provider, "ada@example.org").await;
    assert_eq!(relay.seen(), 2);
    assert_eq!(sink.recipients(), ["ada@example.org"]);
}

#[tokio::test]
async fn what_waited_too_long_is_not_used_again() {
    let sink = SmtpSink::start();
    let relay = Relay::to(sink.port()).await;
    let timeouts = Timeouts { idle: Duration::ZERO, ..around().timeouts };
    let surroundings = Surroundings { timeouts, ..around() };
    let provider = SmtpProvider::new(&plain(relay.port()), None, surroundings).unwrap();
    for number in 0..4 {
        accepted(&provider, &format!("r{number}@example.org")).await;
    }
    assert_eq!(sink.recipients().len(), 4);
    assert_eq!(relay.seen(), 4);
}

#[tokio::test]
async fn an_idle_connection_ends() {
    let sink = SmtpSink::start();
    let relay = Relay::to(sink.port()).await;
    let timeouts = Timeouts { idle: Duration::from_millis(300), ..around().timeouts };
    let surroundings = Surroundings { timeouts, ..around() };
    let provider = SmtpProvider::new(&plain(relay.port()), None, surroundings).unwrap();
    for expected in 1..=2 {
        accepted(&provider, "ada@example.org").await;
        assert_eq!(relay.seen(), expected);
        wait::until("the idle connection to end", SOON, || async {
            (relay.open() == 0).then_some(())
        })
        .await;
    }
}

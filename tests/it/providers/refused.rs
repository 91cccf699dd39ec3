//! What each failure of a server becomes: it depends on whether the message was handed over.

use std::time::{Duration, Instant};

use crm_providers::providers::SmtpConfig;
use crm_providers::smtp::{SmtpProvider, Surroundings, Timeouts};
use crm_providers::{EmailProvider, OutboundPolicy, Outcome};
use support::smtp::SmtpSink;

use super::smtp::{around, provider};
use super::{message, nowhere, plain};

/// Sends one message to a server with these options of smtp-sink(1).
async fn outcome(options: &[&str]) -> Outcome {
    let sink = SmtpSink::with(options);
    provider(&plain(sink.port())).send(&message(&nowhere(), "ada@example.org")).await
}

fn transient(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Transient { kind, .. } => kind,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_unknown_user_fails_for_good_and_is_not_written_to_again() {
    let said = outcome(&["-B", "550 5.1.1 User unknown", "-f", "RCPT"]).await;
    let expected = Outcome::Permanent {
        kind: "smtp 550".to_owned(),
        message: "550 5.1.1 User unknown".to_owned(),
        suppress: true,
    };
    assert_eq!(said, expected);
}

#[tokio::test]
async fn a_refusal_by_policy_does_not_blame_the_address() {
    for command in ["RCPT", "DATA", "."] {
        let said = outcome(&["-B", "554 5.7.1 Blocked by policy", "-f", command]).await;
        let Outcome::Permanent { kind, suppress, .. } = said else { panic!("{command}: {said:?}") };
        assert_eq!((kind.as_str(), suppress), ("smtp 554", false), "{command}");
    }
}

#[tokio::test]
async fn a_refused_sender_blames_nobody_else() {
    let said = outcome(&["-B", "550 5.7.1 Sender not allowed", "-f", "MAIL"]).await;
    let Outcome::Blocked { kind, message } = said else { panic!("{said:?}") };
    assert_eq!(kind, "sender");
    assert!(message.contains("Sender not allowed"), "{message}");
}

#[tokio::test]
async fn greylisting_waits() {
    let said = outcome(&["-b", "451 4.7.1 Greylisted, try again", "-r", "RCPT"]).await;
    assert_eq!(transient(&said), "smtp 451");
    let said = outcome(&["-b", "452 4.3.1 Disk full", "-r", "."]).await;
    assert_eq!(transient(&said), "smtp 452");
}

#[tokio::test]
async fn a_server_that_closes_for_now_is_asked_again_later() {
    for command in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        assert_eq!(transient(&outcome(&["-Q", command]).await), "smtp 421", "{command}");
    }
}

#[tokio::test]
async fn a_lost_connection_is_ambiguous_only_after_the_message() {
    for command in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"] {
        assert_eq!(transient(&outcome(&["-q", command]).await), "connect", "{command}");
    }
    let said = outcome(&["-q", "."]).await;
    assert!(matches!(said, Outcome::Unknown { .. }), "{said:?}");
}

#[tokio::test]
async fn silence_is_ambiguous_only_after_the_message() {
    let limit = Duration::from_secs(2);
    let timeouts = Timeouts { connect: limit, send: limit, idle: limit };
    for (delayed, ambiguous) in [
        ("connect:20", false),
        ("ehlo:20", false),
        ("rcpt:20", false),
        ("data:20", false),
        (".:20", true),
    ] {
        let sink = SmtpSink::with(&["-W", delayed]);
        let provider =
            SmtpProvider::new(&plain(sink.port()), None, Surroundings { timeouts, ..around() })
                .unwrap();
        let begin = Instant::now();
        let said = provider.send(&message(&nowhere(), "ada@example.org")).await;
        assert!(begin.elapsed() < 2 * limit, "{delayed}: {:?}", begin.elapsed());
        if ambiguous {
            assert!(matches!(said, Outcome::Unknown { .. }), "{delayed}: {said:?}");
        } else {
            assert_eq!(transient(&said), "timeout", "{delayed}");
        }
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_asked_again_later() {
    let mut sink = SmtpSink::start();
    sink.stop();
    let said = provider(&plain(sink.port())).send(&message(&nowhere(), "ada@example.org")).await;
    assert_eq!(transient(&said), "connect");
    let config = SmtpConfig { host: "no-such-host.invalid".to_owned(), ..plain(25) };
    let said = provider(&config).send(&message(&nowhere(), "ada@example.org")).await;
    assert_eq!(transient(&said), "connect");
}

#[tokio::test]
async fn a_used_up_quota_stops_the_campaign() {
    let said = outcome(&["-B", "550 5.4.5 Daily user sending limit exceeded", "-f", "."]).await;
    let Outcome::Blocked { kind, message } = said else { panic!("{said:?}") };
    assert_eq!(kind, "quota");
    assert!(message.contains("Daily user sending limit exceeded"), "{message}");
}

#[tokio::test]
async fn a_private_host_that_is_not_allowed_is_never_reached() {
    let sink = SmtpSink::start();
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "::ffff:127.0.0.1"] {
        let config = SmtpConfig { host: host.to_owned(), ..plain(sink.port()) };
        let around = Surroundings { outbound: OutboundPolicy::default(), ..around() };
        let provider = SmtpProvider::new(&config, None, around).unwrap();
        let said = provider.send(&message(&nowhere(), "ada@example.org")).await;
        let Outcome::Blocked { kind, .. } = said else { panic!("{host}: {said:?}") };
        assert_eq!(kind, "outbound");
    }
    assert!(sink.received().is_empty());
}

//! A message over SMTP arrives whole.

use std::sync::Arc;
use std::time::Duration;

use crm_core::clock::FakeClock;
use crm_providers::providers::SmtpConfig;
use crm_providers::smtp::{SmtpProvider, Surroundings, Timeouts, Trust};
use crm_providers::{EmailProvider, Outcome};
use secrecy::SecretString;
use support::smtp::SmtpSink;

use super::{loopback, message, now, nowhere, plain};

/// What the program gives a provider, with little patience.
pub fn around() -> Surroundings {
    Surroundings {
        clock: Arc::new(FakeClock::new(now())),
        outbound: loopback(),
        trust: Trust::system(),
        public_host: Some("crm.kornfeld.example".to_owned()),
        timeouts: Timeouts {
            connect: Duration::from_secs(10),
            send: Duration::from_secs(10),
            idle: Duration::from_secs(30),
        },
        runtime: tokio::runtime::Handle::current(),
    }
}

pub fn provider(config: &SmtpConfig) -> SmtpProvider {
    SmtpProvider::new(config, None, around()).unwrap()
}

pub fn with_password(config: &SmtpConfig, password: &str, around: Surroundings) -> SmtpProvider {
    SmtpProvider::new(config, Some(SecretString::from(password)), around).unwrap()
}

/// Sends one message and requires that it was accepted.
pub async fn accepted(provider: &SmtpProvider, to: &str) -> Option<String> {
    match provider.send(&message(&nowhere(), to)).await {
        Outcome::Accepted { provider_id } => provider_id,
        other => panic!("{to}: {other:?}"),
    }
}

#[tokio::test]
async fn a_message_arrives_with_both_parts_and_its_headers() {
    let sink = SmtpSink::start();
    let mut config = plain(sink.port());
    config.reply_to = Some("office@kornfeld.example".to_owned());
    let provider = provider(&config);
    let sent = message(&nowhere(), "ada@example.org");

    let Outcome::Accepted { provider_id } = provider.send(&sent).await else { panic!("refused") };
    assert!(provider_id.unwrap().starts_with("250 "));

    let received = sink.received();
    let [got] = &received[..] else { panic!("{received:?}") };
    assert_eq!(got.mail_from, "hello@kornfeld.example");
    assert_eq!(got.rcpt_to, ["ada@example.org"]);
    assert_eq!(got.message_id(), sent.message_id);
    let read = got.message();
    assert_eq!(read.subject(), Some("Winter rye is in, Θεοδώρα"));
    assert_eq!(read.from().unwrap().first().unwrap().name(), Some("Kornfeld Mühle"));
    assert_eq!(read.to().unwrap().first().unwrap().name(), Some("Θεοδώρα"));
    assert_eq!(read.date().unwrap().to_rfc3339(), "2026-11-22T23:30:00Z");
    assert_eq!(got.header("Reply-To"), "<office@kornfeld.example>");
    assert_eq!(
        got.header("List-Unsubscribe"),
        "<https://crm.kornfeld.example/u/token>, \
         <mailto:hello@kornfeld.example?subject=unsubscribe%20token>"
    );
    assert_eq!(got.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert_eq!(got.header("Bcc"), "");
    assert!(got.header("Content-Type").starts_with("multipart/alternative"));
    assert_eq!(read.body_html(0).unwrap().trim(), sent.html);
    let text = read.body_text(0).unwrap().replace("\r\n", "\n");
    assert_eq!(text.trim_end(), sent.text.trim_end(), "the lone dot survives");
    assert_eq!(provider.concurrency(), 4);
}

#[tokio::test]
async fn an_address_that_not_every_server_can_carry_is_refused_here() {
    let sink = SmtpSink::start();
    let provider = provider(&plain(sink.port()));
    let sent = message(&nowhere(), "jörg@example.org");
    let outcome = provider.send(&sent).await;
    assert!(matches!(outcome, Outcome::Permanent { suppress: false, .. }), "{outcome:?}");
    assert!(sink.received().is_empty());
}

//! TLS and sign-in against maildev and smtp-server.

use std::sync::Arc;

use crm_providers::providers::{Security, SmtpConfig};
use crm_providers::smtp::{Surroundings, Trust};
use crm_providers::{EmailProvider, Outcome};
use support::smtp::SmtpSink;
use support::smtp::tls::{Certificates, Maildev, PASSWORD, Security as Offer, StartTls, USER};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::smtp::{accepted, around, provider, with_password};
use super::{message, nowhere, plain};

/// Believes this authority alone.
pub fn trusting(certificates: &Certificates) -> Surroundings {
    let mut roots = RootCertStore::empty();
    for authority in CertificateDer::pem_file_iter(certificates.authority()).unwrap() {
        roots.add(authority.unwrap()).unwrap();
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Surroundings { trust: Trust::of(TlsConnector::from(Arc::new(config))), ..around() }
}

fn secured(port: u16, security: Security) -> SmtpConfig {
    SmtpConfig { security, username: Some(USER.to_owned()), ..plain(port) }
}

async fn outcome(config: &SmtpConfig, password: &str, around: Surroundings) -> Outcome {
    with_password(config, password, around).send(&message(&nowhere(), "ada@example.org")).await
}

fn kind(outcome: &Outcome) -> (&str, &str) {
    match outcome {
        Outcome::Transient { kind, .. } => ("transient", kind),
        Outcome::Blocked { kind, .. } => ("blocked", kind),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn starttls_secures_and_signs_in() {
    let certificates = Certificates::make();
    let server = StartTls::start(&certificates);
    let config = secured(server.port(), Security::Starttls);
    let provider = with_password(&config, PASSWORD, trusting(&certificates));
    accepted(&provider, "ada@example.org").await;
    accepted(&provider, "grace@example.org").await;
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].rcpt_to, ["ada@example.org"]);

    let said = outcome(&config, "wrong", trusting(&certificates)).await;
    assert_eq!(kind(&said), ("blocked", "authentication"));
    let said = outcome(&config, PASSWORD, trusting(&Certificates::make())).await;
    assert_eq!(kind(&said), ("transient", "tls"));
    let said = outcome(&config, PASSWORD, around()).await;
    assert_eq!(kind(&said), ("transient", "tls"), "nor does the machine know our authority");
    let unnamed = SmtpConfig { host: "127.0.0.2".to_owned(), ..config.clone() };
    let said = outcome(&unnamed, PASSWORD, trusting(&certificates)).await;
    assert!(matches!(said, Outcome::Transient { .. }), "{said:?}");
    assert_eq!(server.received().len(), 2);

    // Without a user name the server says that it wants one.
    let anonymous = SmtpConfig { username: None, ..config };
    let said = outcome(&anonymous, PASSWORD, trusting(&certificates)).await;
    assert_eq!(kind(&said), ("blocked", "authentication"));
}

#[tokio::test]
async fn tls_from_the_first_byte_secures_and_signs_in() {
    let certificates = Certificates::make();
    let maildev = Maildev::start(Offer::TlsWithAuth, &certificates).await;
    let config = secured(maildev.port(), Security::Tls);
    let provider = with_password(&config, PASSWORD, trusting(&certificates));
    accepted(&provider, "ada@example.org").await;
    let messages = maildev.messages().await;
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert_eq!(messages[0]["subject"], "Winter rye is in, Θεοδώρα");

    let said = outcome(&config, "wrong", trusting(&certificates)).await;
    assert_eq!(kind(&said), ("blocked", "authentication"));
    let said = outcome(&config, PASSWORD, trusting(&Certificates::make())).await;
    assert_eq!(kind(&said), ("transient", "tls"));
    assert_eq!(maildev.messages().await.len(), 1);
}

#[tokio::test]
async fn without_starttls_nothing_is_sent_in_clear() {
    let sink = SmtpSink::start();
    let config = secured(sink.port(), Security::Starttls);
    let said = outcome(&config, PASSWORD, around()).await;
    assert_eq!(kind(&said), ("transient", "tls"));
    let anonymous = SmtpConfig { username: None, ..config };
    let said = provider(&anonymous).send(&message(&nowhere(), "ada@example.org")).await;
    assert_eq!(kind(&said), ("transient", "tls"));
    assert!(sink.received().is_empty());
}

#[tokio::test]
async fn a_server_without_a_sign_in_blocks() {
    let sink = SmtpSink::with(&["-a"]);
    let config = secured(sink.port(), Security::None);
    let said = outcome(&config, PASSWORD, around()).await;
    assert_eq!(kind(&said), ("blocked", "authentication"));
}

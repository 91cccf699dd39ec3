//! Mail that means harm, servers that misbehave, and a mailbox that is renumbered.

use std::time::{Duration, SystemTime};

use crm_campaigns::IncomingMail as _;
use crm_campaigns::MailboxError;
use crm_campaigns::mailbox::{Found, MailboxState, NewMailbox, SeaIncomingMail};
use crm_core::Clock as _;
use crm_core::accounts::NewWorkspace;
use crm_providers::imap::ImapPlace;
use crm_providers::providers::Security;
use crm_providers::smtp::Trust;
use support::both_databases;
use support::imap::{Dovecot, USER};
use support::smtp::SmtpSink;
use support::smtp::tls::Certificates;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::mailbox::{
    PATIENCE, answer, look, mailbox, message_id, people, reading, report, sent, set, suppressed,
};
use super::relay::Relay;
use super::rig::{Rig, SOON, smtp};
use crate::providers::tls::trusting;

const FAILED: &str = "Final-Recipient: rfc822; ada@taken.example\nAction: failed\nStatus: 5.1.1\n";

/// The last failed step of a look, with its words.
async fn failing(rig: &Rig, incoming: &SeaIncomingMail) -> (String, String) {
    let look = incoming.check(&rig.scope).await.unwrap();
    let step = look.steps.last().unwrap();
    assert!(!step.ok, "{:?}", look.steps);
    let stored = incoming.get(&rig.scope).await.unwrap().unwrap();
    assert_eq!(stored.state, MailboxState::Failing);
    assert!(stored.last_error.unwrap().contains(&step.message), "{}", step.message);
    (step.step.to_owned(), step.message.clone())
}

fn with(new: NewMailbox, change: impl FnOnce(&mut ImapPlace)) -> NewMailbox {
    let mut new = new;
    change(&mut new.place);
    new
}

both_databases! {
    async fn hostile_mail_changes_nothing_and_stops_nothing(rig: Rig) {
        let (dovecot, sink) = (Dovecot::start(&Certificates::make()), SmtpSink::start());
        let incoming = reading(&rig, &dovecot).await;
        people(&rig, &["ada@taken.example"]).await;
        sent(&rig, smtp(sink.port())).await;
        let about = message_id(&rig, "ada@taken.example").await;
        let now = SystemTime::now();
        dovecot.deliver(&"Content-Type: message/rfc822\n\n".repeat(20_000));
        let nested: String = (0..3_000)
            .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"))
            .fold(String::new(), |all, part| all + &part);
        dovecot.deliver(&format!("{nested}\n\n{FAILED}"));
        dovecot.deliver_at(b"\xff\xfe\0\0: \0\n\n\0", now);
        dovecot.deliver_at(b"", now);
        // What PostgreSQL cannot keep, and what a page must not run.
        let odd = answer("n\0ul@t", &about, "Subject: \0<script>alert(1)</script>\n", "a\0b \u{202e}c");
        dovecot.deliver_at(odd.as_bytes(), now);
        // Ten megabytes of which the answer is the beginning.
        let big = answer("big@t", &about, "", &format!("I attach it.\n\n{}", "x".repeat(76).repeat(140_000)));
        dovecot.deliver(&big);
        let found = look(&rig, &incoming).await;
        assert_eq!((found.messages, found.answers, found.reports), (6, 2, 0));
        assert_eq!(suppressed(&rig).await.len(), 0);
        let long = "SELECT count(*) FROM communication_logs WHERE length(CAST(content AS text)) > 30000";
        assert_eq!(rig.db.count(long).await, 0);
        assert_eq!(look(&rig, &incoming).await, Found::default());
    }

    async fn a_report_is_the_business_of_its_own_workspace_alone(rig: Rig) {
        let (dovecot, sink) = (Dovecot::start(&Certificates::make()), SmtpSink::start());
        people(&rig, &["ada@taken.example"]).await;
        sent(&rig, smtp(sink.port())).await;
        let about = message_id(&rig, "ada@taken.example").await;
        // Another workspace reads the mailbox the report comes to.
        let owner = rig.scope.user_id().unwrap();
        let accounts = &rig.services.accounts;
        let other = accounts.create_workspace(rig.scope.actor(), NewWorkspace::named("Other")).await.unwrap();
        let crm_core::accounts::Entry::Entered(theirs) = accounts.enter(owner, Some(other.id), None).await.unwrap()
        else { panic!("a workspace of their own") };
        let incoming = rig.services.incoming(Trust::system(), PATIENCE);
        incoming.save(&theirs, mailbox(dovecot.port()), None).await.unwrap();
        dovecot.deliver(&report("r@mx", &about, FAILED));
        let seen = incoming.check(&theirs).await.unwrap();
        assert_eq!(seen.found, Found { messages: 1, ..Found::default() }, "{:?}", seen.steps);
        assert_eq!((suppressed(&rig).await.len(), set(&rig, "bounced_at").await), (0, 0));
        // And each workspace sees its own mailbox alone.
        assert!(incoming.get(&rig.scope).await.unwrap().is_none());
        assert!(matches!(incoming.check(&rig.scope).await, Err(MailboxError::NotSetUp)));
        assert!(!incoming.remove(&rig.scope).await.unwrap());
        assert!(incoming.remove(&theirs).await.unwrap());
    }

    async fn a_renumbered_mailbox_is_read_again_and_nothing_happens_twice(rig: Rig) {
        let (mut dovecot, sink) = (Dovecot::start(&Certificates::make()), SmtpSink::start());
        let incoming = reading(&rig, &dovecot).await;
        people(&rig, &["ada@taken.example"]).await;
        sent(&rig, smtp(sink.port())).await;
        let about = message_id(&rig, "ada@taken.example").await;
        let now = SystemTime::UNIX_EPOCH
            + Duration::from_millis(u64::try_from(rig.clock.now().unix_millis()).unwrap());
        dovecot.deliver_at(answer("a1@t", &about, "", "Yes").as_bytes(), now);
        assert_eq!(look(&rig, &incoming).await.answers, 1);
        dovecot.deliver_at(answer("a2@t", &about, "", "No").as_bytes(), now);
        dovecot.renumber();
        incoming.save(&rig.scope, mailbox(dovecot.port()), None).await.unwrap();
        let found = look(&rig, &incoming).await;
        assert_eq!((found.messages, found.answers), (2, 1), "the second is new, the first is known");
        assert_eq!(rig.db.count("SELECT uid_validity FROM workspace_mailboxes").await, 4711);
        assert_eq!(look(&rig, &incoming).await, Found::default());
    }

    async fn one_process_reads_at_a_time_and_whoever_lost_the_right_keeps_nothing(rig: Rig) {
        let (dovecot, sink) = (Dovecot::start(&Certificates::make()), SmtpSink::start());
        let relay = Relay::to(dovecot.port(), Duration::ZERO).await;
        let incoming = reading(&rig, &dovecot).await;
        people(&rig, &["ada@taken.example"]).await;
        sent(&rig, smtp(sink.port())).await;
        let about = message_id(&rig, "ada@taken.example").await;
        dovecot.deliver(&answer("a1@t", &about, "", "Yes"));
        incoming.save(&rig.scope, mailbox(relay.port()), None).await.unwrap();
        relay.close();
        let slow = tokio::spawn({
            let (incoming, scope) = (incoming.clone(), rig.scope.clone());
            async move { incoming.check(&scope).await }
        });
        support::wait::until("somebody to read", SOON, || async {
            let held = "SELECT count(*) FROM workspace_mailboxes WHERE lease_token IS NOT NULL";
            (rig.db.count(held).await == 1).then_some(())
        })
        .await;
        assert!(matches!(incoming.check(&rig.scope).await, Err(MailboxError::Busy)));
        assert_eq!(incoming.read_due().await.unwrap(), 0);
        // The right is given to another one, who reads; the first then finds that it is not theirs any more.
        rig.run("UPDATE workspace_mailboxes SET lease_until = '2026-01-01T00:00:00.000Z'").await;
        let other = tokio::spawn({
            let (incoming, scope) = (incoming.clone(), rig.scope.clone());
            async move { incoming.check(&scope).await }
        });
        relay.open();
        let (slow, other) = (slow.await.unwrap().unwrap(), other.await.unwrap().unwrap());
        assert_eq!(slow.found.answers + other.found.answers, 1, "{slow:?} {other:?}");
        let answers = "SELECT count(*) FROM inbound_messages";
        assert_eq!(rig.db.count(answers).await, 1);
        assert_eq!(set(&rig, "replied_at").await, 1);
    }

    async fn trouble_is_told_in_the_servers_words_and_not_asked_for_again_at_once(rig: Rig) {
        let certificates = Certificates::make();
        let mut dovecot = Dovecot::start(&certificates);
        let incoming = rig.services.incoming(trusting(&certificates).trust, Duration::from_secs(6));
        let save = async |new: NewMailbox| incoming.save(&rig.scope, new, None).await.unwrap();

        let wrong = NewMailbox { password: Some("wrong".to_owned().into()), ..mailbox(dovecot.port()) };
        save(wrong).await;
        assert_eq!(incoming.read_due().await.unwrap(), 1);
        assert_eq!(incoming.read_due().await.unwrap(), 0, "not asked again at once");
        let (step, words) = failing(&rig, &incoming).await;
        assert_eq!(step, "sign_in");
        assert!(words.contains("AUTHENTICATIONFAILED") || words.contains("Authentication failed"), "{words}");
        rig.clock.advance(Duration::from_mins(3));
        assert_eq!(incoming.read_due().await.unwrap(), 0, "longer each time");
        rig.clock.advance(Duration::from_mins(4));
        assert_eq!(incoming.read_due().await.unwrap(), 1);

        save(with(mailbox(dovecot.port()), |place| place.folder = String::from("No such"))).await;
        assert_eq!(failing(&rig, &incoming).await.0, "open");
        // Both ways of TLS, and a certificate nobody vouches for.
        for (port, security) in [(dovecot.tls_port(), Security::Tls), (dovecot.port(), Security::Starttls)] {
            save(with(mailbox(port), |place| place.security = security)).await;
            look(&rig, &incoming).await;
        }
        let strict = rig.services.incoming(Trust::system(), PATIENCE);
        assert_eq!(failing(&rig, &strict).await.0, "tls");
        save(with(mailbox(dovecot.port()), |place| place.security = Security::Tls)).await;
        assert_eq!(failing(&rig, &incoming).await.0, "tls");

        // One that says nothing, one that hangs up, one that talks without end, and none at all.
        let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        save(mailbox(silent.local_addr().unwrap().port())).await;
        let seen = incoming.check(&rig.scope).await.unwrap();
        assert!(!seen.steps.iter().any(|step| step.step == "sign_in"), "{:?}", seen.steps);
        let rude = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        save(mailbox(rude.local_addr().unwrap().port())).await;
        tokio::spawn(async move {
            while let Ok((stream, _)) = rude.accept().await {
                drop(stream);
            }
        });
        incoming.check(&rig.scope).await.unwrap();
        assert_eq!(incoming.get(&rig.scope).await.unwrap().unwrap().state, MailboxState::Failing);
        let endless = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        save(mailbox(endless.local_addr().unwrap().port())).await;
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = endless.accept().await {
                let line = vec![b'x'; 65_536];
                tokio::spawn(async move { while stream.write_all(&line).await.is_ok() {} });
            }
        });
        incoming.check(&rig.scope).await.unwrap();
        let said = incoming.get(&rig.scope).await.unwrap().unwrap().last_error.unwrap();
        assert!(said.contains("more than was asked for"), "{said}");
        dovecot.stop();
        save(mailbox(dovecot.port())).await;
        assert_eq!(failing(&rig, &incoming).await.0, "connect");
        dovecot.resume();
        look(&rig, &incoming).await;
    }

    async fn what_is_typed_is_checked_and_the_password_stays_where_it_belongs(rig: Rig) {
        let incoming = rig.services.incoming(Trust::system(), PATIENCE);
        let field = async |new: NewMailbox| match incoming.save(&rig.scope, new, None).await {
            Err(MailboxError::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        let good = || mailbox(143);
        assert_eq!(field(NewMailbox { address: "crm".to_owned(), ..good() }).await, "address");
        assert_eq!(field(NewMailbox { password: None, ..good() }).await, "password");
        assert_eq!(field(with(good(), |place| place.host = String::from("no host"))).await, "host");
        assert_eq!(field(with(good(), |place| place.port = 0)).await, "port");
        assert_eq!(field(with(good(), |place| place.username = String::new())).await, "username");
        assert_eq!(field(with(good(), |place| place.folder = String::from("Gel\u{f6}scht"))).await, "folder");
        let lan = with(good(), |place| place.host = String::from("192.168.1.4"));
        assert!(matches!(incoming.save(&rig.scope, lan, None).await, Err(MailboxError::OutboundBlocked(_))));
        let public = with(good(), |place| place.host = String::from("9.9.9.9"));
        assert_eq!(field(public).await, "security", "no password in clear over the internet");

        let saved = incoming.save(&rig.scope, good(), None).await.unwrap();
        let kept = NewMailbox { password: None, ..good() };
        let saved = incoming.save(&rig.scope, kept.clone(), Some(saved.version)).await.unwrap();
        let elsewhere = with(kept.clone(), |place| place.host = String::from("127.0.0.2"));
        assert_eq!(field(elsewhere).await, "password", "not to a server it was not entered for");
        let stale = saved.version - 1;
        assert!(matches!(incoming.save(&rig.scope, kept, Some(stale)).await, Err(MailboxError::Stale)));
        let stored = rig.db.texts("SELECT password_sealed FROM workspace_mailboxes").await;
        assert!(!stored[0].contains(support::imap::PASSWORD) && !stored[0].is_empty());
        let leaked = "SELECT count(*) FROM audit_logs WHERE CAST(details AS text) LIKE '%s3cret%'";
        assert_eq!(rig.db.count(leaked).await, 0);
        assert_eq!(saved.place.username, USER);
    }
}

//! Mail that comes in, from real servers: reports of Postfix, answers, complaints and wishes to hear no more in a mailbox
//! of Dovecot's.

use std::time::Duration;

use crm_campaigns::Campaigns as _;
use crm_campaigns::IncomingMail as _;
use crm_campaigns::campaigns::Schedule;
use crm_campaigns::mailbox::{Found, MailboxState, NewMailbox, SeaIncomingMail};
use crm_contacts::contacts::NewContact;
use crm_core::CampaignId;
use crm_providers::imap::ImapPlace;
use crm_providers::providers::{ProviderConfig, ReturnPath, Security, SmtpConfig};
use crm_providers::smtp::Trust;
use support::imap::{Dovecot, PASSWORD, Postfix, USER};
use support::smtp::SmtpSink;
use support::smtp::tls::Certificates;
use support::{both_databases, wait};

use super::rig::{Rig, SOON, smtp};

/// Servers of these tests answer sooner.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// A mailbox in clear at this port.
pub(super) fn mailbox(port: u16) -> NewMailbox {
    NewMailbox {
        address: "crm@acme.example".to_owned(),
        place: ImapPlace {
            host: "127.0.0.1".to_owned(),
            port,
            security: Security::None,
            username: USER.to_owned(),
            folder: "INBOX".to_owned(),
        },
        password: Some(PASSWORD.to_owned().into()),
        provider_id: None,
        is_enabled: true,
    }
}

/// The rig's mailbox at Dovecot, looked into once.
pub(super) async fn reading(rig: &Rig, dovecot: &Dovecot) -> SeaIncomingMail {
    let incoming = rig.services.incoming(Trust::system(), PATIENCE);
    incoming.save(&rig.scope, mailbox(dovecot.port()), None).await.unwrap();
    assert_eq!(look(rig, &incoming).await, Found::default());
    incoming
}

pub(super) async fn look(rig: &Rig, incoming: &SeaIncomingMail) -> Found {
    let look = incoming.check(&rig.scope).await.unwrap();
    assert!(look.steps.iter().all(|step| step.ok), "{:?}", look.steps);
    look.found
}

/// Waits until so many messages have arrived, and reads them.
async fn look_for(rig: &Rig, dovecot: &Dovecot, incoming: &SeaIncomingMail, count: usize) -> Found {
    wait::until("the mail to arrive", SOON, || async { (dovecot.count() >= count).then_some(()) })
        .await;
    look(rig, incoming).await
}

pub(super) async fn people(rig: &Rig, addresses: &[&str]) {
    for address in addresses {
        let new = NewContact {
            first_name: "Ada".to_owned(),
            primary_email: Some((*address).to_owned()),
            ..NewContact::default()
        };
        rig.services.contacts.create(&rig.scope, new).await.unwrap();
    }
}

/// A campaign to everybody, sent through a server at this port.
pub(super) async fn sent(rig: &Rig, config: SmtpConfig) -> CampaignId {
    let provider = rig.provider(ProviderConfig::Smtp(config)).await;
    let id = rig.approved(provider, Schedule::default()).await;
    rig.services.campaigns.send(&rig.scope, id).await.unwrap().unwrap();
    rig.look_at(id).await;
    rig.until_sent(id).await;
    id
}

pub(super) async fn suppressed(rig: &Rig) -> Vec<String> {
    rig.db.texts("SELECT address || ' ' || reason FROM suppressions ORDER BY address").await
}

pub(super) async fn set(rig: &Rig, column: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM campaign_recipients WHERE {column} IS NOT NULL");
    rig.db.count(&sql).await
}

pub(super) async fn message_id(rig: &Rig, address: &str) -> String {
    let sql = format!("SELECT message_id FROM campaign_recipients WHERE address = '{address}'");
    rig.db.texts(&sql).await.remove(0)
}

/// An answer to a message of ours.
pub(super) fn answer(id: &str, about: &str, head: &str, body: &str) -> String {
    format!(
        "From: Ada <ada@taken.example>\nTo: hello@acme.example\nSubject: Re: News\nMessage-ID: <{id}>\n\
         In-Reply-To: <{about}>\nReferences: <x@y.example> <{about}>\n{head}\n{body}\n"
    )
}

/// A report about a message of ours.
pub(super) fn report(id: &str, about: &str, fields: &str) -> String {
    format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: hello@acme.example\nSubject: Undelivered\n\
         Message-ID: <{id}>\nAuto-Submitted: auto-replied\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
         --b\nContent-Type: text/plain\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.example\n\n{fields}\n--b\nContent-Type: text/rfc822-headers\n\n\
         Message-ID: <{about}>\nSubject: News\n\n--b--\n"
    )
}

async fn timeline(rig: &Rig) -> Vec<String> {
    rig.db
        .texts(
            "SELECT CAST(content AS text) FROM communication_logs \
             WHERE campaign_recipient_id IS NULL AND type IN ('email', 'system') ORDER BY timestamp, id",
        )
        .await
}

both_databases! {
    async fn what_postfix_reports_stops_further_messages(rig: Rig) {
        let dovecot = Dovecot::start(&Certificates::make());
        let refusal = "550 5.1.1 User unknown";
        let Some(postfix) = Postfix::start(&dovecot, refusal) else { return };
        let incoming = reading(&rig, &dovecot).await;
        people(&rig, &["ada@taken.example", "dead@refused.example"]).await;
        // To the sender's address, and matched by the message in it.
        sent(&rig, smtp(postfix.port())).await;
        let found = look_for(&rig, &dovecot, &incoming, 1).await;
        assert_eq!(found, Found { messages: 1, reports: 1, ..Found::default() }, "{}", postfix.log());
        assert_eq!(suppressed(&rig).await, ["dead@refused.example bounced"]);
        assert_eq!(set(&rig, "bounced_at").await, 1);
        let error = "SELECT error FROM campaign_recipients WHERE bounced_at IS NOT NULL";
        assert!(rig.db.texts(error).await[0].contains("User unknown"), "the server's words");
        assert!(timeline(&rig).await[0].contains("Not delivered"), "{:?}", timeline(&rig).await);
        assert_eq!(look(&rig, &incoming).await, Found::default(), "read once");

        // To an address of its own, and matched by that.
        people(&rig, &["gone@refused.example"]).await;
        let config = SmtpConfig { return_path: ReturnPath::Mailbox, ..smtp(postfix.port()) };
        sent(&rig, config).await;
        let found = look_for(&rig, &dovecot, &incoming, 2).await;
        assert_eq!(found, Found { messages: 1, reports: 1, ..Found::default() }, "{}", postfix.log());
        assert!(postfix.log().contains("from=<crm+"), "{}", postfix.log());
        assert_eq!(
            suppressed(&rig).await,
            ["dead@refused.example bounced", "gone@refused.example bounced"]
        );
        assert_eq!(postfix.slipped_through(), 0);
        let audited = "SELECT count(*) FROM audit_logs WHERE action = 'message.bounced'";
        assert_eq!(rig.db.count(audited).await, 2);
    }

    async fn what_is_not_the_recipients_fault_suppresses_nobody(rig: Rig) {
        let (dovecot, sink) = (Dovecot::start(&Certificates::make()), SmtpSink::start());
        let incoming = reading(&rig, &dovecot).await;
        people(&rig, &["a@taken.example", "b@taken.example", "c@taken.example"]).await;
        sent(&rig, smtp(sink.port())).await;
        let fields = |to: &str, action: &str, said: &str| {
            format!("Final-Recipient: rfc822; {to}\nAction: {action}\nStatus: 5.0.0\nDiagnostic-Code: smtp; {said}\n")
        };
        let of = |n: &str| format!("{n}@taken.example");
        let ids = [
            message_id(&rig, &of("a")).await, message_id(&rig, &of("b")).await, message_id(&rig, &of("c")).await,
        ];
        // Late, a policy, and an address further on that ours only led to.
        dovecot.deliver(&report("r0@mx", &ids[0], &fields(&of("a"), "delayed", "450 4.2.0 greylisted")));
        dovecot.deliver(&report("r1@mx", &ids[1], &fields(&of("b"), "failed", "550 5.7.26 unauthenticated")));
        dovecot.deliver(&report("r2@mx", &ids[2], &fields("x@else.example", "failed", "550 5.1.1 unknown")));
        assert_eq!(look(&rig, &incoming).await, Found { messages: 3, reports: 2, ..Found::default() });
        assert_eq!((suppressed(&rig).await.len(), set(&rig, "bounced_at").await), (0, 2));
        // What comes late changes nothing, and what nobody sent is nobody's.
        dovecot.deliver(&report("r3@mx", &ids[2], &fields(&of("c"), "failed", "550 5.1.1 unknown")));
        let forged = format!("{}@acme.example", rig.services.ctx.ids.uuid());
        dovecot.deliver(&report("r4@mx", &forged, &fields(&of("a"), "failed", "550 5.1.1 unknown")));
        dovecot.deliver(&report("r5@mx", &ids[0].replace("acme", "evil"), &fields(&of("a"), "failed", "550 5.1.1 x")));
        assert_eq!(look(&rig, &incoming).await, Found { messages: 3, reports: 1, ..Found::default() });
        assert_eq!((suppressed(&rig).await.len(), set(&rig, "bounced_at").await), (0, 2));
        // It arrived after all.
        dovecot.deliver(&report("r6@mx", &ids[0], &fields(&of("a"), "delivered", "250 2.0.0 ok")));
        assert_eq!(look(&rig, &incoming).await.reports, 1);
        assert_eq!(set(&rig, "delivered_at").await, 1);
    }

    async fn answers_stand_on_the_timeline_and_machines_do_not(rig: Rig) {
        let (dovecot, sink) = (Dovecot::start(&Certificates::make()), SmtpSink::start());
        let incoming = reading(&rig, &dovecot).await;
        people(&rig, &["ada@taken.example"]).await;
        sent(&rig, smtp(sink.port())).await;
        let about = message_id(&rig, "ada@taken.example").await;
        dovecot.deliver(&answer("a0@t", &about, "Auto-Submitted: auto-replied (vacation)\n", "I am away."));
        dovecot.deliver(&answer("a1@t", &about, "", "Yes, please.\n\nOn Monday, Acme wrote:\n> Dear Ada,\n"));
        dovecot.deliver(&answer("a1@t", &about, "", "The same once more."));
        let html = "<script>alert(1)</script><p>Two &amp; more</p>";
        dovecot.deliver(
            &answer("a2@t", &about, "Content-Type: text/html\n", html).replace("ada@taken", "bob@else"),
        );
        dovecot.deliver(&answer("a3@t", "nobody@knows", "", "Something else"));
        let found = look(&rig, &incoming).await;
        assert_eq!(found, Found { messages: 5, answers: 2, ..Found::default() });
        assert_eq!(set(&rig, "replied_at").await, 1);
        let told = timeline(&rig).await;
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.iter().any(|entry| entry.contains("Yes, please.") && !entry.contains("Monday")), "{told:?}");
        assert!(told.iter().all(|entry| entry.contains("received")), "{told:?}");
        let other = told.iter().find(|entry| entry.contains("Two & more")).unwrap();
        assert!(other.contains("Written by bob@else.example") && !other.contains("<script"), "{other}");
        assert_eq!(rig.db.count("SELECT count(*) FROM tasks").await, 0);
        // What may be the wish to hear no more is for a person.
        dovecot.deliver(&answer("a4@t", &about, "", "Please remove me from your list"));
        assert_eq!(look(&rig, &incoming).await.answers, 1);
        let tasks = rig.db.texts("SELECT title FROM tasks").await;
        assert_eq!(tasks, ["May want no more e-mail: “Please remove me from your list”"]);
        assert_eq!(suppressed(&rig).await.len(), 0);
    }

    async fn a_mail_with_the_token_unsubscribes_once(rig: Rig) {
        let (dovecot, sink) = (Dovecot::start(&Certificates::make()), SmtpSink::start());
        let incoming = reading(&rig, &dovecot).await;
        people(&rig, &["ada@taken.example", "bob@taken.example"]).await;
        sent(&rig, smtp(sink.port())).await;
        let mail = sink.received().into_iter().find(|mail| mail.rcpt_to == ["ada@taken.example"]).unwrap();
        let raw = mail.raw.replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ");
        let line = raw.lines().find(|line| line.starts_with("List-Unsubscribe:")).unwrap();
        let (_, rest) = line.split_once("<mailto:crm@acme.example?subject=").unwrap();
        let (subject, _) = rest.split_once('>').unwrap();
        let subject = subject.replace("%20", " ");
        // What a mail program sends on a click, from whatever address the person has today.
        let click = |id: &str, subject: &str| {
            format!("From: other@else.example\nTo: crm@acme.example\nMessage-ID: <{id}>\nSubject: {subject}\n\n")
        };
        dovecot.deliver(&click("u1@t", &subject));
        dovecot.deliver(&click("u2@t", &subject));
        let mut forged = subject.clone();
        forged.replace_range(forged.len() - 1.., if subject.ends_with('0') { "1" } else { "0" });
        dovecot.deliver(&click("u3@t", &forged));
        dovecot.deliver(&click("u4@t", "unsubscribe"));
        let found = look(&rig, &incoming).await;
        assert_eq!(found, Found { messages: 4, unsubscribed: 2, ..Found::default() });
        assert_eq!(suppressed(&rig).await, ["ada@taken.example unsubscribed"]);
        assert_eq!(set(&rig, "unsubscribed_at").await, 1);
        let audited = "SELECT count(*) FROM audit_logs WHERE action = 'address.unsubscribed'";
        assert_eq!(rig.db.count(audited).await, 1);
        assert_eq!(timeline(&rig).await.len(), 1);
    }

    async fn who_complains_hears_no_more(rig: Rig) {
        let (dovecot, sink) = (Dovecot::start(&Certificates::make()), SmtpSink::start());
        let incoming = reading(&rig, &dovecot).await;
        people(&rig, &["ada@taken.example", "bob@taken.example"]).await;
        sent(&rig, smtp(sink.port())).await;
        let complaint = |id: &str, about: &str, kind: &str| {
            format!(
                "From: fbl@provider.example\nTo: crm@acme.example\nMessage-ID: <{id}>\nSubject: FW: News\n\
                 Content-Type: multipart/report; report-type=feedback-report; boundary=\"b\"\n\n\
                 --b\nContent-Type: text/plain\n\nAn abuse report.\n--b\nContent-Type: message/feedback-report\n\n\
                 Feedback-Type: {kind}\nUser-Agent: x\nVersion: 1\n\n--b\nContent-Type: message/rfc822\n\n\
                 From: hello@acme.example\nMessage-ID: <{about}>\nSubject: News\n\nDear\n--b--\n"
            )
        };
        dovecot.deliver(&complaint("c1@p", &message_id(&rig, "ada@taken.example").await, "abuse"));
        dovecot.deliver(&complaint("c2@p", &message_id(&rig, "bob@taken.example").await, "not-spam"));
        let found = look(&rig, &incoming).await;
        assert_eq!(found, Found { messages: 2, complaints: 1, ..Found::default() });
        assert_eq!(suppressed(&rig).await, ["ada@taken.example complained"]);
        assert!(timeline(&rig).await[0].contains("as spam"));
    }

    async fn a_closed_machine_sends_nothing_that_leads_to_it(rig: Rig) {
        let (dovecot, sink) = (Dovecot::start(&Certificates::make()), SmtpSink::start());
        let incoming = reading(&rig, &dovecot).await;
        assert!(!incoming.is_closed(&rig.scope).await.unwrap());
        incoming.set_closed(&rig.scope, true).await.unwrap();
        assert!(incoming.is_closed(&rig.scope).await.unwrap());
        assert_eq!(incoming.get(&rig.scope).await.unwrap().unwrap().state, MailboxState::Connected);
        people(&rig, &["ada@taken.example"]).await;
        sent(&rig, smtp(sink.port())).await;
        let raw = &sink.received()[0].raw;
        assert!(raw.contains("mailto:crm@acme.example") && !raw.contains("One-Click"), "{raw}");
        assert_eq!(sink.received()[0].mail_from, "hello@acme.example");
    }
}

//! Messages to one person through the same engine: held for ten seconds, taken back, sent once, and killed in between.

use std::time::Duration;

use crm_campaigns::campaigns::{Campaigns, UnknownDecision};
use crm_campaigns::messages::{HOLD, Message, MessageState as S, NewMessage};
use crm_campaigns::suppressions::{NewEntry, Reason};
use crm_campaigns::templates::Channel;
use crm_campaigns::{Engine, Messages, MessagesError, Suppressions};
use crm_core::{EmailAddress, RecipientId};
use crm_providers::providers::{NewProvider, ProviderConfig, SmtpConfig};
use serde_json::{Value, json};
use support::smtp::SmtpSink;
use support::{Backend, both_databases, wait};

use super::relay::Relay;
use super::rig::{Rig, SOON, address, addresses, smtp};
use super::victim::Victim;

/// On PostgreSQL a silent process is given a minute before it is taken for dead.
const FINISH: Duration = Duration::from_secs(150);

fn letter(subject: &str) -> NewMessage {
    NewMessage {
        channel: Channel::Email,
        subject: subject.to_owned(),
        body: "Dear {{ contact.first_name }},\n\nall is well.".to_owned(),
        template_id: None,
        despite_unsubscribed: false,
        despite_quiet_hours: false,
    }
}

async fn default_smtp(rig: &Rig, config: SmtpConfig) {
    let config = ProviderConfig::Smtp(config);
    let new = NewProvider {
        webhook_key: None,
        name: String::new(),
        config,
        secret: None,
        is_default: true,
    };
    rig.services.providers.create(&rig.scope, new).await.unwrap();
}

/// Writes a message to contact `number` and lets the engine know.
async fn write(rig: &Rig, number: usize, new: NewMessage) -> Result<Message, MessagesError> {
    let id = rig.db.texts("SELECT id FROM base_contacts ORDER BY primary_email").await[number]
        .parse()
        .unwrap();
    let message = rig.services.messages.send(&rig.scope, id, new).await?.unwrap();
    look(rig).await;
    Ok(message)
}

pub(super) async fn look(rig: &Rig) {
    for (workspace_id, campaign_id) in rig.engine.due().await.unwrap() {
        rig.engine.look_at(workspace_id, campaign_id).await.unwrap();
    }
}

async fn state(rig: &Rig, id: RecipientId) -> S {
    rig.services.messages.get(&rig.scope, id).await.unwrap().unwrap().state
}

pub(super) async fn until(rig: &Rig, id: RecipientId, wanted: S) {
    wait::until(&format!("{wanted:?}"), SOON, || async {
        (state(rig, id).await == wanted).then_some(())
    })
    .await;
}

async fn unsubscribe(rig: &Rig, number: usize) {
    let who = EmailAddress::parse(&address(number)).unwrap();
    rig.services.campaigns.unsubscribe(&rig.scope, &who.into(), None).await.unwrap();
}

both_databases! {
    async fn a_message_is_held_for_ten_seconds_and_leaves_once(rig: Rig) {
        let sink = SmtpSink::start();
        rig.contacts(1).await;
        default_smtp(&rig, smtp(sink.port())).await;
        let message = write(&rig, 0, letter("For {{ contact.first_name }}")).await.unwrap();
        assert_eq!((message.state, message.held_until), (S::Held, Some(rig.services.ctx.now().plus(HOLD))));
        rig.clock.advance(Duration::from_millis(9_999));
        look(&rig).await;
        assert_eq!((state(&rig, message.id).await, sink.recipients().len()), (S::Held, 0));
        rig.clock.advance(Duration::from_millis(1));
        until(&rig, message.id, S::Sent).await;
        look(&rig).await;
        assert_eq!(sink.recipients(), addresses(1));

        let received = &sink.received()[0];
        assert_eq!(received.header("Subject"), "For Rita 0");
        assert_eq!(received.header("List-Unsubscribe"), "", "nobody is on a list here");
        assert!(!received.message().body_text(0).unwrap().contains("nsubscribe"));
        assert_eq!(received.message_id(), format!("{}@acme.example", message.id));
        let log = rig.db.texts("SELECT CAST(content AS text) FROM communication_logs WHERE type = 'email'").await;
        assert!(log.len() == 1 && log[0].contains("For Rita 0") && log[0].contains("all is well"), "{log:?}");
        // It is no campaign to anybody.
        let page = rig.services.campaigns.list(&rig.scope, None, crm_core::PageRequest::default()).await.unwrap();
        assert_eq!((page.items.len(), page.total), (0, 0));
        let hidden = rig.db.texts("SELECT id FROM campaigns").await[0].parse().unwrap();
        assert!(rig.services.campaigns.get(&rig.scope, hidden).await.unwrap().is_none());
        assert!(rig.services.campaigns.cancel(&rig.scope, hidden).await.unwrap().is_none());
        assert_eq!(rig.db.count("SELECT count(*) FROM audit_logs WHERE action = 'message.queued'").await, 1);
        rig.assert_sound(hidden).await;
    }

    async fn one_taken_back_never_leaves(rig: Rig) {
        let sink = SmtpSink::start();
        rig.contacts(2).await;
        default_smtp(&rig, smtp(sink.port())).await;
        let message = write(&rig, 0, letter("No")).await.unwrap();
        let undone = rig.services.messages.undo(&rig.scope, message.id).await.unwrap().unwrap();
        assert_eq!((undone.state, undone.subject.as_str()), (S::Undone, "No"));
        let again = rig.services.messages.undo(&rig.scope, message.id).await;
        assert!(matches!(again, Err(MessagesError::InvalidState(_))), "{again:?}");
        // One after it leaves, so that the engine surely had its turn.
        let other = write(&rig, 1, letter("Yes")).await.unwrap();
        rig.clock.advance(HOLD);
        until(&rig, other.id, S::Sent).await;
        assert_eq!((state(&rig, message.id).await, sink.recipients()), (S::Undone, vec![address(1)]));
        let gone = rig.services.messages.undo(&rig.scope, other.id).await;
        assert!(matches!(gone, Err(MessagesError::InvalidState(_))));
    }

    async fn of_an_undo_and_a_sending_one_wins(rig: Rig) {
        let sink = SmtpSink::start();
        rig.contacts(12).await;
        default_smtp(&rig, smtp(sink.port())).await;
        let mut messages = Vec::new();
        for number in 0..12 {
            messages.push(write(&rig, number, letter("Maybe")).await.unwrap());
        }
        rig.clock.advance(HOLD);
        look(&rig).await;
        let mut undone = Vec::new();
        for message in &messages {
            if rig.services.messages.undo(&rig.scope, message.id).await.is_ok() {
                undone.push(message.to.clone().unwrap());
            }
        }
        for message in &messages {
            wait::until("an end", SOON, || async {
                matches!(state(&rig, message.id).await, S::Sent | S::Undone).then_some(())
            }).await;
        }
        let mut all = sink.recipients();
        all.extend(undone);
        all.sort();
        assert_eq!(all, addresses(12), "each was sent or taken back, and none both");
    }

    async fn whoever_may_not_be_written_to_is_not(rig: Rig) {
        let sink = SmtpSink::start();
        rig.contacts(5).await;
        default_smtp(&rig, smtp(sink.port())).await;
        for (number, reason) in [Reason::Bounced, Reason::Complained, Reason::Manual].into_iter().enumerate() {
            let new = NewEntry { channel: Channel::Email, address: address(number), reason };
            rig.services.suppressions().add(&rig.scope, new).await.unwrap();
            let refused = write(&rig, number, NewMessage { despite_unsubscribed: true, ..letter("No") }).await;
            assert!(matches!(refused, Err(MessagesError::Suppressed(_))), "{refused:?}");
        }
        unsubscribe(&rig, 3).await;
        let asked = write(&rig, 3, letter("No")).await;
        assert!(matches!(asked, Err(MessagesError::Unsubscribed(_))), "{asked:?}");
        let knowing = write(&rig, 3, NewMessage { despite_unsubscribed: true, ..letter("Yes") }).await.unwrap();
        // Whoever unsubscribes while it is held gets nothing.
        let late = write(&rig, 4, letter("No")).await.unwrap();
        unsubscribe(&rig, 4).await;
        rig.clock.advance(HOLD);
        until(&rig, knowing.id, S::Sent).await;
        until(&rig, late.id, S::Skipped).await;
        assert_eq!(sink.recipients(), [address(3)]);
        let open = rig.services.messages.open_of(&rig.scope, late.contact_id.unwrap()).await.unwrap();
        assert!(open[0].problem.as_deref().unwrap().contains("suppressed"), "{open:?}");
    }

    async fn what_cannot_be_sent_is_said_at_once(rig: Rig) {
        rig.contacts(1).await;
        let with = |subject: &str, body: &str| NewMessage { body: body.to_owned(), ..letter(subject) };
        for (subject, body) in [("", "text"), ("two\nlines", "text"), ("ok", " ")] {
            let refused = write(&rig, 0, with(subject, body)).await;
            assert!(matches!(refused, Err(MessagesError::InvalidSubject | MessagesError::InvalidBody(_))), "{refused:?}");
        }
        let unknown = write(&rig, 0, with("ok", "{{ contact.shoe }}")).await;
        assert!(matches!(unknown, Err(MessagesError::Content(_))), "{unknown:?}");
        let missing = write(&rig, 0, with("ok", "{{ contact.company }}")).await;
        assert!(matches!(missing, Err(MessagesError::Missing(_))), "{missing:?}");
        let text = write(&rig, 0, NewMessage { channel: Channel::Text, ..letter("ok") }).await;
        assert!(matches!(text, Err(MessagesError::NoAddress(Channel::Text))));
        assert_eq!(rig.db.count("SELECT count(*) FROM campaigns").await, 0);
    }

    async fn messages_and_campaigns_share_one_budget(rig: Rig) {
        let sink = SmtpSink::start();
        rig.contacts(3).await;
        default_smtp(&rig, SmtpConfig { rate_per_minute: Some(2), ..smtp(sink.port()) }).await;
        let provider = rig.practice().await;
        let campaign = rig.sending(provider).await;
        rig.until("two of the campaign", campaign, |now| now.counts.sent == 2).await;
        let message = write(&rig, 0, letter("Wait")).await.unwrap();
        rig.clock.advance(HOLD);
        look(&rig).await;
        // A campaign through another provider is sent meanwhile, so that the engine surely had its turn.
        assert_eq!(sink.recipients().len(), 2);
        assert_ne!(state(&rig, message.id).await, S::Sent);
        rig.clock.advance(Duration::from_mins(1));
        until(&rig, message.id, S::Sent).await;
        rig.until_sent(campaign).await;
        assert_eq!(sink.recipients().len(), 4);
    }

    async fn one_that_is_stopped_waits_for_a_person(rig: Rig) {
        rig.contacts(1).await;
        let message = write(&rig, 0, letter("Stopped")).await.unwrap();
        rig.run("UPDATE campaigns SET content_hash = 'other'").await;
        rig.clock.advance(HOLD);
        look(&rig).await;
        until(&rig, message.id, S::Stopped).await;
        let waiting = rig.services.messages.waiting(&rig.scope).await.unwrap();
        assert!(waiting[0].problem.as_deref().unwrap().contains("approved"), "{waiting:?}");
        assert_eq!(rig.db.count("SELECT count(*) FROM audit_logs WHERE action = 'message.held'").await, 1);
        rig.services.messages.release(&rig.scope, message.id).await.unwrap().unwrap();
        look(&rig).await;
        until(&rig, message.id, S::Stopped).await;
        let undone = rig.services.messages.undo(&rig.scope, message.id).await.unwrap().unwrap();
        assert_eq!(undone.state, S::Undone);
        assert!(rig.services.messages.waiting(&rig.scope).await.unwrap().is_empty());
    }
}

/// A server with one contact and a mail server, and a message to that contact.
async fn victim_with_a_message(backend: Backend, port: u16) -> (Victim, String) {
    let victim = Victim::begin(backend, 1).await;
    let config = json!({
        "host": "127.0.0.1", "port": port, "security": "none",
        "from_email": "hello@acme.example", "from_name": "Acme",
    });
    let provider =
        json!({"kind": "email", "provider_type": "smtp", "is_default": true, "config": config});
    victim.client.post("/api/providers", provider).await.expect(201);
    let contact =
        victim.client.get("/api/contacts").await.data()[0]["id"].as_str().unwrap().to_owned();
    let letter =
        json!({"channel": "email", "subject": "Once", "body": "Dear {{ contact.first_name }}"});
    let made = victim.client.post(&format!("/api/contacts/{contact}/messages"), letter).await;
    assert_eq!(made.expect(202).data()["state"], "held", "{}", made.text);
    let id = made.id();
    (victim, id)
}

async fn stands(victim: &Victim, id: &str, wanted: &str, limit: Duration) {
    wait::until(&format!("the message to be {wanted}"), limit, || async {
        let found = victim.client.get(&format!("/api/messages/{id}")).await;
        (found.expect(200).data()["state"] == wanted).then_some(())
    })
    .await;
}

async fn killed_while_held(backend: Backend) {
    let sink = SmtpSink::start();
    let (mut victim, id) = victim_with_a_message(backend, sink.port()).await;
    victim.process.kill();
    assert!(sink.recipients().is_empty());
    victim.process = victim.site.start().await;
    victim.process.kill();
    victim.process = victim.site.start().await;
    stands(&victim, &id, "sent", Duration::from_secs(40)).await;
    assert_eq!(sink.recipients(), ["r000@example.com"]);
    victim.assert_books().await;
}

async fn killed_in_flight(backend: Backend) {
    let sink = SmtpSink::start();
    let relay = Relay::to(sink.port(), Duration::ZERO).await;
    relay.close();
    let (mut victim, id) = victim_with_a_message(backend, relay.port()).await;
    stands(&victim, &id, "sending", Duration::from_secs(40)).await;
    let path = format!("/api/messages/{id}");
    victim.client.delete(&path).await.expect_error(409, "invalid_state");
    victim.process.kill();
    victim.process = victim.site.start().await;
    stands(&victim, &id, "unknown", FINISH).await;
    relay.open();
    assert_eq!(sink.recipients(), Vec::<String>::new(), "nothing is sent again by itself");
    let decide = format!("{path}/decide");
    victim.client.post(&decide, json!({"decision": "send_again"})).await.expect(200);
    stands(&victim, &id, "sent", Duration::from_secs(40)).await;
    victim
        .client
        .post(&decide, json!({"decision": "mark_sent"}))
        .await
        .expect_error(409, "invalid_state");
    victim.client.post(&decide, Value::Null).await.expect(422);
    assert_eq!(sink.recipients(), ["r000@example.com"]);
    victim.assert_books().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_while_it_is_held_on_sqlite() {
    killed_while_held(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_while_it_is_held_on_postgres() {
    killed_while_held(Backend::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_flight_on_sqlite() {
    killed_in_flight(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_flight_on_postgres() {
    killed_in_flight(Backend::Postgres).await;
}

both_databases! {
    async fn a_message_in_flight_at_a_crash_is_marked_as_sent_by_a_person(rig: Rig) {
        let sink = SmtpSink::start();
        rig.contacts(1).await;
        default_smtp(&rig, smtp(sink.port())).await;
        let message = write(&rig, 0, letter("Perhaps")).await.unwrap();
        let dead = rig.services.ctx.ids.uuid();
        rig.engine.stop().await;
        rig.run(&format!("UPDATE campaign_recipients SET state = 'sending', attempts = 1, claim_token = 'gone', boot_id = '{dead}'")).await;
        let engine = rig.services.engine().await;
        engine.recover().await.unwrap();
        assert_eq!(state(&rig, message.id).await, S::Unknown);
        assert_eq!(rig.services.messages.waiting(&rig.scope).await.unwrap().len(), 1);
        let settled = rig.services.messages.decide(&rig.scope, message.id, UnknownDecision::MarkSent).await;
        assert_eq!(settled.unwrap().unwrap().state, S::Sent);
        assert_eq!(rig.db.count("SELECT count(*) FROM communication_logs WHERE type = 'email'").await, 1);
        assert!(sink.recipients().is_empty());
        let settled = rig.db.count("SELECT count(*) FROM audit_logs WHERE action = 'message.settled' AND entity_type = 'message'").await;
        assert_eq!(settled, 1);
    }
}

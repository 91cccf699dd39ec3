//! Promises of the send contract that no other file is about: nobody twice without a crash, however much is clicked; what
//! is sent is what was approved; whoever says no is heard at once; campaigns share a provider fairly.

use std::time::Duration;

use crm_campaigns::Engine;
use crm_campaigns::campaigns::{Campaigns, CampaignsError, Status};
use crm_campaigns::templates::{NewTemplate, Templates};
use crm_core::EmailAddress;
use support::both_databases;
use support::smtp::SmtpSink;

use super::relay::Relay;
use super::rig::{CONNECTIONS, Rig, SOON, address, addresses, assert_once};

const IN_FLIGHT: usize = CONNECTIONS as usize;

/// Slow enough to be met in the middle.
const DELAY: Duration = Duration::from_millis(10);

both_databases! {
    async fn without_a_crash_nobody_gets_it_twice_whatever_is_clicked(rig: Rig) {
        let sink = SmtpSink::start();
        let relay = Relay::to(sink.port(), Duration::from_millis(3)).await;
        rig.contacts(120).await;
        let id = rig.started(rig.smtp(relay.port()).await).await;
        let (scope, campaigns) = (&rig.scope, &rig.services.campaigns);
        let workspace = scope.workspace_id();
        let mut engine = std::sync::Arc::clone(&rig.engine);
        engine.look_at(workspace, id).await.unwrap();
        for round in 1..=8_u64 {
            rig.until("some more to be sent", id, |now| now.counts.sent >= round * 10).await;
            // Two administrators at once, a second start, a second pause, a second resume.
            let (one, two) = tokio::join!(campaigns.pause(scope, id), campaigns.pause(scope, id));
            assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
            let again = campaigns.send(scope, id).await;
            assert!(matches!(again, Err(CampaignsError::InvalidState { .. })), "{again:?}");
            if round % 2 == 0 {
                engine.stop().await;
                engine = rig.services.engine().await;
            }
            let (one, two) = tokio::join!(campaigns.resume(scope, id), campaigns.resume(scope, id));
            assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
            for _ in 0..3 {
                engine.look_at(workspace, id).await.unwrap();
            }
            rig.assert_sound(id).await;
        }
        rig.until_sent(id).await;
        assert_eq!(sink.recipients(), addresses(120));
        rig.assert_sound(id).await;
    }

    async fn after_a_cancel_only_what_is_in_flight_leaves(rig: Rig) {
        let sink = SmtpSink::start();
        let relay = Relay::to(sink.port(), DELAY).await;
        rig.contacts(60).await;
        let id = rig.sending(rig.smtp(relay.port()).await).await;
        rig.until("some to be sent", id, |now| now.counts.sent >= 12).await;
        // Nobody wakes the engine: the claim itself looks.
        let cancelled = rig.services.campaigns.cancel(&rig.scope, id).await.unwrap().unwrap();
        assert_eq!(cancelled.counts.queued, 0, "{:?}", cancelled.counts);
        assert!(cancelled.counts.sending <= u64::from(CONNECTIONS));
        let most = cancelled.counts.sent + cancelled.counts.sending;
        let then = rig.until("nothing to be in flight", id, |now| now.counts.sending == 0).await;
        assert!(then.counts.sent <= most, "{:?} after {most}", then.counts);
        assert_eq!(sink.recipients().len(), usize::try_from(then.counts.sent).unwrap());
        rig.assert_sound(id).await;
    }

    async fn whoever_unsubscribes_in_the_middle_gets_nothing_more(rig: Rig) {
        let sink = SmtpSink::start();
        let relay = Relay::to(sink.port(), DELAY).await;
        rig.contacts(60).await;
        let id = rig.sending(rig.smtp(relay.port()).await).await;
        rig.until("some to be sent", id, |now| now.counts.sent >= 8).await;
        let mut spared = Vec::new();
        for number in 20..50 {
            let email: EmailAddress = address(number).parse().unwrap();
            rig.services.campaigns.unsubscribe(&rig.scope, &email.into(), None).await.unwrap();
            // A claim under way may not have seen it; whatever waits once that has ended must not arrive.
            rig.after_claims(id).await;
            let state = rig.ledger(id, "state").await[number].clone();
            if matches!(state.as_str(), "queued" | "retry_wait") {
                spared.push(address(number));
            }
        }
        assert!(spared.len() > IN_FLIGHT, "too fast to be met in the middle");
        rig.until_sent(id).await;
        let taken = sink.recipients();
        assert_once(&taken);
        let heard: Vec<_> = taken.iter().filter(|to| spared.contains(to)).collect();
        assert!(heard.is_empty(), "{heard:?}");
        rig.assert_sound(id).await;
    }

    async fn what_is_sent_is_what_was_approved_whatever_is_changed_meanwhile(rig: Rig) {
        let sink = SmtpSink::start();
        let relay = Relay::to(sink.port(), DELAY).await;
        rig.contacts(40).await;
        let id = rig.sending(rig.smtp(relay.port()).await).await;
        rig.until("some to be sent", id, |now| now.counts.sent >= 4).await;
        let template = rig.db.texts("SELECT id FROM templates").await[0].parse().unwrap();
        let change = NewTemplate {
            name: "Changed".to_owned(),
            subject: "Something else".to_owned(),
            body_html: "<p>Not what was approved.</p>".to_owned(),
            ..NewTemplate::default()
        };
        rig.services.templates.update(&rig.scope, template, None, change).await.unwrap().unwrap();
        let policy = rig.services.campaigns.policy(&rig.scope).await.unwrap();
        rig.services.campaigns.set_policy(&rig.scope, policy).await.unwrap();
        rig.until_sent(id).await;
        let received = sink.received();
        assert_eq!(received.len(), 40);
        for message in received {
            assert!(message.message().subject().unwrap().starts_with("News for Rita"));
        }
        rig.assert_sound(id).await;
    }

    async fn content_that_was_not_approved_stops_it(rig: Rig) {
        let sink = SmtpSink::start();
        let relay = Relay::to(sink.port(), DELAY).await;
        rig.contacts(40).await;
        let provider = rig.smtp(relay.port()).await;
        let id = rig.sending(provider).await;
        rig.until("some to be sent", id, |now| now.counts.sent >= 4).await;
        // Somebody writes into the database.
        rig.run(&format!("UPDATE campaigns SET content_hash = 'another' WHERE id = '{id}'")).await;
        let taken = sink.recipients().len();
        let paused = rig
            .until("a pause", id, |now| now.status == Status::Paused && now.counts.sending == 0)
            .await;
        assert_eq!(paused.pause_reason.as_deref(), Some("The content is not what was approved."));
        assert!(sink.recipients().len() <= taken + 2 * IN_FLIGHT);
        // Resuming sends nothing either.
        let then = sink.recipients().len();
        rig.resume(id).await;
        rig.until("another pause", id, |now| now.status == Status::Paused).await;
        assert_eq!(sink.recipients().len(), then);
    }

    async fn campaigns_of_one_provider_share_it(rig: Rig) {
        let sink = SmtpSink::start();
        let relay = Relay::to(sink.port(), Duration::from_millis(3)).await;
        rig.contacts(80).await;
        let provider = rig.smtp(relay.port()).await;
        let mut all = Vec::new();
        for _ in 0..6 {
            all.push(rig.started(provider).await);
        }
        for id in &all {
            rig.look_at(*id).await;
        }
        // More campaigns than connections: when the first is half done, none has been left behind.
        let half = |now: &crm_campaigns::Campaign| now.counts.sent >= 40;
        support::wait::until("one to be half sent", SOON, || async {
            for id in &all {
                if half(&rig.get(*id).await) {
                    return Some(());
                }
            }
            None
        })
        .await;
        let mut sent = Vec::new();
        for id in &all {
            sent.push(rig.get(*id).await.counts.sent);
        }
        assert!(sent.iter().all(|sent| *sent >= 15), "{sent:?}");
        for id in &all {
            rig.until_sent(*id).await;
            rig.assert_sound(*id).await;
        }
        assert_eq!(sink.recipients().len(), 480);
    }

    async fn whoever_is_deleted_in_the_middle_gets_nothing_more(rig: Rig) {
        let sink = SmtpSink::start();
        let relay = Relay::to(sink.port(), DELAY).await;
        let contacts = rig.contacts(40).await;
        let id = rig.sending(rig.smtp(relay.port()).await).await;
        rig.until("some to be sent", id, |now| now.counts.sent >= 4).await;
        rig.services.contacts.delete(&rig.scope, contacts[39].id).await.unwrap();
        rig.until_sent(id).await;
        let taken = sink.recipients();
        assert_once(&taken);
        assert!(!taken.contains(&address(39)), "{taken:?}");
        rig.assert_sound(id).await;
    }
}

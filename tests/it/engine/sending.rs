//! Everybody gets it, once.

use std::time::Duration;

use crm_campaigns::Engine;
use crm_campaigns::campaigns::{Campaigns, Schedule, Status, Window};
use crm_core::{Clock, EmailAddress};
use support::both_databases;
use support::smtp::{Received, SmtpSink};

use super::rig::{Rig, addresses};

both_databases! {
    async fn everybody_gets_their_own_message_once(rig: Rig) {
        let sink = SmtpSink::start();
        rig.contacts(60).await;
        let id = rig.sending(rig.smtp(sink.port()).await).await;
        let campaign = rig.until_sent(id).await;

        assert_eq!(sink.recipients(), addresses(60));
        assert_eq!(campaign.counts.sent, 60);
        assert!(campaign.finished_at.is_some());
        rig.assert_sound(id).await;

        let mut received = sink.received();
        received.sort_by(|one, other| one.rcpt_to.cmp(&other.rcpt_to));
        let ids: Vec<String> = received.iter().map(Received::message_id).collect();
        assert_eq!(ids, rig.ledger(id, "message_id").await);
        let seventh = received[7].message();
        assert_eq!(seventh.subject(), Some("News for Rita 7"));
        assert!(seventh.body_text(0).unwrap().contains("Dear Rita 7, all is well."));
        assert!(seventh.body_html(0).unwrap().contains("Dear Rita 7, all is well."));
        assert!(received[7].header("List-Unsubscribe").contains("mailto:"));

        let logged = rig.db.texts(
            "SELECT l.timestamp FROM communication_logs l JOIN campaign_recipients r \
             ON r.id = l.campaign_recipient_id AND r.sent_at = l.timestamp",
        ).await;
        assert_eq!(logged.len(), 60);
    }

    async fn the_practice_outbox_takes_everybody_once(rig: Rig) {
        rig.contacts(40).await;
        let id = rig.sending(rig.practice().await).await;
        rig.until_sent(id).await;

        let taken = rig.db.texts("SELECT to_address FROM practice_messages ORDER BY to_address").await;
        assert_eq!(taken, addresses(40));
        rig.assert_sound(id).await;
    }

    async fn looking_at_a_campaign_often_harms_nobody(rig: Rig) {
        let sink = SmtpSink::start();
        rig.contacts(40).await;
        let id = rig.started(rig.smtp(sink.port()).await).await;
        while rig.get(id).await.status != Status::Sent {
            for _ in 0..20 {
                rig.look_at(id).await;
            }
        }
        assert_eq!(sink.recipients(), addresses(40));
        rig.assert_sound(id).await;
    }

    async fn whoever_unsubscribed_or_went_after_the_start_gets_nothing(rig: Rig) {
        let sink = SmtpSink::start();
        let contacts = rig.contacts(10).await;
        let id = rig.started(rig.smtp(sink.port()).await).await;

        let gone: EmailAddress = "r003@example.com".parse().unwrap();
        rig.services.campaigns.unsubscribe(&rig.scope, &gone.into(), None).await.unwrap();
        rig.services.contacts.delete(&rig.scope, contacts[5].id).await.unwrap();
        rig.look_at(id).await;
        let campaign = rig.until_sent(id).await;

        let mut expected = addresses(10);
        expected.retain(|address| address != "r003@example.com" && address != "r005@example.com");
        assert_eq!(sink.recipients(), expected);
        assert_eq!((campaign.counts.skipped, campaign.counts.failed), (1, 1));
        assert_eq!(rig.ledger(id, "reason").await[3], "suppressed");
        assert_eq!(rig.ledger(id, "error").await[5], "the contact was deleted");
        rig.assert_sound(id).await;
    }

    async fn a_scheduled_campaign_starts_at_its_time(rig: Rig) {
        rig.contacts(5).await;
        let send_at = rig.clock.now().plus(Duration::from_hours(1));
        let schedule = Schedule { send_at: Some(send_at), ..Schedule::default() };
        let id = rig.approved(rig.practice().await, schedule).await;
        rig.services.campaigns.schedule(&rig.scope, id).await.unwrap().unwrap();
        assert_eq!(rig.engine.due().await.unwrap(), []);
        // Looking at it before its time starts nothing.
        rig.look_at(id).await;

        rig.clock.advance(Duration::from_mins(59));
        assert_eq!(rig.engine.due().await.unwrap(), []);
        assert_eq!(rig.get(id).await.status, Status::Scheduled);
        rig.clock.advance(Duration::from_mins(1));
        assert_eq!(rig.engine.due().await.unwrap(), [(rig.scope.workspace_id(), id)]);
        rig.look_at(id).await;
        assert_eq!(rig.until_sent(id).await.counts.sent, 5);
        assert_eq!(rig.engine.due().await.unwrap(), []);
    }

    async fn messages_leave_in_their_window_only(rig: Rig) {
        rig.contacts(5).await;
        // It is Monday, half past midnight, in Vienna.
        let window = Window { days: vec![1], from: "09:00".to_owned(), to: "17:00".to_owned() };
        let schedule = Schedule {
            timezone: Some("Europe/Vienna".to_owned()),
            window: Some(window),
            ..Schedule::default()
        };
        let id = rig.approved(rig.practice().await, schedule).await;
        rig.services.campaigns.send(&rig.scope, id).await.unwrap().unwrap();
        rig.look_at(id).await;
        // Another campaign goes its way meanwhile.
        let free = rig.sending(rig.practice().await).await;
        rig.until_sent(free).await;
        assert_eq!(rig.get(id).await.counts.queued, 5);

        rig.clock.advance(Duration::from_mins(8 * 60 + 31));
        assert_eq!(rig.until_sent(id).await.counts.sent, 5);
    }
}

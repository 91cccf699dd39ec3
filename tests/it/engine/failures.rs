//! What providers refuse, now or for good, and what nobody can tell.

use std::time::Duration;

use crm_campaigns::campaigns::{Campaign, Campaigns, Status, UnknownDecision};
use crm_providers::providers::{NewProvider, ProviderConfig, SmtpConfig};
use support::smtp::{Received, SmtpSink};
use support::{both_databases, wait};

use super::rig::{CONNECTIONS, Rig, SOON, addresses, assert_once, smtp};

both_databases! {
    async fn whoever_is_refused_for_now_gets_it_later(rig: Rig) {
        let mut sink = SmtpSink::with(&["-r", "RCPT", "-b", "451 4.7.1 Greylisted"]);
        rig.contacts(8).await;
        let id = rig.sending(rig.smtp(sink.port()).await).await;
        let waiting = rig.until("all to wait", id, |now| now.counts.retry_wait == 8).await;
        assert_eq!(waiting.status, Status::Sending);
        assert_eq!(rig.ledger(id, "attempts").await, ["1"; 8]);
        assert!(rig.ledger(id, "error").await[0].contains("Greylisted"));
        // A minute, more or less a fifth.
        for at in rig.ledger(id, "next_attempt_at").await {
            assert!(("2026-11-22T23:30:48.000Z".."2026-11-22T23:31:12.001Z").contains(&at.as_str()), "{at}");
        }

        sink.resume(&[]);
        rig.clock.advance(Duration::from_secs(73));
        let campaign = rig.until_sent(id).await;
        assert_eq!(campaign.counts.sent, 8);
        assert_eq!(rig.ledger(id, "attempts").await, ["2"; 8]);
        assert_eq!(sink.recipients(), addresses(8));
        let mut ids: Vec<String> =
            sink.received().iter().map(Received::message_id).collect();
        ids.sort();
        let mut fixed = rig.ledger(id, "message_id").await;
        fixed.sort();
        assert_eq!(ids, fixed);
        rig.assert_sound(id).await;
    }

    async fn whoever_is_refused_for_now_too_often_fails(rig: Rig) {
        let sink = SmtpSink::with(&["-r", "RCPT"]);
        rig.contacts(1).await;
        let id = rig.sending(rig.smtp(sink.port()).await).await;
        for attempt in 1..8 {
            rig.until("another attempt", id, |now| now.counts.retry_wait == 1).await;
            assert_eq!(rig.ledger(id, "attempts").await, [attempt.to_string()]);
            // The lease of the wait is over at the latest after a fifth more than twelve hours.
            rig.clock.advance(Duration::from_hours(15));
            let seen = attempt.to_string();
            wait::until("the attempt", SOON, || async {
                (rig.ledger(id, "attempts").await != [seen.clone()]).then_some(())
            })
            .await;
        }
        let campaign = rig.until_sent(id).await;
        assert_eq!(campaign.counts.failed, 1);
        assert!(rig.ledger(id, "error").await[0].starts_with("given up after 8 attempts"));
        rig.assert_sound(id).await;
    }

    async fn a_dead_address_is_not_written_to_again(rig: Rig) {
        let mut sink = SmtpSink::with(&["-f", "RCPT", "-B", "550 5.1.1 User unknown"]);
        rig.contacts(3).await;
        let provider = rig.smtp(sink.port()).await;
        // This one has resolved its audience before anybody knows.
        let waiting = rig.started(provider).await;
        rig.services.campaigns.pause(&rig.scope, waiting).await.unwrap().unwrap();

        let id = rig.sending(provider).await;
        let campaign = rig.until_sent(id).await;
        assert_eq!(campaign.counts.failed, 3);
        assert!(rig.ledger(id, "error").await[0].contains("User unknown"));
        assert_eq!(rig.ledger(id, "attempts").await, ["1"; 3]);
        let dead = rig.db.texts("SELECT address FROM suppressions WHERE reason = 'bounced' ORDER BY address").await;
        assert_eq!(dead, addresses(3));

        sink.resume(&[]);
        rig.resume(waiting).await;
        let campaign = rig.until_sent(waiting).await;
        assert_eq!(campaign.counts.skipped, 3);
        assert_eq!(rig.ledger(waiting, "reason").await, ["suppressed"; 3]);
        assert_eq!(sink.recipients(), [""; 0]);
        rig.assert_sound(id).await;
        rig.assert_sound(waiting).await;
    }

    async fn what_nobody_can_tell_waits_for_a_person(rig: Rig) {
        // It keeps what it took, and hangs up instead of saying so.
        let mut sink = SmtpSink::with(&["-q", "."]);
        rig.contacts(4).await;
        let id = rig.sending(rig.smtp(sink.port()).await).await;
        let campaign = rig.until_sent(id).await;
        assert_eq!(campaign.counts.unknown, 4);
        rig.assert_sound(id).await;

        // Nothing of it is tried again by itself.
        sink.resume(&[]);
        rig.clock.advance(Duration::from_hours(48));
        rig.look_at(id).await;
        let other = rig.sending(rig.practice().await).await;
        rig.until_sent(other).await;
        assert_eq!(sink.recipients(), addresses(4));

        let again = UnknownDecision::SendAgain;
        let campaigns = &rig.services.campaigns;
        assert_eq!(campaigns.decide_unknown(&rig.scope, id, None, again).await.unwrap(), Some(4));
        rig.look_at(id).await;
        let campaign = rig.until("all to be sent", id, |now| now.counts.sent == 4).await;
        assert_eq!(campaign.counts.unknown, 0);
        rig.until_sent(id).await;
        // Twice, since a person wanted it so.
        let mut twice = [addresses(4), addresses(4)].concat();
        twice.sort();
        assert_eq!(sink.recipients(), twice);
        rig.assert_sound(id).await;
    }

    async fn twenty_of_one_kind_in_a_row_pause(rig: Rig) {
        let mut sink = SmtpSink::with(&["-f", "RCPT", "-B", "554 5.7.1 Not from you"]);
        rig.contacts(40).await;
        let id = rig.sending(rig.smtp(sink.port()).await).await;
        let paused = rig.until("a pause", id, at_rest).await;
        let reason = paused.pause_reason.clone().unwrap();
        assert!(reason.contains("20 messages in a row") && reason.contains("Not from you"), "{reason}");
        let most = 20 + u64::from(CONNECTIONS);
        assert!((20..=most).contains(&paused.counts.failed), "{:?}", paused.counts);
        assert_eq!(rig.db.count("SELECT count(*) FROM suppressions").await, 0);
        assert_eq!(
            rig.db.count("SELECT count(*) FROM audit_logs WHERE action = 'campaign.paused'").await,
            1
        );
        rig.assert_sound(id).await;

        // Somebody saw to it: the rest goes out, nobody twice.
        sink.resume(&[]);
        rig.resume(id).await;
        let campaign = rig.until_sent(id).await;
        assert_eq!(campaign.counts.sent + campaign.counts.failed, 40);
        let all = sink.recipients();
        assert_eq!(u64::try_from(all.len()).unwrap(), campaign.counts.sent);
        assert_once(&all);
    }

    async fn a_server_that_is_gone_pauses_and_loses_nobody(rig: Rig) {
        let mut sink = SmtpSink::start();
        sink.stop();
        rig.contacts(30).await;
        let id = rig.sending(rig.smtp(sink.port()).await).await;
        let paused = rig.until("a pause", id, at_rest).await;
        assert!(paused.pause_reason.clone().unwrap().contains("connect"), "{:?}", paused.pause_reason);
        assert_eq!(paused.counts.failed, 0);
        assert_eq!(paused.counts.retry_wait + paused.counts.queued, 30);

        sink.resume(&[]);
        rig.clock.advance(Duration::from_secs(73));
        rig.resume(id).await;
        rig.until_sent(id).await;
        assert_eq!(sink.recipients(), addresses(30));
        rig.assert_sound(id).await;
    }

    async fn a_server_that_lets_us_in_no_more_pauses_at_once(rig: Rig) {
        let mut sink = SmtpSink::with(&["-f", "MAIL", "-B", "530 5.7.0 Authentication required"]);
        rig.contacts(12).await;
        let provider = rig.smtp(sink.port()).await;
        let id = rig.sending(provider).await;
        let paused = rig.until("a pause", id, at_rest).await;
        assert!(paused.pause_reason.clone().unwrap().contains("Authentication required"));
        // Nobody has lost an attempt by it.
        assert_eq!(paused.counts.queued, 12);
        assert_eq!(rig.ledger(id, "attempts").await, ["0"; 12]);
        let shown = wait::until("the note", SOON, || async {
            rig.services.providers.get(&rig.scope, provider).await.unwrap().unwrap().last_error
        })
        .await;
        assert!(shown.contains("Authentication required"), "{shown}");

        sink.resume(&[]);
        rig.resume(id).await;
        rig.until_sent(id).await;
        assert_eq!(sink.recipients(), addresses(12));
        rig.assert_sound(id).await;
    }

    async fn a_sender_nobody_approved_sends_nothing(rig: Rig) {
        let sink = SmtpSink::start();
        rig.contacts(3).await;
        let provider = rig.smtp(sink.port()).await;
        let id = rig.started(provider).await;
        let config = SmtpConfig {
            from_email: "other@acme.example".to_owned(),
            ..smtp(sink.port())
        };
        let change = NewProvider {
            webhook_key: None,
            name: String::new(),
            config: ProviderConfig::Smtp(config),
            secret: None,
            is_default: false,
        };
        rig.clock.advance(Duration::from_secs(1));
        rig.services.providers.update(&rig.scope, provider, None, change).await.unwrap().unwrap();
        rig.look_at(id).await;
        let paused = rig.until("a pause", id, at_rest).await;
        assert!(paused.pause_reason.unwrap().contains("approved"));
        assert_eq!(sink.recipients(), [""; 0]);
    }
}

fn at_rest(campaign: &Campaign) -> bool {
    campaign.status == Status::Paused && campaign.counts.sending == 0
}

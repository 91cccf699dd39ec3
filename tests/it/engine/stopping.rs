//! Pausing, going on, cancelling, and stopping the server.

use std::time::Duration;

use crm_campaigns::Engine;
use crm_campaigns::campaigns::{Campaigns, Status};
use support::both_databases;
use support::smtp::SmtpSink;

use super::relay::Relay;
use super::rig::{CONNECTIONS, Rig, addresses, assert_once};

const IN_FLIGHT: u64 = CONNECTIONS as u64;

/// Slow enough to be stopped in the middle.
const DELAY: Duration = Duration::from_millis(10);

both_databases! {
    async fn after_a_pause_only_what_is_in_flight_leaves(rig: Rig) {
        let sink = SmtpSink::start();
        let relay = Relay::to(sink.port(), DELAY).await;
        rig.contacts(60).await;
        let id = rig.sending(rig.smtp(relay.port()).await).await;

        for round in 1..=3 {
            rig.until("some to be sent", id, |now| now.counts.sent >= round * 12).await;
            rig.pause(id).await;
            let then = rig.get(id).await.counts.sent;
            let paused = rig.until("nothing to be in flight", id, |now| now.counts.sending == 0).await;
            assert_eq!(paused.status, Status::Paused);
            let all = sink.recipients();
            assert!(paused.counts.sent <= then + IN_FLIGHT, "{:?} after {then}", paused.counts);
            assert_eq!(paused.counts.sent, u64::try_from(all.len()).unwrap());
            assert_once(&all);
            rig.assert_sound(id).await;
            rig.resume(id).await;
        }
        rig.until_sent(id).await;
        assert_eq!(sink.recipients(), addresses(60));
        rig.assert_sound(id).await;
    }

    async fn whoever_has_not_got_a_cancelled_campaign_is_skipped(rig: Rig) {
        let sink = SmtpSink::start();
        let relay = Relay::to(sink.port(), DELAY).await;
        rig.contacts(40).await;
        let id = rig.sending(rig.smtp(relay.port()).await).await;
        rig.until("some to be sent", id, |now| now.counts.sent >= 8).await;
        rig.services.campaigns.cancel(&rig.scope, id).await.unwrap().unwrap();
        rig.look_at(id).await;

        let campaign = rig.until("nothing to be in flight", id, |now| now.counts.sending == 0).await;
        assert_eq!(campaign.status, Status::Cancelled);
        assert_eq!(campaign.counts.sent + campaign.counts.skipped, 40);
        assert_eq!(campaign.counts.sent, u64::try_from(sink.recipients().len()).unwrap());
        rig.assert_sound(id).await;
    }

    async fn what_fails_after_a_cancel_waits_for_no_other_attempt(rig: Rig) {
        let sink = SmtpSink::with(&["-r", "."]);
        let relay = Relay::to(sink.port(), Duration::ZERO).await;
        rig.contacts(10).await;
        relay.close();
        let id = rig.sending(rig.smtp(relay.port()).await).await;
        let full = |now: &crm_campaigns::Campaign| now.counts.sending == u64::from(CONNECTIONS);
        rig.until("all slots to be taken", id, full).await;
        rig.services.campaigns.cancel(&rig.scope, id).await.unwrap().unwrap();
        relay.open();

        let campaign = rig.until("nothing to be in flight", id, |now| now.counts.sending == 0).await;
        assert_eq!(campaign.counts.skipped, 10, "{:?}", campaign.counts);
        rig.assert_sound(id).await;
    }

    async fn a_stop_finishes_what_is_in_flight_and_a_start_goes_on(rig: Rig) {
        let sink = SmtpSink::start();
        let relay = Relay::to(sink.port(), DELAY).await;
        rig.contacts(60).await;
        let id = rig.sending(rig.smtp(relay.port()).await).await;
        rig.until("some to be sent", id, |now| now.counts.sent >= 12).await;
        rig.engine.stop().await;

        let stopped = rig.get(id).await;
        assert_eq!((stopped.status, stopped.counts.sending, stopped.counts.unknown), (Status::Sending, 0, 0));
        assert_eq!(stopped.counts.sent, u64::try_from(sink.recipients().len()).unwrap());
        assert!(stopped.counts.queued > 0, "too fast to be stopped in the middle");
        assert_eq!(rig.db.count("SELECT count(*) FROM engine_boots WHERE stopped_at IS NOT NULL").await, 1);
        // A stopped engine claims nothing any more.
        rig.look_at(id).await;

        let next = rig.services.engine().await;
        for (workspace_id, campaign_id) in next.due().await.unwrap() {
            next.look_at(workspace_id, campaign_id).await.unwrap();
        }
        let campaign = rig.until_sent(id).await;
        assert_eq!(campaign.counts.sent, 60);
        assert_eq!(sink.recipients(), addresses(60));
        rig.assert_sound(id).await;
    }
}

//! What was in flight when a run of the server ended.

use std::time::Duration;

use crm_campaigns::Engine;
use crm_campaigns::campaigns::{Campaigns, SendPolicy};
use crm_core::CampaignId;
use support::both_databases;
use support::smtp::SmtpSink;

use super::relay::Relay;
use super::rig::{Rig, addresses};

/// Puts the first `count` rows of a campaign in flight, as a run that is over left them.
async fn interrupt(rig: &Rig, id: CampaignId, count: usize) {
    let dead = rig.services.ctx.ids.uuid();
    rig.run(&format!(
        "UPDATE campaign_recipients SET state = 'sending', attempts = 1, claim_token = 'gone', boot_id = '{dead}', \
         claimed_at = updated_at WHERE id IN (SELECT id FROM campaign_recipients WHERE campaign_id = '{id}' \
         ORDER BY address LIMIT {count})"
    ))
    .await;
}

/// The next run of the server, sending whatever is due.
async fn restart(rig: &Rig) {
    let engine = rig.services.engine().await;
    for (workspace_id, campaign_id) in engine.due().await.unwrap() {
        engine.look_at(workspace_id, campaign_id).await.unwrap();
    }
}

both_databases! {
    async fn a_provider_that_cannot_be_asked_leaves_it_to_a_person(rig: Rig) {
        let sink = SmtpSink::start();
        rig.contacts(10).await;
        let id = rig.started(rig.smtp(sink.port()).await).await;
        interrupt(&rig, id, 4).await;
        restart(&rig).await;

        let campaign = rig.until_sent(id).await;
        assert_eq!((campaign.counts.unknown, campaign.counts.sent), (4, 6));
        assert_eq!(sink.recipients(), addresses(10)[4..]);
        rig.assert_sound(id).await;
    }

    async fn a_workspace_may_have_it_sent_again(rig: Rig) {
        let sink = SmtpSink::start();
        rig.contacts(10).await;
        let policy = SendPolicy { resend_unknown: true, ..SendPolicy::default() };
        rig.services.campaigns.set_policy(&rig.scope, policy).await.unwrap();
        let id = rig.started(rig.smtp(sink.port()).await).await;
        interrupt(&rig, id, 4).await;
        restart(&rig).await;

        rig.until_sent(id).await;
        assert_eq!(sink.recipients(), addresses(10));
        assert_eq!(rig.ledger(id, "attempts").await[..5], ["2", "2", "2", "2", "1"]);
        rig.assert_sound(id).await;
    }

    async fn a_provider_that_can_be_asked_settles_it(rig: Rig) {
        rig.contacts(6).await;
        let id = rig.started(rig.practice().await).await;
        interrupt(&rig, id, 4).await;
        // Two of the four had been taken.
        rig.run(&format!(
            "INSERT INTO practice_messages (id, workspace_id, channel, to_address, sent_at) \
             SELECT id, workspace_id, channel, address, updated_at FROM campaign_recipients \
             WHERE campaign_id = '{id}' AND address IN ('r001@example.com', 'r002@example.com')"
        ))
        .await;
        restart(&rig).await;

        let campaign = rig.until_sent(id).await;
        assert_eq!(campaign.counts.sent, 6);
        assert_eq!(rig.ledger(id, "attempts").await, ["2", "1", "1", "2", "1", "1"]);
        let taken = rig.db.texts("SELECT to_address FROM practice_messages ORDER BY to_address").await;
        assert_eq!(taken, addresses(6));
        rig.assert_sound(id).await;
    }

    async fn a_message_that_brings_the_server_down_is_not_tried_for_ever(rig: Rig) {
        rig.contacts(2).await;
        let id = rig.started(rig.practice().await).await;
        interrupt(&rig, id, 1).await;
        rig.run("UPDATE campaign_recipients SET attempts = 8 WHERE state = 'sending'").await;
        restart(&rig).await;
        let campaign = rig.until_sent(id).await;
        assert_eq!((campaign.counts.failed, campaign.counts.sent), (1, 1));
        rig.assert_sound(id).await;
    }

    async fn what_a_cancelled_campaign_had_in_flight_is_settled_too(rig: Rig) {
        rig.contacts(5).await;
        let id = rig.started(rig.practice().await).await;
        interrupt(&rig, id, 2).await;
        rig.services.campaigns.cancel(&rig.scope, id).await.unwrap().unwrap();
        rig.services.engine().await;
        let campaign = rig.get(id).await;
        assert_eq!(campaign.counts.skipped, 5, "{:?}", campaign.counts);
        rig.assert_sound(id).await;
    }

    async fn what_this_run_has_in_flight_is_left_alone(rig: Rig) {
        let sink = SmtpSink::start();
        let relay = Relay::to(sink.port(), Duration::ZERO).await;
        rig.contacts(12).await;
        relay.close();
        let id = rig.sending(rig.smtp(relay.port()).await).await;
        rig.until("messages to be in flight", id, |now| now.counts.sending == 4).await;
        rig.engine.recover().await.unwrap();
        rig.engine.heartbeat().await.unwrap();
        assert_eq!(rig.get(id).await.counts.sending, 4);
        relay.open();
        rig.until_sent(id).await;
        assert_eq!(sink.recipients(), addresses(12));
        rig.assert_sound(id).await;
    }
}

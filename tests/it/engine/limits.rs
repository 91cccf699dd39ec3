//! How much may leave, and when.

use std::time::Duration;

use crm_campaigns::Engine;
use crm_campaigns::campaigns::{Campaigns, Schedule};
use crm_providers::providers::{ProviderConfig, SmtpConfig};
use support::both_databases;
use support::smtp::SmtpSink;

use super::rig::{Rig, addresses, smtp};

both_databases! {
    async fn the_rate_of_a_provider_holds_over_restarts(rig: Rig) {
        let sink = SmtpSink::start();
        rig.contacts(25).await;
        let config = SmtpConfig { rate_per_minute: Some(10), ..smtp(sink.port()) };
        let provider = rig.provider(ProviderConfig::Smtp(config)).await;
        let id = rig.sending(provider).await;
        // Another campaign through another provider does not wait for it.
        let free = rig.sending(rig.practice().await).await;
        rig.until_sent(free).await;
        rig.until("ten to be sent", id, |now| now.counts.sent == 10).await;

        rig.engine.stop().await;
        let engine = rig.services.engine().await;
        engine.look_at(rig.scope.workspace_id(), id).await.unwrap();
        let also = rig.started(rig.practice().await).await;
        engine.look_at(rig.scope.workspace_id(), also).await.unwrap();
        rig.until_sent(also).await;
        assert_eq!(rig.get(id).await.counts.sent, 10, "the restart brought no new budget");

        rig.clock.advance(Duration::from_mins(1));
        rig.until("twenty to be sent", id, |now| now.counts.sent == 20).await;
        rig.clock.advance(Duration::from_mins(1));
        rig.until_sent(id).await;
        assert_eq!(sink.recipients(), addresses(25));
        rig.assert_sound(id).await;
    }

    async fn a_campaign_may_be_slower_than_its_provider(rig: Rig) {
        rig.contacts(7).await;
        let schedule = Schedule { rate_per_minute: Some(3), ..Schedule::default() };
        let id = rig.approved(rig.practice().await, schedule).await;
        rig.services.campaigns.send(&rig.scope, id).await.unwrap().unwrap();
        rig.look_at(id).await;
        for sent in [3, 6] {
            rig.until("the next three", id, |now| now.counts.sent == sent && now.counts.sending == 0).await;
            rig.clock.advance(Duration::from_mins(1));
        }
        assert_eq!(rig.until_sent(id).await.counts.sent, 7);
        rig.assert_sound(id).await;
    }
}

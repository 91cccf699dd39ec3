//! Several servers on one PostgreSQL database.

use std::time::Duration;

use crm_campaigns::Engine;
use support::smtp::SmtpSink;
use support::{Backend, PerBackend};

use super::relay::Relay;
use super::rig::{Rig, Services, addresses};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_share_a_campaign_and_double_nobody() {
    let rig = Rig::fresh(Backend::Postgres).await;
    let sink = SmtpSink::start();
    let relay = Relay::to(sink.port(), Duration::from_millis(2)).await;
    rig.contacts(200).await;
    let sibling = Services::on(&rig.db, &rig.clock).await.engine().await;
    let id = rig.started(rig.smtp(relay.port()).await).await;
    let (here, there) = (
        rig.engine.look_at(rig.scope.workspace_id(), id),
        sibling.look_at(rig.scope.workspace_id(), id),
    );
    here.await.unwrap();
    there.await.unwrap();

    rig.until_sent(id).await;
    assert_eq!(sink.recipients(), addresses(200));
    rig.assert_sound(id).await;
    let boots = rig.db.count("SELECT count(DISTINCT boot_id) FROM campaign_recipients").await;
    assert_eq!(boots, 2, "both took part");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_silent_server_had_in_flight_is_settled_by_another() {
    let rig = Rig::fresh(Backend::Postgres).await;
    let sink = SmtpSink::start();
    let relay = Relay::to(sink.port(), Duration::ZERO).await;
    rig.contacts(20).await;
    relay.close();
    let id = rig.sending(rig.smtp(relay.port()).await).await;
    rig.until("messages to be in flight", id, |now| now.counts.sending == 4).await;

    let sibling = Services::on(&rig.db, &rig.clock).await.engine().await;
    rig.clock.advance(Duration::from_secs(59));
    sibling.heartbeat().await.unwrap();
    assert_eq!(rig.get(id).await.counts.sending, 4, "a minute of silence is allowed");
    rig.clock.advance(Duration::from_secs(2));
    sibling.heartbeat().await.unwrap();
    let campaign = rig.get(id).await;
    assert_eq!((campaign.counts.unknown, campaign.counts.sending), (4, 0));

    // It was only slow: its outcomes come too late to be written, and nobody gets a second message.
    relay.open();
    let campaign = rig.until_sent(id).await;
    assert_eq!((campaign.counts.unknown, campaign.counts.sent), (4, 16));
    assert_eq!(sink.recipients(), addresses(20));
    rig.assert_sound(id).await;
}

//! A database that is not where it was, and a clock that cannot be right.

use std::time::Duration;

use crm_campaigns::Engine;
use crm_campaigns::campaigns::{Campaigns, Schedule, Status};
use crm_campaigns::engine::Places;
use crm_core::{CampaignId, Clock};
use support::smtp::SmtpSink;
use support::{Backend, both_databases};
use tempfile::TempDir;

use super::rig::{Rig, addresses};

/// A data folder on which the server has not run yet.
async fn first(rig: &Rig) -> (TempDir, Places) {
    rig.run("DELETE FROM system_settings WHERE setting_key = 'server_seen'").await;
    folder()
}

fn folder() -> (TempDir, Places) {
    let dir = tempfile::tempdir().unwrap();
    let places = Places { data_dir: Some(dir.path().to_owned()), time_signal: None };
    (dir, places)
}

/// A campaign being sent, of which nobody has got anything, and one that is scheduled in an hour.
async fn two(rig: &Rig, port: u16) -> (CampaignId, CampaignId) {
    rig.contacts(6).await;
    let provider = rig.smtp(port).await;
    let sending = rig.started(provider).await;
    let scheduled = scheduled(rig, Duration::from_hours(1)).await;
    (sending, scheduled)
}

async fn scheduled(rig: &Rig, after: Duration) -> CampaignId {
    let send_at = rig.clock.now().plus(after);
    let schedule = Schedule { send_at: Some(send_at), ..Schedule::default() };
    let id = rig.approved(rig.practice().await, schedule).await;
    rig.services.campaigns.schedule(&rig.scope, id).await.unwrap().unwrap();
    id
}

/// What the next run of the server does by itself.
async fn restart(
    rig: &Rig,
    places: &Places,
) -> std::sync::Arc<crm_campaigns::engine::LedgerEngine> {
    let engine = rig.services.engine_at(places.clone()).await;
    for (workspace_id, campaign_id) in engine.due().await.unwrap() {
        engine.look_at(workspace_id, campaign_id).await.unwrap();
    }
    engine
}

async fn assert_held(rig: &Rig, (sending, scheduled): (CampaignId, CampaignId), why: &str) {
    let paused = rig.get(sending).await;
    assert_eq!(paused.status, Status::Paused);
    assert!(paused.pause_reason.clone().unwrap().contains(why), "{:?}", paused.pause_reason);
    let held = rig.get(scheduled).await;
    assert_eq!(held.status, Status::Approved);
    assert!(held.pause_reason.clone().unwrap().contains(why), "{:?}", held.pause_reason);
}

both_databases! {
    async fn a_restart_on_the_same_place_holds_nothing(rig: Rig) {
        let sink = SmtpSink::start();
        let (_dir, places) = first(&rig).await;
        let both = two(&rig, sink.port()).await;
        for _ in 0..3 {
            let engine = rig.services.engine_at(places.clone()).await;
            rig.clock.advance(Duration::from_secs(30));
            engine.heartbeat().await.unwrap();
            engine.stop().await;
        }
        // One that is killed says no goodbye.
        rig.services.engine_at(places.clone()).await;
        restart(&rig, &places).await;
        rig.until_sent(both.0).await;
        assert_eq!(sink.recipients(), addresses(6));
        assert_eq!(rig.get(both.1).await.status, Status::Scheduled);
    }

    async fn after_a_restore_nothing_is_sent_before_a_person_says_so(rig: Rig) {
        let sink = SmtpSink::start();
        let (_dir, places) = first(&rig).await;
        let both = two(&rig, sink.port()).await;
        let engine = rig.services.engine_at(places.clone()).await;
        let backup = rig.db.texts("SELECT setting_value FROM system_settings WHERE setting_key = 'server_seen'").await;
        rig.clock.advance(Duration::from_mins(5));
        engine.heartbeat().await.unwrap();
        engine.stop().await;
        // The database as the backup has it, in the same folder.
        rig.run(&format!(
            "UPDATE system_settings SET setting_value = '{}' WHERE setting_key = 'server_seen'",
            backup[0]
        ))
        .await;

        let engine = restart(&rig, &places).await;
        assert_held(&rig, both, "restored from a backup").await;
        assert_eq!(engine.due().await.unwrap(), []);
        // Not after another restart either.
        engine.stop().await;
        let engine = restart(&rig, &places).await;
        assert_eq!(rig.get(both.0).await.status, Status::Paused);
        assert_eq!(sink.recipients(), [""; 0]);
        assert_eq!(rig.db.count("SELECT count(*) FROM audit_logs WHERE action = 'campaign.held'").await, 1);

        let campaigns = &rig.services.campaigns;
        campaigns.resume(&rig.scope, both.0).await.unwrap().unwrap();
        engine.look_at(rig.scope.workspace_id(), both.0).await.unwrap();
        rig.until_sent(both.0).await;
        assert_eq!(sink.recipients(), addresses(6));
        let again = campaigns.schedule(&rig.scope, both.1).await.unwrap().unwrap();
        assert_eq!((again.status, again.pause_reason), (Status::Scheduled, None));
    }

    async fn a_copy_elsewhere_sends_nothing_by_itself(rig: Rig) {
        let sink = SmtpSink::start();
        let (_dir, places) = first(&rig).await;
        let both = two(&rig, sink.port()).await;
        rig.services.engine_at(places).await.stop().await;
        rig.run(
            "UPDATE system_settings SET setting_value = replace(setting_value, '\"home\":', '\"home\":\"elsewhere\",\"was\":') \
             WHERE setting_key = 'server_seen'",
        )
        .await;
        // A machine that does not say which it is cannot be told from another.
        if rig.db.backend() == Backend::Sqlite && std::fs::read_to_string("/etc/machine-id").unwrap_or_default().trim().is_empty() {
            return;
        }
        let (_other, places) = folder();
        restart(&rig, &places).await;
        assert_held(&rig, both, "copied").await;
        assert_eq!(sink.recipients(), [""; 0]);
    }

    async fn a_database_of_another_folder_is_a_copy(rig: Rig) {
        let sink = SmtpSink::start();
        let (dir, places) = first(&rig).await;
        let both = two(&rig, sink.port()).await;
        rig.services.engine_at(places.clone()).await.stop().await;
        let file = dir.path().join("server-seen.json");
        let text = std::fs::read_to_string(&file).unwrap();
        let id = &text[text.find("\"id\":\"").unwrap() + 6..][..36];
        std::fs::write(&file, text.replace(id, "00000000-0000-7000-8000-000000000000")).unwrap();
        restart(&rig, &places).await;
        assert_held(&rig, both, "data folder").await;

        // A file that was damaged is no reason to stop anything.
        std::fs::write(&file, "").unwrap();
        let campaigns = &rig.services.campaigns;
        campaigns.resume(&rig.scope, both.0).await.unwrap().unwrap();
        restart(&rig, &places).await;
        rig.until_sent(both.0).await;
        assert_eq!(sink.recipients(), addresses(6));
    }

    async fn a_clock_that_went_back_starts_nothing_until_it_is_right(rig: Rig) {
        rig.contacts(3).await;
        let id = scheduled(&rig, Duration::from_hours(1)).await;
        rig.clock.advance(Duration::from_hours(3));
        rig.engine.heartbeat().await.unwrap();
        // The board comes up two hours ago, when the time to start had come as well.
        rig.clock.set(rig.clock.now().minus(Duration::from_mins(90)));
        let engine = rig.services.engine().await;
        assert_eq!(engine.due().await.unwrap(), []);
        engine.look_at(rig.scope.workspace_id(), id).await.unwrap();
        engine.stop().await;
        assert_eq!(rig.get(id).await.status, Status::Scheduled);
        // The network sets it right.
        rig.clock.advance(Duration::from_mins(91));
        let engine = restart(&rig, &Places::default()).await;
        assert_eq!(rig.until_sent(id).await.counts.sent, 3);
        engine.stop().await;
        let late = rig.db.texts("SELECT CAST(details AS text) FROM audit_logs WHERE action = 'campaign.started'").await;
        assert!(late[0].contains("minutes_late"), "{late:?}");
    }

    async fn a_clock_far_ahead_asks_a_person(rig: Rig) {
        rig.contacts(3).await;
        let id = scheduled(&rig, Duration::from_hours(8 * 24)).await;
        rig.clock.advance(Duration::from_hours(8 * 24 + 1));
        let engine = restart(&rig, &Places::default()).await;
        let held = rig.until("it to be held", id, |now| now.status == Status::Approved).await;
        assert!(held.pause_reason.clone().unwrap().contains("clock of this server"), "{:?}", held.pause_reason);

        // Whoever sends it has looked at the time: from here on the clock is believed.
        rig.services.campaigns.send(&rig.scope, id).await.unwrap().unwrap();
        engine.look_at(rig.scope.workspace_id(), id).await.unwrap();
        assert_eq!(rig.until_sent(id).await.counts.sent, 3);
        let next = scheduled(&rig, Duration::from_mins(1)).await;
        rig.clock.advance(Duration::from_mins(2));
        assert_eq!(engine.due().await.unwrap(), [(rig.scope.workspace_id(), next)]);
    }

    async fn a_clock_set_by_the_network_is_believed(rig: Rig) {
        rig.contacts(3).await;
        let (dir, _) = folder();
        let signal = dir.path().join("synchronized");
        std::fs::write(&signal, "").unwrap();
        let places = Places { data_dir: None, time_signal: Some(signal) };
        let id = scheduled(&rig, Duration::from_hours(8 * 24)).await;
        rig.clock.advance(Duration::from_hours(8 * 24 + 1));
        restart(&rig, &places).await;
        assert_eq!(rig.until_sent(id).await.counts.sent, 3);
    }

    async fn a_campaign_missed_by_more_than_a_day_asks(rig: Rig) {
        rig.contacts(3).await;
        let (day, two) = (scheduled(&rig, Duration::from_hours(30)).await, scheduled(&rig, Duration::from_hours(4)).await);
        rig.clock.advance(Duration::from_hours(40));
        restart(&rig, &Places::default()).await;
        assert_eq!(rig.until_sent(day).await.counts.sent, 3);
        let held = rig.until("it to be held", two, |now| now.status == Status::Approved).await;
        assert!(held.pause_reason.unwrap().contains("was not running"));
    }
}

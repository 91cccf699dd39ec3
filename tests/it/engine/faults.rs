//! A mail server written by others that misbehaves by address, in one campaign with people it serves well.

use std::time::Duration;

use crm_campaigns::campaigns::Status;
use support::both_databases;
use support::smtp::faults::FaultServer;

use super::rig::{Rig, assert_once};
use super::words::{at_rest, ledger, people};

/// `count` people, of whom every one after the first of `words` meets its fault.
async fn crowd(rig: &Rig, count: usize, words: &[&str]) {
    let all: Vec<&str> = (0..count).map(|number| words[number % words.len()]).collect();
    people(rig, &all).await;
}

both_databases! {
    async fn each_fault_has_its_own_consequence(rig: Rig) {
        let server = FaultServer::start();
        let words = [
            "ok", "perm550", "temp421", "throttle454", "temp451", "hang", "dropbefore", "dropdata", "dropafter",
            "hangafter", "fine",
        ];
        people(&rig, &words).await;
        let id = rig.sending(rig.smtp(server.port()).await).await;
        let campaign = rig.until("nothing to be left to do now", id, at_rest).await;
        assert_eq!(campaign.status, Status::Sending, "a campaign with people to try again is not over");

        let ledger = ledger(&rig, id).await;
        let state = |word: &str| ledger[word].0.as_str();
        for (word, wanted) in [
            ("ok", "sent"),
            ("fine", "sent"),
            ("perm550", "failed"),
            ("temp421", "retry_wait"),
            ("throttle454", "retry_wait"),
            ("temp451", "retry_wait"),
            // The message's end was not handed over: it was surely not taken.
            ("hang", "retry_wait"),
            ("dropbefore", "retry_wait"),
            // It was, and no answer came: nobody can know, and in one case of these it was not taken.
            ("dropdata", "unknown"),
            ("dropafter", "unknown"),
            ("hangafter", "unknown"),
        ] {
            assert_eq!(state(word), wanted, "{word}: {}", ledger[word].1);
        }
        assert!(ledger["perm550"].1.contains("No such user"), "{}", ledger["perm550"].1);
        let dead = rig.db.texts("SELECT address FROM suppressions").await;
        assert_eq!(dead, ["perm550.1@example.com"], "only the dead address is not written to again");
        assert_eq!(
            server.recipients(),
            ["dropafter.8@example.com", "fine.10@example.com", "hangafter.9@example.com", "ok.0@example.com"]
        );
        rig.assert_sound(id).await;
    }

    async fn trouble_that_passes_costs_nobody_and_doubles_nobody(rig: Rig) {
        let server = FaultServer::start();
        let words = ["ok", "temp421-once", "throttle454-once", "temp451-once", "dropbefore-once"];
        crowd(&rig, 40, &words).await;
        let id = rig.sending(rig.smtp(server.port()).await).await;
        rig.until("all to have been tried", id, at_rest).await;
        rig.clock.advance(Duration::from_secs(73));
        let campaign = rig.until_sent(id).await;
        assert_eq!(campaign.counts.sent, 40);
        let taken = server.recipients();
        assert_once(&taken);
        assert_eq!(taken.len(), 40);
        // The same message, however often it was offered.
        let mut ids: Vec<String> = server.taken().into_iter().map(|taken| taken.message_id).collect();
        let mut fixed = rig.ledger(id, "message_id").await;
        ids.sort();
        fixed.sort();
        assert_eq!(ids, fixed);
        rig.assert_sound(id).await;
    }

    async fn a_server_that_throttles_most_of_it_finishes_nothing_early(rig: Rig) {
        // listmonk called such campaigns finished with a third of them sent.
        let server = FaultServer::start();
        let words = ["ok", "throttle454", "throttle454-once", "throttle454-once", "ok"];
        crowd(&rig, 30, &words).await;
        let id = rig.sending(rig.smtp(server.port()).await).await;
        let campaign = rig.until("all to have been tried", id, at_rest).await;
        assert_eq!((campaign.status, campaign.counts.sent), (Status::Sending, 12));
        assert_eq!(campaign.counts.retry_wait, 18);
        rig.look_at(id).await;
        assert_eq!(rig.get(id).await.status, Status::Sending);

        rig.clock.advance(Duration::from_secs(73));
        let campaign = rig
            .until("those who were asked to wait once", id, |now| now.counts.sent == 24 && at_rest(now))
            .await;
        assert_eq!((campaign.status, campaign.counts.retry_wait), (Status::Sending, 6));
        rig.assert_sound(id).await;
        let taken = server.recipients();
        assert_once(&taken);
        assert_eq!(taken.len(), 24);
    }

    async fn a_pause_by_errors_and_a_resume_five_times_double_nobody(rig: Rig) {
        // listmonk began anew after each: three to five copies.
        let server = FaultServer::start();
        let mut words = Vec::new();
        for _ in 0..5 {
            words.extend(["ok"; 5]);
            words.extend(["dropbefore-once"; 30]);
        }
        people(&rig, &words).await;
        let id = rig.sending(rig.smtp(server.port()).await).await;
        for _ in 0..5 {
            let paused = rig
                .until("a pause", id, |now| now.status == Status::Paused && now.counts.sending == 0)
                .await;
            assert!(paused.pause_reason.clone().unwrap().contains("20 messages in a row"), "{paused:?}");
            rig.resume(id).await;
        }
        // What was refused comes again once its time has come.
        loop {
            let now = rig.get(id).await;
            match now.status {
                Status::Sent => break,
                Status::Paused => rig.resume(id).await,
                _ => rig.clock.advance(Duration::from_secs(5)),
            }
            tokio::task::yield_now().await;
        }
        let taken = server.recipients();
        assert_once(&taken);
        assert_eq!(taken.len(), words.len());
        rig.assert_sound(id).await;
    }
}

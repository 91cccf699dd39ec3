//! The program is killed while it merges: every pair is either one contact or two, and never half of each.

use std::time::{Duration, Instant};

use serde_json::json;
use support::both_databases;
use support::process::Site;

const PAIRS: usize = 60;

both_databases! {
    async fn killed_while_it_merges_every_pair_is_one_or_two(site: Site) {
        let process = site.start().await;
        let owner = process.owner().await;
        let vip = owner.post("/api/lists", json!({"name": "VIP"})).await.id();
        let mut pairs = Vec::new();
        for number in 0..PAIRS {
            let new = |who: &str| json!({"first_name": who, "primary_email": format!("{who}{number}@engines.org"), "list_ids": [vip]});
            let source = owner.post("/api/contacts", new("source")).await.id();
            owner.post("/api/logs", json!({"contact_id": source, "type": "note", "content": {"text": "n"}})).await.expect(201);
            pairs.push((source, owner.post("/api/contacts", new("target")).await.id()));
        }
        let merging = {
            let (owner, pairs) = (owner.clone(), pairs.clone());
            tokio::spawn(async move {
                for (source, target) in pairs {
                    let body = json!({"source_id": source, "target_id": target});
                    let request = owner.request(reqwest::Method::POST, "/api/contacts/merge").json(&body);
                    if support::Answer::try_of(request).await.is_err() {
                        return;
                    }
                }
            })
        };
        let merged = "SELECT CAST(count(*) AS text) FROM merge_journal";
        let begin = Instant::now();
        // Somewhere in the middle, wherever that is.
        while site.db.texts(merged).await == ["0"] && begin.elapsed() < Duration::from_secs(30) {
            tokio::task::yield_now().await;
        }
        process.kill();
        drop(process);
        let _ = merging.await;
        let process = site.start().await;
        let count = async |sql: &str| site.db.texts(sql).await[0].parse::<usize>().unwrap();
        let done = count(merged).await;
        assert!(done > 0, "nothing was merged before the kill");
        assert_eq!(count("SELECT CAST(count(*) AS text) FROM base_contacts").await, 2 * PAIRS - done);
        // Each note is still somebody's, and each merge has its line on a timeline and in the audit log.
        let notes = "SELECT CAST(count(*) AS text) FROM communication_logs WHERE type = 'note'";
        assert_eq!(count(notes).await, PAIRS);
        let told = "SELECT CAST(count(*) AS text) FROM communication_logs WHERE type = 'system'";
        assert_eq!(count(told).await, done);
        let audited = "SELECT CAST(count(*) AS text) FROM audit_logs WHERE action = 'contact.merged'";
        assert_eq!(count(audited).await, done);
        drop(process);
    }
}

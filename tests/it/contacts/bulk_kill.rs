//! An action on many contacts whose process is killed ends as if it had not been.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::process::Site;
use support::{both_databases, wait};

use super::bulk::{crowd, over, stage};

const PEOPLE: usize = 1500;
/// Moments after which the process is killed, in milliseconds: odd ones, so that they meet different points of a batch.
const MOMENTS: [u64; 4] = [37, 113, 71, 149];

both_databases! {
    async fn killed_at_any_moment_it_goes_on_after_the_start(site: Site) {
        let mut process = site.start().await;
        let owner = process.owner().await;
        crowd(&owner, PEOPLE).await;
        let won = stage(&owner, "Won").await;
        let body = json!({"action": "move", "list_id": won, "filter": {"q": "crowd"}});
        let started = owner.post("/api/contacts/bulk", body).await;
        started.expect(202);
        for moment in MOMENTS {
            let ripe = Instant::now() + Duration::from_millis(moment);
            wait::until("the moment", Duration::from_secs(5), async || (Instant::now() >= ripe).then_some(())).await;
            process.kill();
            drop(process);
            process = site.start().await;
        }
        let done = over(&owner, &started).await;
        assert_eq!((&done["state"], &done["changed"]), (&json!("done"), &json!(PEOPLE)));
        let moved = format!("SELECT CAST(count(*) AS text) FROM contact_list_assignments WHERE list_id = '{won}' AND is_primary = true");
        assert_eq!(site.db.texts(&moved).await, [PEOPLE.to_string()]);
        // Everybody has entered the first stage and moved once, and no more.
        let told = "SELECT CAST(count(*) AS text) FROM communication_logs WHERE type = 'stage_change'";
        assert_eq!(site.db.texts(told).await, [(2 * PEOPLE).to_string()]);

        owner.post(&format!("/api/contacts/bulk/{}/undo", started.id()), Value::Null).await.expect(202);
        let ripe = Instant::now() + Duration::from_millis(61);
        wait::until("the moment", Duration::from_secs(5), async || (Instant::now() >= ripe).then_some(())).await;
        process.kill();
        drop(process);
        let process = site.start().await;
        let undone = over(&owner, &started).await;
        assert_eq!((&undone["state"], &undone["undone"]), (&json!("undone"), &json!(PEOPLE)));
        assert_eq!(site.db.texts(&moved).await, ["0"]);
        assert_eq!(site.db.texts(told).await, [(3 * PEOPLE).to_string()]);
        drop(process);
    }
}

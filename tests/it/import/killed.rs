//! The whole program is killed while it imports, and while it undoes an import; started again it goes on as if nothing had
//! happened.

use std::time::{Duration, Instant};

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use support::process::{Process, Site};
use support::{Client, both_databases, wait};

use super::rig::made;

const ROWS: usize = 4000;
/// Moments after which the process is killed, in milliseconds, counted from when it got on since the last kill: an import
/// that never gets on is given up by rule.
const MOMENTS: [u64; 3] = [0, 20, 60];

/// Waits until more rows were read than before, lets some milliseconds pass, kills the process, and starts it again.
async fn interrupt(site: &Site, process: Process, before: &mut usize, moment: u64) -> Process {
    *before = wait::until("the import to get on", Duration::from_mins(1), async || {
        let rows = rows(site).await;
        (rows > *before || rows == ROWS).then_some(rows)
    })
    .await;
    kill_after(site, process, moment).await
}

/// Rows of the file that have their outcome.
async fn rows(site: &Site) -> usize {
    let counted = site.db.texts("SELECT CAST(count(*) AS text) FROM import_rows").await;
    counted[0].parse().unwrap()
}

async fn kill_after(site: &Site, process: Process, moment: u64) -> Process {
    let ripe = Instant::now() + Duration::from_millis(moment);
    wait::until("the moment", Duration::from_secs(5), async || {
        (Instant::now() >= ripe).then_some(())
    })
    .await;
    process.kill();
    drop(process);
    site.start().await
}

/// What `field` of the import says once it is one of `ends`.
async fn ended(client: &Client, path: &str, field: &str, ends: &[&str]) -> Value {
    wait::until("it to end", Duration::from_mins(2), async || {
        let now = client.get(path).await.data().clone();
        ends.iter().any(|end| now[field] == *end).then_some(now)
    })
    .await
}

both_databases! {
    async fn killed_at_any_moment_an_import_and_its_undo_go_on(site: Site) {
        let mut process = site.start().await;
        let owner = process.owner().await;
        let file = made(&["-n", &ROWS.to_string(), "-s", "11"]);
        let file = Part::bytes(file).file_name("people.csv");
        let started = owner.upload("/api/import", Form::new().part("file", file)).await;
        let path = format!("/api/import/{}", started.expect(202).id());
        let (mut before, mut kills) = (0, 0);
        for moment in MOMENTS {
            process = interrupt(&site, process, &mut before, moment).await;
            kills += usize::from(before < ROWS);
        }
        assert!(kills > 0, "no kill came in the middle");
        let done = ended(&owner, &path, "state", &["done", "failed"]).await;
        assert_eq!((&done["state"], &done["total"]), (&json!("done"), &json!(ROWS)), "{done}");
        let made = "SELECT CAST(count(*) AS text) FROM base_contacts";
        assert_eq!(site.db.texts(made).await, [done["created"].to_string()]);
        // Every row has one outcome, and every contact entered its stage once.
        assert_eq!(rows(&site).await, ROWS);
        let entered = "SELECT CAST(count(*) AS text) FROM communication_logs WHERE type = 'stage_change'";
        assert_eq!(site.db.texts(entered).await, [done["created"].to_string()]);

        let undo = owner.post(&format!("{path}/undo"), Value::Null).await;
        assert!(undo.status < 300, "{}", undo.text);
        process = kill_after(&site, process, 70).await;
        wait::until("the undo to end", Duration::from_mins(2), async || {
            (site.db.texts(made).await == ["0"]).then_some(())
        })
        .await;
        drop(process);
    }
}

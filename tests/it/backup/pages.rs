//! Backups over the API and on the page, and the one of the day.

use std::time::Duration;

use serde_json::json;
use support::process::{OWNER_EMAIL, PASSWORD};
use support::wait;

use super::rig::{change, contact, database, done, list, site};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_runs_the_server_makes_and_fetches_them() {
    let site = site().await;
    let server = site.start().await;
    let owner = server.owner().await;
    contact(&owner, "Ada").await;
    let page = owner.get("/settings/backups").await;
    assert!(page.expect(200).text.contains("There is no backup yet."));
    let made = owner.post("/api/backups", json!({})).await.expect(201).data().clone();
    assert_eq!(made["verified"], true);
    owner.submit("/settings/backups", "/settings/backups", &[]).await.expect(303);
    let listed = owner.get("/api/backups").await.data().as_array().unwrap().clone();
    assert_eq!(json!(listed), json!(list(&site)));
    assert_eq!((listed.len(), &listed[1]), (2, &made));
    let page = owner.get("/settings/backups").await;
    let text = &page.expect(200).text;
    assert_eq!(text.matches("<bdi>Verified</bdi>").count(), 2, "{text}");
    assert!(text.contains("within the last 24 hours"));

    let id = made["id"].as_str().unwrap();
    let request = owner.request(reqwest::Method::GET, &format!("/api/backups/{id}/download"));
    let answer = request.send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()),
        (200, "application/zstd")
    );
    let bytes = answer.bytes().await.unwrap();
    assert_eq!(bytes, std::fs::read(made["path"].as_str().unwrap()).unwrap());
    let fetched = site.data_dir().join("fetched.zst");
    std::fs::write(&fetched, &bytes).unwrap();
    done(&site.run(&["backup", "verify", fetched.to_str().unwrap(), "--json"]));
    let nobody = "/api/backups/01a2244a-d92d-702d-ae9e-016a3c451d7f/download";
    owner.get(nobody).await.expect_error(404, "not_found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_one_of_the_day_is_made_by_itself_once_there_is_something_to_lose() {
    let site = site().await;
    let server = site.start().await;
    let owner = server.owner().await;
    contact(&owner, "Ada").await;
    let late = "No backup of the last 24 hours";
    assert!(!owner.get("/dashboard").await.expect(200).text.contains(late));
    assert!(server.terminate().success());
    assert_eq!(list(&site).len(), 0, "an installation of today is not backed up unasked");

    // A place that is not there: it is late, and says why.
    let mut site = site;
    let folder = site.data_dir().join("elsewhere");
    site.put("BACKUP_DIR", folder.display().to_string());
    let earlier = "UPDATE users SET created_at = '2026-01-01T00:00:00.000Z'";
    change(&database(&site), earlier).await;
    let server = site.start().await;
    let mut client = server.client();
    client.login(OWNER_EMAIL, PASSWORD).await.expect(200);
    assert!(client.get("/dashboard").await.expect(200).text.contains(late));
    assert!(client.get("/settings/backups").await.expect(200).text.contains(late));
    assert!(server.terminate().success());

    std::fs::create_dir(&folder).unwrap();
    let server = site.start().await;
    let backups = wait::until("the backup of the day", Duration::from_secs(30), async || {
        let backups = client.get("/api/backups").await.data().as_array().unwrap().clone();
        backups.first().is_some_and(|backup| backup["verified"] == true).then_some(backups)
    })
    .await;
    assert_eq!(backups.len(), 1);
    assert!(!client.get("/dashboard").await.expect(200).text.contains(late));
    // The next start finds it.
    assert!(server.terminate().success());
    let server = site.start().await;
    client.get("/api/backups").await.expect(200);
    assert!(server.terminate().success());
    assert_eq!(list(&site).len(), 1);
}

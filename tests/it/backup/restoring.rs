//! Putting a backup back: in its own place and elsewhere, with all sending held.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use support::process::{OWNER_EMAIL, PASSWORD, Process};
use support::smtp::SmtpSink;
use support::{Client, wait};

use super::rig::{
    assert_whole, change, contact, create, database, named, refused, restore, site, texts,
};

/// A campaign to one contact that is scheduled for later.
async fn scheduled(owner: &Client, port: u16) {
    let person = json!({"first_name": "Rita", "primary_email": "rita@example.com"});
    owner.post("/api/contacts", person).await.expect(201);
    let provider = json!({
        "kind": "email", "provider_type": "smtp",
        "config": {
            "host": "127.0.0.1", "port": port, "security": "none",
            "from_email": "hello@acme.example", "from_name": "Acme",
        },
    });
    let provider = owner.post("/api/providers", provider).await.expect(201).id();
    let template = json!({
        "name": "News", "channel": "email", "format": "html", "subject": "News",
        "body_html": "<p>All is well.</p>",
    });
    let template = owner.post("/api/templates", template).await.expect(201).id();
    let campaign = json!({
        "name": "News", "type": "email", "template_id": template, "segment_json": {"all": []},
        "provider_id": provider, "schedule_json": {"send_at": "2099-01-01T09:00:00.000Z", "timezone": "UTC"},
    });
    let id = owner.post("/api/campaigns", campaign).await.expect(201).id();
    for step in ["submit", "approve", "schedule"] {
        owner.post(&format!("/api/campaigns/{id}/{step}"), json!({})).await.expect(200);
    }
}

/// As if its time had come while the server was off.
async fn time_has_come(file: &Path) {
    let sql = "UPDATE campaigns SET schedule_json = json_set(schedule_json, '$.send_at', \
               strftime('%Y-%m-%dT%H:%M:%f', 'now', '-1 minute') || 'Z') WHERE status = 'scheduled'";
    change(file, sql).await;
}

async fn status(file: &Path) -> Vec<String> {
    texts(file, "SELECT status || ' ' || coalesce(pause_reason, '') FROM campaigns").await
}

async fn signed_in(server: &Process) -> Client {
    let mut client = server.client();
    client.login(OWNER_EMAIL, PASSWORD).await.expect(200);
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_backups_under_load_come_up_elsewhere_and_send_nothing() {
    let sink = SmtpSink::start();
    let source = site().await;
    let server = source.start().await;
    let owner = server.owner().await;
    scheduled(&owner, sink.port()).await;
    let stop = Arc::new(AtomicBool::new(false));
    let load = tokio::spawn({
        let (stop, client) = (Arc::clone(&stop), signed_in(&server).await);
        async move {
            let mut written = 0;
            while !stop.load(Ordering::Relaxed) {
                contact(&client, &format!("Load {written}")).await;
                written += 1;
            }
            written
        }
    });
    let mut made = Vec::new();
    for number in 0..20 {
        contact(&owner, &format!("Marker {number}")).await;
        made.push(tokio::task::block_in_place(|| create(&source)));
    }
    stop.store(true, Ordering::Relaxed);
    assert!(load.await.unwrap() > 20, "hardly any load");
    assert!(server.terminate().success());

    for (number, backup) in made.iter().enumerate() {
        let target = site().await;
        let file = database(&target);
        let said = restore(&target, backup["path"].as_str().unwrap());
        assert_eq!(
            (&said["safety_copy"], &said["created_at"]),
            (&json!(null), &backup["created_at"])
        );
        assert_whole(&file).await;
        let markers = named(&file, "Marker %").await;
        assert_eq!(markers.len(), number + 1, "what was saved before it is in it, and no more");
        let id = backup["id"].as_str().unwrap();
        let marker = format!("SELECT state FROM backups WHERE id = '{id}'");
        assert_eq!(texts(&file, &marker).await, ["running"]);
        time_has_come(&file).await;
        let server = target.start().await;
        assert_held(&file).await;
        let client = signed_in(&server).await;
        let marker = format!("/api/contacts?q=Marker%20{number}");
        assert_eq!(client.get(&marker).await.data()[0]["first_name"], format!("Marker {number}"));
        assert!(server.terminate().success());
    }
    assert_eq!(sink.recipients(), [""; 0]);

    // Where nobody has restored anything, the same campaign goes out.
    time_has_come(&database(&source)).await;
    let _server = source.start().await;
    wait::until("the campaign to go out", Duration::from_mins(1), async || {
        (sink.recipients() == ["rita@example.com"]).then_some(())
    })
    .await;
}

async fn assert_held(file: &Path) {
    let held = wait::until("the campaign to be held", Duration::from_secs(30), async || {
        let status = status(file).await;
        (!status[0].starts_with("scheduled")).then_some(status)
    })
    .await;
    assert!(held[0].starts_with("approved This database was restored from a backup"), "{held:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_its_own_place_it_keeps_a_copy_and_sends_nothing() {
    let sink = SmtpSink::start();
    let site = site().await;
    let file = database(&site);
    let server = site.start().await;
    let owner = server.owner().await;
    scheduled(&owner, sink.port()).await;
    contact(&owner, "Old").await;
    let made = create(&site);
    let path = made["path"].as_str().unwrap();
    contact(&owner, "New").await;
    let said = refused(&site.run(&["backup", "restore", path, "--yes"]));
    assert!(said.contains("another pi-crm is using the data folder"), "{said}");
    // Killed: it is as far as its last sign of life, and so is the backup.
    server.kill();
    let said = restore(&site, path);
    assert_eq!(named(&file, "%").await, ["Old", "Rita"]);
    let copy = said["safety_copy"].as_str().unwrap().to_owned();
    assert_eq!(named(Path::new(&copy), "%").await, ["New", "Old", "Rita"]);
    time_has_come(&file).await;
    let server = site.start().await;
    assert_held(&file).await;
    signed_in(&server).await;
    assert!(server.terminate().success());
    // Once it was seen to, it is an installation like any other.
    assert!(site.start().await.terminate().success());
    let held = "SELECT action FROM audit_logs WHERE action IN ('campaign.held', 'backup.restored')";
    assert_eq!(texts(&file, held).await.len(), 2);
    // And back again, from the copy of before.
    restore(&site, &copy);
    assert_eq!(named(&file, "%").await, ["New", "Old", "Rita"]);
    let server = site.start().await;
    assert_held(&file).await;
    signed_in(&server).await;
    assert_eq!(sink.recipients(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_damaged_is_replaced_and_kept() {
    let site = site().await;
    let file = database(&site);
    let server = site.start().await;
    contact(&server.owner().await, "Old").await;
    let made = create(&site);
    assert!(server.terminate().success());
    drop(server);
    // With its log SQLite would mend it.
    for log in ["pi-crm.db-wal", "pi-crm.db-shm"] {
        let _ = std::fs::remove_file(site.data_dir().join(log));
    }
    std::fs::write(&file, "this was a database").unwrap();
    let said = restore(&site, made["path"].as_str().unwrap());
    let copy = said["safety_copy"].as_str().unwrap();
    assert_eq!(std::fs::read_to_string(copy).unwrap(), "this was a database");
    assert_whole(&file).await;
    signed_in(&site.start().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_somebody_has_open_is_left_alone() {
    let site = site().await;
    let file = database(&site);
    let server = site.start().await;
    contact(&server.owner().await, "Old").await;
    let made = create(&site);
    assert!(server.terminate().success());
    let open = crm_core::db::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let path = made["path"].as_str().unwrap();
    let said = refused(&site.run(&["backup", "restore", path, "--yes"]));
    assert!(said.contains("has it open") || said.contains("locked"), "{said}");
    open.read.close().await.unwrap();
    open.write.close().await.unwrap();
    assert_eq!(named(&file, "%").await, ["Old"]);
    restore(&site, path);
}

/// One of a newer version is refused before anything is touched.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_newer_version_is_left_alone() {
    let newer = site().await;
    newer.start().await.owner().await;
    change(
        &database(&newer),
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000001_later', 0)",
    )
    .await;
    let site = site().await;
    let server = site.start().await;
    contact(&server.owner().await, "Old").await;
    assert!(server.terminate().success());
    let path = database(&newer);
    let said = refused(&site.run(&["backup", "restore", path.to_str().unwrap(), "--yes"]));
    assert!(said.contains("a newer one may"), "{said}");
    assert_eq!(named(&database(&site), "%").await, ["Old"]);
    assert!(!database(&site).with_file_name("pi-crm.db.restoring").exists());
}

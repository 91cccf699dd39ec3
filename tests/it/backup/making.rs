//! Making, listing and checking.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait;
use serde_json::json;
use support::process::Site;
use support::{TestDb, both_databases};

use super::rig::{
    change, contact, create, database, done, files, list, refused, restore, site, texts,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_made_checked_and_listed_beside_the_server() {
    let site = site().await;
    let server = site.start().await;
    let owner = server.owner().await;
    contact(&owner, "Ada").await;
    assert_eq!(list(&site), Vec::<serde_json::Value>::new());
    let first = create(&site);
    contact(&owner, "Grace").await;
    let second = create(&site);
    let path = first["path"].as_str().unwrap();
    assert_eq!(first["verified"], true);
    assert_eq!(first["bytes"].as_u64().unwrap(), std::fs::metadata(path).unwrap().len());
    assert_eq!(list(&site), [second.clone(), first.clone()]);
    let mut keys: Vec<&String> = first.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["bytes", "created_at", "id", "path", "verified"]);
    // Nothing half done beside them.
    assert_eq!(files(&site.data_dir().join("backups")).len(), 2);
    assert_eq!(files(&site.data_dir().join("backup-work")), [""; 0]);
    let said = done(&site.run(&["backup", "verify", path, "--json"]));
    assert_eq!((said["verified"].as_bool(), &said["id"]), (Some(true), &first["id"]));
    let entries = "SELECT action FROM audit_logs WHERE action LIKE 'backup.%'";
    assert_eq!(texts(&database(&site), entries).await, ["backup.created", "backup.created"]);
    assert!(server.terminate().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_damaged_is_not_sound() {
    let site = site().await;
    site.start().await.owner().await;
    let made = create(&site);
    let path = made["path"].as_str().unwrap();
    let bytes = std::fs::read(path).unwrap();
    let copy = site.data_dir().join("copy.db.zst");
    let copy_path = copy.to_str().unwrap();
    let length = bytes.len();
    for at in [0, 5, 40, length / 3, length / 2, length - 3] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        std::fs::write(&copy, damaged).unwrap();
        let said = refused(&site.run(&["backup", "verify", copy_path]));
        assert!(said.contains("is not a sound backup"), "byte {at}: {said}");
        let said = refused(&site.run(&["backup", "restore", copy_path, "--yes"]));
        assert!(said.contains("is not a sound backup"), "byte {at}: {said}");
    }
    for cut in [0, 3, 200, length / 2, length - 1] {
        std::fs::write(&copy, &bytes[..cut]).unwrap();
        let said = refused(&site.run(&["backup", "verify", copy_path]));
        assert!(said.contains("is not a sound backup"), "{cut} bytes: {said}");
    }
    // One of the folder that was shortened is listed, and not as verified.
    std::fs::write(path, &bytes[..length - 1]).unwrap();
    assert_eq!(list(&site)[0]["verified"], false);
    let said = refused(&site.run(&["backup", "verify", "nowhere.zst"]));
    assert!(said.contains("nowhere.zst: No such file"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_points_nowhere_is_found() {
    let site = site().await;
    let server = site.start().await;
    let owner = server.owner().await;
    contact(&owner, "Ada").await;
    drop(server);
    // As a program without foreign keys could leave it.
    let file = database(&site);
    change(&file, "PRAGMA foreign_keys = OFF; DELETE FROM workspaces").await;
    let said = refused(&site.run(&["backup", "create"]));
    assert!(said.contains("points to a row of workspaces"), "{said}");
    // It is there for whoever wants to know, and it is red.
    assert_eq!(list(&site)[0]["verified"], false);
    let state = "SELECT state || ' ' || coalesce(verified_at, '-') FROM backups";
    assert_eq!(texts(&file, state).await, ["done -"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keys_are_not_in_it() {
    let site = site().await;
    let server = site.start().await;
    let owner = server.owner().await;
    let provider = json!({
        "kind": "email", "provider_type": "smtp",
        "config": {
            "host": "127.0.0.1", "port": 2525, "security": "none", "username": "u", "password": "a canary in a cage",
            "from_email": "a@acme.example", "from_name": "Acme",
        },
    });
    owner.post("/api/providers", provider).await.expect(201);
    let made = create(&site);
    drop(server);
    let other = self::site().await;
    restore(&other, made["path"].as_str().unwrap());
    let plain = std::fs::read(database(&other)).unwrap();
    let holds = |text: &str| plain.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("andy@example.com"), "what is no secret is in it");
    assert!(!holds("a canary in a cage"));
    for key in ["encryption.key", "session.key"] {
        let key = std::fs::read_to_string(site.data_dir().join(key)).unwrap();
        assert!(!holds(key.trim()));
    }
    // With another key the secret stays closed, and the server says so; with the key of before it opens.
    let said = refused(&other.run(&["secrets", "rotate"]));
    assert!(said.contains("nothing was changed"), "{said}");
    std::fs::copy(site.data_dir().join("encryption.key"), other.data_dir().join("encryption.key"))
        .unwrap();
    assert_eq!(done(&other.run(&["secrets", "rotate", "--json"]))["resealed"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_of_the_operators_has_to_be_there() {
    let disk = tempfile::tempdir().unwrap();
    let folder = disk.path().join("mounted");
    let site = site().await.set("BACKUP_DIR", folder.display().to_string());
    let said = refused(&site.run(&["backup", "create"]));
    assert!(said.contains("is its disk mounted?"), "{said}");
    assert!(!folder.exists());
    std::fs::create_dir(&folder).unwrap();
    let made = create(&site);
    assert!(made["path"].as_str().unwrap().starts_with(folder.to_str().unwrap()));
}

/// Each write gives up after a tenth of a second of waiting for the database; none does, however slow the machine is.
/// Lets a backup say that it was made at another time.
fn backdate(path: &str, at: &str) {
    let bytes = std::fs::read(path).unwrap();
    let key = b"\"created_at\":\"";
    let start = bytes.windows(key.len()).position(|window| window == key).unwrap() + key.len();
    let mut changed = bytes;
    changed[start..start + at.len()].copy_from_slice(at.as_bytes());
    std::fs::write(path, changed).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_old_backups_one_of_each_time_stays() {
    let site = site().await.set("BACKUP_KEEP", "0,0,2");
    assert!(site.run(&["migrate"]).status.success());
    let path = |made: &serde_json::Value| made["path"].as_str().unwrap().to_owned();
    let (first, second, third) = (create(&site), create(&site), create(&site));
    assert_eq!(list(&site).len(), 3, "none of the last day goes");
    backdate(&path(&first), "2020-03-01T10:00:00.000Z");
    backdate(&path(&second), "2020-03-31T10:00:00.000Z");
    backdate(&path(&third), "2020-02-01T10:00:00.000Z");
    // One this database knows nothing of is nobody's to remove.
    let copied = site.data_dir().join("backups/pi-crm-copied.db.zst");
    std::fs::copy(path(&third), &copied).unwrap();
    change(
        &database(&site),
        &format!("DELETE FROM backups WHERE id = '{}'", third["id"].as_str().unwrap()),
    )
    .await;
    let newest = create(&site);
    let left: Vec<String> = list(&site).iter().map(path).collect();
    assert_eq!(left[0], path(&newest));
    assert!(left.contains(&path(&second)), "the last of its month: {left:?}");
    assert!(!left.contains(&path(&first)), "not the last of it: {left:?}");
    assert!(copied.exists() && left.contains(&path(&third)), "{left:?}");
    let rows = texts(&database(&site), "SELECT id FROM backups ORDER BY created_at").await;
    assert!(!rows.contains(&first["id"].as_str().unwrap().to_owned()), "{rows:?}");
    let audited = "SELECT count(*) || '' FROM audit_logs WHERE action = 'backup.removed'";
    assert_eq!(texts(&database(&site), audited).await, ["1"]);
    let said = refused(&site.set("BACKUP_KEEP", "all").run(&["backup", "list"]));
    assert!(said.contains("BACKUP_KEEP"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_waits_for_no_backup() {
    let site = site().await;
    assert!(site.run(&["migrate"]).status.success());
    let file = database(&site);
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) \
                INSERT INTO system_settings (id, scope, scope_id, setting_key, setting_value) \
                SELECT 'fill-' || i, 'system', '', 'fill-' || i, hex(randomblob(1000)) FROM n";
    change(&file, rows).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn({
        let (stop, url) = (Arc::clone(&stop), format!("sqlite://{}", file.display()));
        async move {
            let write = crm_core::db::connect(&url).await.unwrap().write;
            write.execute_unprepared("PRAGMA busy_timeout = 100").await.unwrap();
            let (mut writes, mut longest) = (0_u32, Duration::ZERO);
            while !stop.load(Ordering::Relaxed) {
                let begun = Instant::now();
                let sql = "UPDATE system_settings SET setting_value = setting_value || 'x' WHERE id = 'fill-1'";
                write.execute_unprepared(sql).await.unwrap();
                longest = longest.max(begun.elapsed());
                writes += 1;
            }
            (writes, longest)
        }
    });
    let made = create(&site);
    stop.store(true, Ordering::Relaxed);
    let (writes, longest) = writing.await.unwrap();
    assert!(writes > 20, "{writes} writes, the longest of {longest:?}");
    assert!(made["bytes"].as_u64().unwrap() > 10_000_000);
}

both_databases! {
    async fn what_cannot_be_done_is_said(site: Site) {
        let is_file = site.db.backend() == support::Backend::Sqlite;
        let said = refused(&site.run(&["backup", "restore", "a.zst"]));
        let why = if is_file { "repeat it with --yes" } else { "restore it with pg_restore" };
        assert!(said.contains(why), "{said}");
        if !is_file {
            let said = refused(&site.run(&["backup", "create"]));
            assert!(said.contains("pg_dump"), "{said}");
            assert_eq!(list(&site), Vec::<serde_json::Value>::new());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_database_of_ours_is_not_restored() {
    let site = site().await;
    let other = TestDb::unmigrated(support::Backend::Sqlite).await;
    other.raw().execute_unprepared("CREATE TABLE a (b)").await.unwrap();
    let file = other.files().remove(0);
    let said = refused(&site.run(&["backup", "restore", file.to_str().unwrap(), "--yes"]));
    assert!(said.contains("is not a sound backup"), "{said}");
    assert!(!database(&site).exists());
}

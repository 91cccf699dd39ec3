//! Ended in the middle, by `kill -9` and by a disk that is full: what was there before, or what was to be there, and never
//! anything between.

use std::path::Path;
use std::process::Child;
use std::time::Duration;

use support::process::{OWNER_EMAIL, PASSWORD, Site};
use support::wait;

use super::rig::{
    assert_whole, change, contact, create, database, files, list, named, refused, restore, site,
};

/// How long a step may take until it is seen.
const SOON: Duration = Duration::from_mins(1);

/// An installation with enough in it that each step of a backup can be met.
async fn large() -> Site {
    let site = site().await;
    let server = site.start().await;
    contact(&server.owner().await, "Old").await;
    assert!(server.terminate().success());
    let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000) \
                INSERT INTO system_settings (id, scope, scope_id, setting_key, setting_value) \
                SELECT 'fill-' || i, 'system', '', 'fill-' || i, hex(randomblob(1000)) FROM n";
    change(&database(&site), fill).await;
    site
}

/// Kills it as soon as a file of `folder` has a name that ends so, or when it is over.
fn kill_at(mut child: Child, folder: &Path, end: &str) -> bool {
    let met = wait::until_blocking("a step", SOON, || {
        let over = child.try_wait().unwrap().is_some();
        let met = files(folder).iter().any(|name| name.ends_with(end));
        (over || met).then_some(met)
    });
    let _ = child.kill();
    child.wait().unwrap();
    met
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_killed_leaves_none_or_a_whole_one() {
    let site = large().await;
    let (data, folder) = (site.data_dir(), site.data_dir().join("backups"));
    let work = data.join("backup-work");
    create(&site);
    std::fs::remove_dir_all(&folder).unwrap();
    let mut met = 0;
    for (place, end) in
        [(&work, "copy.db"), (&folder, ".partial"), (&folder, ".zst"), (&work, "check.db")]
    {
        let before = list(&site).len();
        met += usize::from(kill_at(site.begin(&["backup", "create"]), place, end));
        for backup in list(&site) {
            let said = site.run(&["backup", "verify", backup["path"].as_str().unwrap()]);
            assert!(
                said.status.success(),
                "killed at {end}: {}",
                String::from_utf8_lossy(&said.stderr)
            );
        }
        let there = list(&site).len();
        assert!(there == before || there == before + 1, "killed at {end}");
        // The next one is as if nothing had happened, and clears away what was left.
        create(&site);
        assert_eq!(files(&work), [""; 0]);
        assert!(files(&folder).iter().all(|name| name.ends_with(".db.zst")));
        assert_whole(&database(&site)).await;
    }
    assert!(met >= 3, "only {met} steps were met");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_is_killed_leaves_the_old_or_the_new() {
    let site = large().await;
    let (data, file) = (site.data_dir(), database(&site));
    let made = create(&site);
    let path = made["path"].as_str().unwrap();
    let (mut old, mut new) = (0, 0);
    for end in [".restoring", ".restoring-wal", ".restoring-journal", "-none", ".before"] {
        let server = site.start().await;
        let mut client = server.client();
        client.login(OWNER_EMAIL, PASSWORD).await.expect(200);
        contact(&client, "New").await;
        server.kill();
        drop(server);
        for copy in files(&data).iter().filter(|name| name.contains("before-restore")) {
            std::fs::remove_file(data.join(copy)).unwrap();
        }
        let child = site.begin(&["backup", "restore", path, "--yes"]);
        if end == ".before" {
            let copied = || files(&data).iter().any(|name| name.contains("before-restore"));
            wait::until_blocking("the safety copy", SOON, || copied().then_some(()));
            kill_at(child, &data, "");
        } else {
            kill_at(child, &data, end);
        }
        assert_whole(&file).await;
        match named(&file, "%").await.last().map(String::as_str) {
            Some("Old") if named(&file, "New").await.is_empty() => new += 1,
            _ => {
                assert!(!named(&file, "New").await.is_empty(), "killed at {end}");
                old += 1;
            }
        }
        // Done again, it is done, and nothing is left over.
        restore(&site, path);
        assert_eq!(named(&file, "%").await, ["Old"]);
        assert!(files(&data).iter().all(|name| !name.contains(".restoring")), "{:?}", files(&data));
    }
    assert!(old > 0 && new > 0, "old {old}, new {new}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_leaves_what_was_there() {
    let site = large().await;
    let (data, file) = (site.data_dir(), database(&site));
    let made = create(&site);
    let path = made["path"].as_str().unwrap();
    let bytes = std::fs::metadata(path).unwrap().len();
    let database_bytes = std::fs::metadata(&file).unwrap().len();
    // For the copy, for the packed file, and for what is noted about it.
    for limit in [512, 100_000, bytes / 2, bytes - 1024, database_bytes / 2, database_bytes / 4 * 3]
    {
        let said = refused(&site.run_within(limit, &["backup", "create"]));
        assert!(!said.is_empty());
        assert_eq!(list(&site).len(), 1, "{limit}: {said}");
        assert_whole(&file).await;
    }
    assert_eq!(create(&site)["verified"], true);
    assert!(files(&data.join("backups")).iter().all(|name| !name.ends_with(".partial")));

    let server = site.start().await;
    let mut client = server.client();
    client.login(OWNER_EMAIL, PASSWORD).await.expect(200);
    contact(&client, "New").await;
    assert!(server.terminate().success());
    for limit in [512, 100_000, database_bytes / 2, database_bytes / 4 * 3] {
        let said = refused(&site.run_within(limit, &["backup", "restore", path, "--yes"]));
        assert!(said.contains("the disk is full at"), "{limit}: {said}");
        assert_whole(&file).await;
        assert_eq!(named(&file, "%").await, ["New", "Old"]);
        assert!(files(&data).iter().all(|name| !name.contains("restor")), "{:?}", files(&data));
    }
    restore(&site, path);
    assert_eq!(named(&file, "%").await, ["Old"]);
}

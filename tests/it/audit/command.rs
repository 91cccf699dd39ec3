//! `pi-crm audit verify`

use support::both_databases;
use support::process::Site;

use super::{run, unguard};

both_databases! {
    async fn the_command_reads_beside_a_running_server_and_names_what_is_wrong(site: Site) {
        let server = site.start().await;
        server.owner().await;
        let done = site.run(&["audit", "verify"]);
        let words = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{done:?}");
        assert!(words.starts_with("The audit log is whole: "), "{words}");
        let done = site.run(&["audit", "verify", "--json"]);
        let verdict: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(verdict["ok"], true);
        let entries = site.db.count("SELECT count(*) FROM audit_logs").await;
        assert_eq!(verdict["checked"], entries);

        unguard(&site.db).await;
        run(&site.db, "UPDATE audit_logs SET ip_address = '192.0.2.1' WHERE seq = 2").await;
        let done = site.run(&["audit", "verify"]);
        assert!(!done.status.success());
        let words = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(words.contains("entry 2 was changed"), "{words}");
        let done = site.run(&["audit", "verify", "--json"]);
        assert!(!done.status.success());
        let verdict: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!((&verdict["ok"], &verdict["first_bad"]), (&false.into(), &2.into()));
        assert_eq!(site.db.count("SELECT count(*) FROM audit_logs").await, entries);
        server.terminate();
    }

    async fn a_database_without_the_tables_is_told_so(site: Site) {
        unguard(&site.db).await;
        run(&site.db, "DROP TABLE audit_head").await;
        run(&site.db, "DROP TABLE audit_logs").await;
        let done = site.run(&["audit", "verify"]);
        assert!(!done.status.success());
        let words = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(words.contains("pi-crm migrate"), "{words}");
    }
}

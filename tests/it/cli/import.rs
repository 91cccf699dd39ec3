//! `pi-crm import FILE.csv`

use serde_json::json;
use support::both_databases;
use support::paths::fixture;
use support::process::Site;

use super::{answered, refused, said};

const PASSWORD: &str = "a password nobody guesses";

fn add(site: &Site, email: &str) {
    let words =
        ["user", "add", "--email", email, "--name", "Ada", "--admin", "--password-stdin", "--json"];
    answered(&site.run_with(&words, PASSWORD));
}

both_databases! {
    async fn the_sample_is_imported_and_its_failed_rows_come_back(site: Site) {
        add(&site, "ada@example.com");
        let file = fixture("contacts-sample.csv").display().to_string();
        let errors = site.data_dir().join("failed.csv").display().to_string();
        let dry = answered(&site.run(&["import", &file, "--dry-run", "--json"]));
        assert_eq!(site.db.count("SELECT count(*) FROM base_contacts").await, 0);

        let done = answered(&site.run(&["import", &file, "--list", "New", "--errors", &errors, "--json"]));
        for count in ["total", "created", "updated", "skipped", "failed"] {
            assert_eq!(done[count], dry[count], "{count}");
        }
        let created = done["created"].as_i64().unwrap();
        assert!(created > 0 && done["state"] == json!("done"), "{done}");
        assert_eq!(site.db.count("SELECT count(*) FROM base_contacts").await, created);
        let failed = std::fs::read_to_string(&errors).unwrap();
        assert!(failed.lines().next().unwrap().ends_with("error"), "{failed}");
        assert!(done["failed"].as_u64().unwrap() > 0);

        // Once more: everybody is there already.
        let again = site.run(&["import", &file]);
        assert!(again.status.success(), "{}", said(&again));
        assert_eq!(site.db.count("SELECT count(*) FROM base_contacts").await, created);
    }

    async fn beside_a_server_the_server_reads_the_file(site: Site) {
        let process = site.start().await;
        add(&site, "ada@example.com");
        let file = fixture("contacts-latin1.csv").display().to_string();
        let done = answered(&site.run(&["import", &file, "--mode", "fill", "--json"]));
        assert_eq!(done["state"], json!("done"), "{done}");
        let mut ada = process.client();
        ada.login("ada@example.com", PASSWORD).await;
        let contacts = ada.get("/api/contacts").await;
        assert_eq!(contacts.body["meta"]["total"], done["created"], "{}", contacts.text);
    }

    async fn what_cannot_be_imported_is_refused_in_words_and_leaves_nothing(site: Site) {
        let file = fixture("contacts-sample.csv").display().to_string();
        let nobody = refused(&site.run(&["import", &file]));
        assert!(nobody.contains("no user yet"), "{nobody}");
        add(&site, "ada@example.com");
        let image = site.data_dir().join("image.csv");
        std::fs::write(&image, [0x89, b'P', b'N', b'G', 0, 0, 0, 1]).unwrap();
        let image = image.display().to_string();
        for (args, expected) in [
            (vec!["import", "/nowhere/contacts.csv"], "/nowhere/contacts.csv"),
            (vec!["import", &image], ""),
            (vec!["import", &file, "--list", "No such list"], "there is no list"),
            (vec!["import", &file, "--workspace", "No such workspace"], "no such workspace"),
            (vec!["import", &file, "--user", "no@example.com"], "there is no user"),
            (vec!["import", &file, "--mapping", "no json"], "--mapping"),
            (vec!["import", &file, "--mapping", r#"{"nonsense": "first_name"}"#], "no column named nonsense"),
        ] {
            let said = refused(&site.run(&args));
            assert!(said.contains(expected), "{args:?}: {said}");
        }
        assert_eq!(site.db.count("SELECT count(*) FROM base_contacts").await, 0);
    }
}

//! `pi-crm secrets rotate`: another key for every stored secret, whole or not at all.

use std::collections::BTreeSet;

use sea_orm::ConnectionTrait as _;
use serde_json::json;
use support::process::{OWNER_EMAIL, PASSWORD, Site};
use support::snapshot::Snapshot;
use support::{Client, both_databases};

/// Stores a secret of each kind.
async fn keep_secrets(owner: &Client) {
    let sender =
        |name: &str| json!({"from_email": format!("{name}@acme.example"), "from_name": "Acme"});
    let with = |mut config: serde_json::Value, more: serde_json::Value| {
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        config
    };
    let smtp = json!({"host": "127.0.0.1", "port": 2525, "security": "none", "username": "u", "password": "p4ss"});
    let mailgun = json!({"domain": "mg.acme.example", "api_key": "key-0123456789", "webhook_key": "whsk-0123456789"});
    let gmail = json!({"client_id": "id.apps.example", "client_secret": "shhh"});
    for (kind, config) in [
        ("smtp", with(sender("smtp"), smtp)),
        ("mailgun", with(sender("mailgun"), mailgun)),
        ("gmail", with(json!({"from_name": "Acme"}), gmail)),
    ] {
        let new = json!({"kind": "email", "provider_type": kind, "config": config});
        let made = owner.post("/api/providers", new).await;
        made.expect(201);
        if kind == "smtp" {
            let path = format!("/api/providers/{}/dkim", made.id());
            owner.post(&path, json!({"is_on": true})).await.expect(200);
        }
    }
    let twilio = json!({"account_sid": format!("AC{}", "0".repeat(32)), "auth_token": "1".repeat(32), "webhook_key": "shared-0123456789", "from": "+12025550100"});
    let new = json!({"kind": "text", "provider_type": "twilio", "config": twilio});
    owner.post("/api/providers", new).await.expect(201);
    let ai = json!({"enabled": true, "base_url": "https://ai.example/v1", "model": "m", "api_key": "sk-123", "monthly_tokens": 0});
    owner.put("/api/ai/settings", ai).await.expect(200);
    let mailbox = json!({
        "address": "crm@acme.example", "host": "127.0.0.1", "port": 1143, "security": "none",
        "username": "crm", "password": "p4ss", "is_enabled": false,
    });
    owner.put("/api/incoming-mail", mailbox).await.expect(200);
    let setup = json!({"current_password": PASSWORD});
    owner.post("/api/auth/second-factor", setup).await.expect(201);
}

/// Kinds of secrets that [`keep_secrets`] stores.
const SECRETS: usize = 10;

async fn sealed(site: &Site) -> BTreeSet<String> {
    Snapshot::of(&site.db).await.sealed()
}

fn keys(site: &Site) -> Vec<String> {
    let text = std::fs::read_to_string(site.data_dir().join("encryption.key")).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Runs it; what it printed.
fn rotate(site: &Site) -> Result<String, String> {
    let output = site.run(&["secrets", "rotate", "--json"]);
    let last =
        |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().last().unwrap_or_default().to_owned();
    if output.status.success() { Ok(last(&output.stdout)) } else { Err(last(&output.stderr)) }
}

both_databases! {
    async fn every_secret_gets_the_new_key(site: Site) {
        let server = site.start().await;
        keep_secrets(&server.owner().await).await;
        let before = sealed(&site).await;
        assert_eq!(before.len(), SECRETS, "{before:?}");
        let said = rotate(&site).unwrap_err();
        assert!(said.starts_with("pi-crm: "), "beside a server: {said}");
        assert_eq!(sealed(&site).await, before);
        assert!(server.terminate().success());
        let old = keys(&site);

        assert_eq!(rotate(&site).unwrap(), format!("{{\"resealed\":{SECRETS}}}"));
        let after = sealed(&site).await;
        assert!(after.len() == SECRETS && after.is_disjoint(&before), "one kept its seal");
        assert!(keys(&site).len() == 1 && keys(&site) != old);
        // Each opens with the key of the moment, or it could not be sealed again.
        assert_eq!(rotate(&site).unwrap(), format!("{{\"resealed\":{SECRETS}}}"));
        site.start().await.healthy().await;
        let rotated = site.db.count("SELECT count(*) FROM audit_logs WHERE action = 'secrets.rotated'").await;
        assert_eq!(rotated, 2);
    }

    async fn what_was_interrupted_is_finished(site: Site) {
        let server = site.start().await;
        keep_secrets(&server.owner().await).await;
        assert!(server.terminate().success());
        // As a cut of power leaves it once the new key is on the disk: nothing is sealed with it yet.
        let old = keys(&site).remove(0);
        let file = site.data_dir().join("encryption.key");
        let new = "A".repeat(43);
        std::fs::write(&file, format!("{new}\n{old}")).unwrap();
        let server = site.start().await;
        let mut owner = server.client();
        owner.login(OWNER_EMAIL, PASSWORD).await.expect(200);
        let more = json!({"domain": "mg2.acme.example", "api_key": "key-9", "from_email": "b@acme.example", "from_name": "B"});
        let more = json!({"kind": "email", "provider_type": "mailgun", "config": more});
        owner.post("/api/providers", more).await.expect(201);
        assert!(server.terminate().success());
        // What was sealed with the new key meanwhile stays as it is.
        assert_eq!(rotate(&site).unwrap(), format!("{{\"resealed\":{SECRETS}}}"));
        assert_eq!(keys(&site), [new]);
        assert_eq!(rotate(&site).unwrap(), format!("{{\"resealed\":{}}}", SECRETS + 1));
    }

    async fn one_that_does_not_open_stops_it(site: Site) {
        let server = site.start().await;
        keep_secrets(&server.owner().await).await;
        assert!(server.terminate().success());
        let damage = "UPDATE second_factors SET secret = 'v1:AAAA'";
        site.db.raw().execute_unprepared(damage).await.unwrap();
        let before = Snapshot::of(&site.db).await;
        let said = rotate(&site).unwrap_err();
        assert!(said.contains("the second factor of user"), "{said}");
        assert_eq!(before.differences(&Snapshot::of(&site.db).await), Vec::<String>::new());
        // Nothing is lost by it: the server starts, and both keys are there until all of it is done.
        assert_eq!(keys(&site).len(), 2);
        assert!(site.start().await.terminate().success());
        site.db.raw().execute_unprepared("DELETE FROM second_factors").await.unwrap();
        assert_eq!(rotate(&site).unwrap(), format!("{{\"resealed\":{}}}", SECRETS - 1));
        assert_eq!(keys(&site).len(), 1);
    }

    async fn a_key_of_the_operators_is_changed_by_the_operator(site: Site) {
        let site = site.set("ENCRYPTION_KEY", "the first of two keys, long enough for both");
        let server = site.start().await;
        keep_secrets(&server.owner().await).await;
        assert!(server.terminate().success());
        let said = rotate(&site).unwrap_err();
        assert!(said.contains("ENCRYPTION_KEY_PREVIOUS"), "{said}");
        let site = site
            .set("ENCRYPTION_KEY", "the second of two keys, long enough for both")
            .set("ENCRYPTION_KEY_PREVIOUS", "the first of two keys, long enough for both");
        assert_eq!(rotate(&site).unwrap(), format!("{{\"resealed\":{SECRETS}}}"));
        assert_eq!(rotate(&site).unwrap(), "{\"resealed\":0}");
        assert!(!site.data_dir().join("encryption.key").exists());
    }
}

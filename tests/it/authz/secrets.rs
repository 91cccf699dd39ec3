//! Passwords, tokens, codes and providers' secrets are neither in the database nor in the log nor in any other file.

use std::path::Path;
use std::time::Duration;

use crm_core::Clock as _;
use crm_core::accounts::second_factor::code_at;
use crm_core::clock::SystemClock;
use reqwest::Method;
use serde_json::json;
use support::process::{OWNER_EMAIL, PASSWORD, Process, Site};
use support::{Answer, Snapshot, both_databases, wait};

const TYPED_WRONG: &str = "a password typed wrong but nearly right";
const NEW_PASSWORD: &str = "another correct horse and its battery";
const RELAY_PASSWORD: &str = "the password of the mail relay 4711";

/// Does what leaves secrets behind where somebody is careless, and returns them by what they are.
async fn live(site: &Site, process: &Process) -> Vec<(&'static str, String)> {
    let mut secrets = vec![
        ("password", PASSWORD.to_owned()),
        ("wrong password", TYPED_WRONG.to_owned()),
        ("new password", NEW_PASSWORD.to_owned()),
        ("relay password", RELAY_PASSWORD.to_owned()),
    ];
    let owner = process.owner().await;
    let wrong = json!({"email": OWNER_EMAIL, "password": TYPED_WRONG});
    process.client().post("/api/auth/login", wrong).await.expect(401);
    let right = json!({"email": OWNER_EMAIL, "password": PASSWORD});
    let entered = process.client().post("/api/auth/login", right).await;
    let cookie = entered.header("set-cookie").to_owned();
    let cookie = cookie.split_once('=').unwrap().1.split(';').next().unwrap();
    secrets.push(("session cookie", cookie.to_owned()));
    secrets.push(("csrf token", entered.data()["csrf_token"].as_str().unwrap().to_owned()));

    let config = json!({"host": "127.0.0.1", "port": 9, "security": "none", "username": "andy",
        "password": RELAY_PASSWORD, "from_email": "andy@example.com", "from_name": "Andy"});
    let smtp =
        json!({"kind": "email", "provider_type": "smtp", "is_default": false, "config": config});
    let provider = owner.post("/api/providers", smtp).await.id();
    let tried = owner
        .post(&format!("/api/providers/{provider}/test"), json!({"to": "ada@example.org"}))
        .await;
    assert!(!tried.text.contains(RELAY_PASSWORD));
    let listed = owner.get("/api/providers").await;
    assert!(!listed.text.contains(RELAY_PASSWORD), "{}", listed.text);

    let workspace = owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
    let request = owner
        .request(Method::POST, &format!("/api/workspaces/{workspace}/invitations"))
        .header("Idempotency-Key", "once")
        .json(&json!({"email": "eve@example.com", "role": "viewer"}));
    let invited = Answer::of(request).await;
    invited.expect(201);
    let link = invited.data()["link"].as_str().unwrap();
    secrets.push(("invitation", link.rsplit('/').next().unwrap().to_owned()));

    let key = json!({"description": "Sync", "scopes": ["contacts:read"]});
    let request = owner
        .request(Method::POST, "/api/auth/keys")
        .header("Idempotency-Key", "once more")
        .json(&key);
    let made = Answer::of(request).await;
    made.expect(201);
    let key = made.data()["key"].as_str().unwrap();
    process.client().with_api_key(key).get("/api/contacts").await.expect(200);
    process.client().with_api_key(&format!("{key}x")).get("/api/contacts").await.expect(401);
    secrets.push(("API key", key.to_owned()));

    let factor = "/api/auth/second-factor";
    let begun = owner.post(factor, json!({"current_password": PASSWORD})).await;
    let secret = begun.data()["secret"].as_str().unwrap().to_owned();
    let code = code_at(&secret, SystemClock.now());
    let confirmed = owner.post(&format!("{factor}/confirm"), json!({"code": code})).await;
    confirmed.expect(200);
    for code in confirmed.data()["recovery_codes"].as_array().unwrap() {
        secrets.push(("recovery code", code.as_str().unwrap().to_owned()));
    }
    secrets.push(("second factor", secret));

    let made = site.run(&["user", "passwd", "--email", OWNER_EMAIL, "--code", "--json"]);
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    secrets.push(("reset code", made["code"].as_str().unwrap().to_owned()));
    let change = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
    let changed = owner.post("/api/auth/password", change).await;
    changed.expect(200);
    secrets
}

/// Where `text` stands in a file of the folder.
fn in_files(folder: &Path, text: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            in_files(&path, text, found);
        } else if let Ok(bytes) = std::fs::read(&path)
            && bytes.windows(text.len()).any(|window| window == text.as_bytes())
        {
            found.push(path.display().to_string());
        }
    }
}

both_databases! {
    async fn no_secret_is_kept_or_told(site: Site) {
        let site = site.set("RUST_LOG", "debug,sqlx=debug");
        let process = site.start().await;
        let secrets = live(&site, &process).await;
        assert!(process.terminate().success());
        wait::until("the last line of the log", Duration::from_secs(10), || async {
            process.printed().contains("stopped").then_some(())
        })
        .await;
        let printed = process.printed();
        let rows = Snapshot::of(&site.db).await;
        let database = site.db.url().trim_start_matches("sqlite://").split('?').next().unwrap().to_owned();
        for (what, secret) in &secrets {
            // Codes are typed without their dashes as well.
            for text in [secret.clone(), secret.replace('-', "")] {
                assert!(!printed.contains(&text), "the log tells a {what}");
                assert_eq!(rows.holding(&text), Vec::<&str>::new(), "the database holds a {what}");
                let mut found = Vec::new();
                in_files(&site.data_dir(), &text, &mut found);
                if database.starts_with('/') {
                    in_files(Path::new(&database).parent().unwrap(), &text, &mut found);
                }
                assert_eq!(found, Vec::<String>::new(), "a file holds a {what}");
            }
        }
        // What is looked for is found where it is: the address that signed in is no secret.
        assert!(!rows.holding(OWNER_EMAIL).is_empty());
    }
}

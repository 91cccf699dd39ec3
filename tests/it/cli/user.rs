//! `pi-crm user add|list|passwd|disable`

use serde_json::json;
use support::both_databases;
use support::process::Site;

use super::{answered, refused};

const FIRST: &str = "a password nobody guesses";
const SECOND: &str = "another password nobody guesses";

fn add<'a>(email: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let words = ["user", "add", "--email", email, "--name", "Ada", "--password-stdin"];
    [&words, more].concat()
}

both_databases! {
    async fn users_are_made_listed_and_let_in(site: Site) {
        let ada = answered(&site.run_with(&add("Ada@Example.com", &["--admin", "--json"]), FIRST));
        assert_eq!((&ada["email"], &ada["is_admin"]), (&json!("ada@example.com"), &json!(true)));
        site.run_with(&add("eve@example.com", &[]), FIRST);
        let users = answered(&site.run(&["user", "list", "--json"]));
        let emails: Vec<_> = users.as_array().unwrap().iter().map(|user| &user["email"]).collect();
        assert_eq!(emails, ["ada@example.com", "eve@example.com"]);
        let words = String::from_utf8_lossy(&site.run(&["user", "list"]).stdout).into_owned();
        assert!(words.contains("ada@example.com") && !words.contains(FIRST), "{words}");

        let process = site.start().await;
        let mut client = process.client();
        client.login("ada@example.com", FIRST).await;
        // With a workspace of their own.
        client.get("/api/contacts").await.expect(200);
        assert!(!process.printed().to_lowercase().contains("setup code"), "{}", process.printed());
    }

    async fn a_user_that_cannot_be_made_is_refused_in_words_and_leaves_nothing(site: Site) {
        answered(&site.run_with(&add("ada@example.com", &["--json"]), FIRST));
        for (args, input, expected) in [
            (add("ADA@example.com", &[]), FIRST, "already exists"),
            (add("no address", &[]), FIRST, "e-mail"),
            (add("eve@example.com", &[]), "short", "at least"),
            (add("eve@example.com", &[]), "", "standard input"),
            (vec!["user", "add", "--email", "eve@example.com", "--name", "Eve"], FIRST, "standard input"),
            (vec!["user", "passwd", "--email", "no@example.com", "--password-stdin"], FIRST, "there is no user"),
            (vec!["user", "disable", "--email", "no@example.com"], "", "there is no user"),
        ] {
            let said = refused(&site.run_with(&args, input));
            assert!(said.contains(expected), "{args:?}: {said}");
        }
        assert_eq!(site.db.count("SELECT count(*) FROM users").await, 1);
        assert_eq!(site.db.count("SELECT count(*) FROM workspaces").await, 1);
    }

    async fn a_new_password_and_an_end_take_hold_beside_a_running_server(site: Site) {
        let process = site.start().await;
        answered(&site.run_with(&add("ada@example.com", &["--admin", "--json"]), FIRST));
        let mut ada = process.client();
        ada.login("ada@example.com", FIRST).await;
        ada.get("/api/auth/me").await.expect(200);

        let passwd = ["user", "passwd", "--email", "ada@example.com", "--password-stdin", "--json"];
        answered(&site.run_with(&passwd, SECOND));
        ada.get("/api/auth/me").await.expect_error(401, "unauthenticated");
        let old = json!({"email": "ada@example.com", "password": FIRST});
        process.client().post("/api/auth/login", old).await.expect_error(401, "unauthenticated");
        ada.login("ada@example.com", SECOND).await;

        let gone = answered(&site.run(&["user", "disable", "--email", "ada@example.com", "--json"]));
        assert!(gone["disabled_at"].is_string(), "{gone}");
        ada.get("/api/auth/me").await.expect_error(401, "unauthenticated");
        let new = json!({"email": "ada@example.com", "password": SECOND});
        process.client().post("/api/auth/login", new).await.expect_error(401, "unauthenticated");
        let audited = "SELECT count(*) FROM audit_logs WHERE action IN ('user.created', 'user.password_set', 'user.disabled')";
        assert!(site.db.count(audited).await >= 2);
    }
}

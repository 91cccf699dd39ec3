//! `pi-crm key`, beside a running server.

use serde_json::Value;
use support::both_databases;
use support::process::{PASSWORD, Site};

fn run(site: &Site, args: &[&str]) -> Result<Value, String> {
    let done = site.run(&[args, &["--json"]].concat());
    let err = String::from_utf8_lossy(&done.stderr).into_owned();
    if done.status.success() { Ok(serde_json::from_slice(&done.stdout).unwrap()) } else { Err(err) }
}

both_databases! {
    async fn keys_are_made_listed_and_revoked_on_the_command_line(site: Site) {
        let site = site.set("SEED_PASSWORD", PASSWORD);
        assert!(site.run(&["seed", "--contacts", "2"]).status.success());
        let process = site.start().await;
        let add = ["key", "add", "--email", "andy@example.com", "--description", "Shop"];
        let made = run(&site, &[&add[..], &["--scope", "contacts:read", "--scope", "lists:read", "--expires", "2126-01-31"]].concat()).unwrap();
        let key = made["key"].as_str().unwrap();
        assert_eq!(made["scopes"], serde_json::json!(["contacts:read", "lists:read"]));
        assert_eq!(made["expires_at"], "2126-01-31T00:00:00.000Z");
        let program = process.client().with_api_key(key);
        assert_eq!(program.get("/api/auth/me").await.expect(200).data()["user"]["email"], "andy@example.com");
        program.get("/api/workspaces").await.expect_error(403, "insufficient_scope");

        let listed = run(&site, &["key", "list"]).unwrap();
        assert_eq!(listed[0]["prefix"], made["prefix"]);
        assert!(!listed.to_string().contains(key));
        let one = run(&site, &["key", "list", "--email", "monalisa@example.com"]).unwrap();
        assert_eq!(one, serde_json::json!([]));

        for (args, said) in [
            (&["--scope", "contacts:paint"][..], "contacts:paint"),
            (&["--scope", "admin", "--expires", "soon"], "--expires"),
            (&["--scope", "admin", "--expires", "2020-01-01"], "future"),
            (&[], "--scope"),
        ] {
            let err = run(&site, &[&add[..], args].concat()).unwrap_err();
            assert!(err.contains(said), "{err}");
        }
        assert!(run(&site, &["key", "revoke", "pcrm_nobody"]).unwrap_err().contains("no key"));
        run(&site, &["key", "revoke", made["prefix"].as_str().unwrap()]).unwrap();
        assert_eq!(run(&site, &["key", "list"]).unwrap(), serde_json::json!([]));
        program.get("/api/auth/me").await.expect_error(401, "unauthenticated");
    }
}

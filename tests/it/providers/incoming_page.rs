//! The mailbox a workspace reads, by its page and by the API.

use serde_json::json;
use support::imap::{Dovecot, PASSWORD, USER};
use support::smtp::tls::Certificates;
use support::{TestApp, both_databases};

const PAGE: &str = "/settings/incoming";

fn form<'a>(port: &'a str, host: &'a str, password: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("address", "crm@acme.example"),
        ("host", host),
        ("port", port),
        ("security", "none"),
        ("username", USER),
        ("password", password),
        ("folder", "INBOX"),
        ("is_enabled", "true"),
    ]
}

both_databases! {
    async fn a_mailbox_is_set_up_checked_and_removed_on_its_page(app: TestApp) {
        let dovecot = Dovecot::start(&Certificates::make());
        let owner = app.owner().await;
        let shown = owner.get(PAGE).await;
        assert!(shown.expect(200).text.contains("Not set up"), "{}", shown.text);
        let early = owner.submit(PAGE, "/settings/incoming/check", &[]).await;
        assert!(early.expect(200).text.contains("Set up a mailbox first"), "{}", early.text);

        let port = dovecot.port().to_string();
        let wrong = owner.submit(PAGE, PAGE, &form("x", "127.0.0.1", PASSWORD)).await;
        assert!(wrong.expect(422).text.contains("Enter a port from 1 to 65535"), "{}", wrong.text);
        let lan = owner.submit(PAGE, PAGE, &form(&port, "10.0.0.1", PASSWORD)).await;
        assert!(lan.expect(422).text.contains("OUTBOUND_ALLOW"), "{}", lan.text);
        assert!(!lan.text.contains(PASSWORD), "what was typed as a password is not shown again");

        owner.submit(PAGE, PAGE, &form(&port, "127.0.0.1", "wrong")).await.expect(303);
        let refused = owner.submit(PAGE, "/settings/incoming/check", &[]).await;
        assert!(refused.expect(200).text.contains("AUTHENTICATIONFAILED"), "{}", refused.text);
        assert!(refused.text.contains("Failing") && refused.text.contains("Signed in"));
        owner.submit(PAGE, PAGE, &form(&port, "127.0.0.1", PASSWORD)).await.expect(303);
        dovecot.deliver("From: a@b.example\nSubject: Hello\nMessage-ID: <h@b>\n\nNothing of ours\n");
        let checked = owner.submit(PAGE, "/settings/incoming/check", &[]).await;
        assert!(checked.expect(200).text.contains("1 new message: none about messages of yours"), "{}", checked.text);
        let shown = owner.get(PAGE).await;
        assert!(shown.text.contains("Last read") && !shown.text.contains(PASSWORD), "{}", shown.text);

        owner.submit(PAGE, "/settings/incoming/closed", &[("closed", "true")]).await.expect(303);
        assert!(owner.get(PAGE).await.text.contains("Closed"));
        owner.submit(PAGE, "/settings/incoming/closed", &[]).await.expect(303);
        owner.submit(PAGE, "/settings/incoming/remove", &[]).await.expect(303);
        assert!(owner.get(PAGE).await.text.contains("Not set up"));
        assert_eq!(app.db().count("SELECT count(*) FROM workspace_mailboxes").await, 0);
    }

    async fn the_api_sets_it_up_and_never_shows_the_password(app: TestApp) {
        let dovecot = Dovecot::start(&Certificates::make());
        let owner = app.owner().await;
        let empty = owner.get("/api/incoming-mail").await;
        assert_eq!(empty.expect(200).data(), &json!({"closed": false, "mailbox": null}));
        let mut body = json!({
            "address": "crm@acme.example", "host": "127.0.0.1", "port": dovecot.port(), "security": "none",
            "username": USER, "password": PASSWORD,
        });
        let saved = owner.put("/api/incoming-mail", body.clone()).await;
        assert_eq!(saved.expect(200).data()["mailbox"]["password"], "••••");
        assert!(!saved.text.contains(PASSWORD), "{}", saved.text);
        // What was read is sent back: the password stays.
        body["password"] = json!("••••");
        owner.put("/api/incoming-mail", body.clone()).await.expect(200);
        let looked = owner.post("/api/incoming-mail/check", json!({})).await;
        let steps = looked.expect(200).data()["steps"].as_array().unwrap();
        let names: Vec<&str> = steps.iter().map(|step| step["step"].as_str().unwrap()).collect();
        assert_eq!(names, ["connect", "greeting", "sign_in", "open", "read"], "{}", looked.text);
        assert_eq!(owner.get("/api/incoming-mail").await.data()["mailbox"]["state"], "connected");
        body["username"] = json!("mallory");
        let refused = owner.put("/api/incoming-mail", body).await;
        refused.expect_error(422, "validation_failed");
        assert!(refused.text.contains("password"), "{}", refused.text);
        owner.post("/api/incoming-mail/closed", json!({"closed": true})).await.expect(200);
        assert_eq!(owner.get("/api/incoming-mail").await.data()["closed"], true);
        owner.delete("/api/incoming-mail").await.expect(200);
        owner.delete("/api/incoming-mail").await.expect(200);
        let nothing = owner.post("/api/incoming-mail/check", json!({})).await;
        nothing.expect_error(409, "invalid_state");
    }
}

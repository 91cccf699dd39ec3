//! What people said about being written to: on the page, in the API, and wherever a contact goes.

use serde_json::json;
use support::{Client, TestApp, both_databases};

async fn said(owner: &Client, contact: &str) -> Vec<String> {
    let found = owner.get(&format!("/api/contacts/{contact}/consents")).await;
    let rows = found.expect(200).data().as_array().unwrap().clone();
    let word = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap().to_owned();
    rows.iter()
        .map(|row| {
            format!("{} {} {}", word(row, "channel"), word(row, "state"), word(row, "source"))
        })
        .collect()
}

both_databases! {
    async fn a_consent_is_written_down_and_shown(app: TestApp) {
        let owner = app.owner().await;
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada", "primary_email": "ada@engines.org"})).await.id();
        let path = format!("/api/contacts/{ada}/consents");
        let yes = json!({
            "channel": "email", "state": "granted", "source": "web form", "wording": "Send me news.",
            "at": "2025-01-02T03:04:05Z",
        });
        let made = owner.post(&path, yes.clone()).await;
        assert_eq!(made.expect(201).data()["at"], "2025-01-02T03:04:05.000Z");
        for (field, wrong) in [("source", json!("")), ("wording", json!("x".repeat(2_001))), ("at", json!("2999-01-01T00:00:00Z"))] {
            let mut body = yes.clone();
            body[field] = wrong;
            let refused = owner.post(&path, body).await;
            assert!(refused.expect_error(422, "validation_failed").body["error"]["fields"][field].is_string(), "{field}");
        }
        let form = [("channel", "text"), ("state", "withdrawn"), ("source", "on the phone"), ("at", "2025-06-01T10:00")];
        owner.submit(&format!("/contacts/{ada}"), &format!("/contacts/{ada}/consents"), &form).await.expect(303);
        assert_eq!(said(&owner, &ada).await, ["text withdrawn on the phone", "email granted web form"]);
        let page = owner.get(&format!("/contacts/{ada}")).await;
        for text in ["Email, consented", "Text messages, withdrawn", "Send me news.", "Consented to e-mail: web form"] {
            assert!(page.text.contains(text), "{text}");
        }
        let again = owner.submit(&format!("/contacts/{ada}"), &format!("/contacts/{ada}/consents"), &[("channel", "email"), ("state", "granted")]).await;
        assert!(again.expect(422).text.contains("say how they said it") || again.text.contains("Say how they said it"));

        let file = owner.get(&format!("/api/contacts/{ada}/export")).await;
        let consents = file.expect(200).data()["consents"].clone();
        assert_eq!((&consents[0]["wording"], &consents[1]["channel"]), (&json!("Send me news."), &json!("text")));
        let found = owner.post("/api/segments/preview", json!({"segment_json": {"consent": "email"}})).await;
        assert_eq!(found.expect(200).data()["count"], 1);
        let found = owner.post("/api/segments/preview", json!({"segment_json": {"not": {"consent": "text"}}})).await;
        assert_eq!(found.expect(200).data()["count"], 1);

        owner.post(&format!("/api/contacts/{ada}/erase"), json!({"confirm": "erase"})).await.expect(200);
        assert_eq!(app.db().count("SELECT count(*) FROM consents").await, 0);
    }

    async fn they_go_along_into_the_trash_and_into_a_merge(app: TestApp) {
        let owner = app.owner().await;
        let make = async |name: &str| owner.post("/api/contacts", json!({"first_name": name})).await.id();
        let (ada, adah) = (make("Ada").await, make("Adah").await);
        let say = async |contact: &str, source: &str| {
            let body = json!({"channel": "email", "state": "granted", "source": source});
            owner.post(&format!("/api/contacts/{contact}/consents"), body).await.expect(201);
        };
        say(&ada, "a").await;
        say(&adah, "b").await;
        let merged = owner.post("/api/contacts/merge", json!({"source_id": adah, "target_id": ada})).await;
        let merge = merged.expect(200).data()["merge_id"].clone();
        assert_eq!(said(&owner, &ada).await, ["email granted b", "email granted a"]);
        owner.post("/api/contacts/unmerge", json!({"merge_id": merge})).await.expect(200);
        assert_eq!(said(&owner, &ada).await, ["email granted a"]);
        assert_eq!(said(&owner, &adah).await, ["email granted b"]);

        owner.delete(&format!("/api/contacts/{ada}")).await.expect(200);
        assert_eq!(app.db().count("SELECT count(*) FROM consents").await, 1);
        owner.post(&format!("/api/contacts/trash/{ada}/restore"), json!({})).await.expect(200);
        assert_eq!(said(&owner, &ada).await, ["email granted a"]);
    }
}

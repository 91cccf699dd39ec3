//! What the law gives people: their data as a file, and being forgotten.

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use support::snapshot::Snapshot;
use support::{Client, TestApp, both_databases, unchanged, wait};

/// A campaign to everybody, sent; answers with its path.
async fn send_to_all(owner: &Client) -> String {
    let body = json!({"name": "T", "subject": "Hello {{ contact.first_name }}", "body_html": "<p>Hi {{ contact.first_name }}</p>"});
    let template = owner.post("/api/templates", body).await.id();
    let new = json!({"name": "Spring news", "type": "email", "template_id": template, "segment_json": {"all": []}});
    let path = format!("/api/campaigns/{}", owner.post("/api/campaigns", new).await.id());
    for step in ["submit", "approve", "send"] {
        owner.post(&format!("{path}/{step}"), json!({})).await.expect(200);
    }
    wait::until("the campaign to be sent", Duration::from_mins(1), async || {
        (owner.get(&path).await.data()["status"] == "sent").then_some(())
    })
    .await;
    path
}

both_databases! {
    async fn a_file_has_everything_about_one_person(app: TestApp) {
        let owner = app.owner().await;
        owner.post("/api/custom-definitions", json!({"name": "plan", "label": "Plan", "field_type": "text"})).await.expect(201);
        let new = json!({"first_name": "Ada", "primary_email": "ada@engines.org", "custom": {"plan": "gold"}});
        let ada = owner.post("/api/contacts", new).await.id();
        let twin = owner.post("/api/contacts", json!({"first_name": "Adah", "primary_email": "adah@engines.org"})).await.id();
        owner.post("/api/contacts/merge", json!({"source_id": twin, "target_id": ada})).await.expect(200);
        owner.post("/api/logs", json!({"contact_id": ada, "type": "note", "content": {"text": "met at the fair"}})).await.expect(201);
        owner.post("/api/tasks", json!({"contact_id": ada, "title": "Call"})).await.expect(201);
        send_to_all(&owner).await;
        let file = owner.get(&format!("/api/contacts/{ada}/export")).await;
        let said = file.expect(200).data();
        assert!(file.header("content-disposition").contains("attachment"));
        assert_eq!((&said["primary_email"], &said["custom"]), (&json!("ada@engines.org"), &json!({"plan": "gold"})));
        assert_eq!((&said["lists"][0]["name"], &said["tasks"][0]["title"]), (&json!("New"), &json!("Call")));
        assert_eq!((&said["campaigns"][0]["campaign"], &said["campaigns"][0]["state"]), (&json!("Spring news"), &json!("sent")));
        assert_eq!(said["merged"][0]["primary_email"], "adah@engines.org");
        for text in ["met at the fair", "Hello Ada", "Hi Ada"] {
            assert!(said["timeline"].to_string().contains(text), "{text}: {}", said["timeline"]);
        }
    }

    async fn an_erased_person_is_nowhere_and_is_not_written_to_again(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"first_name": "Zanzibara", "primary_email": "z_a@engines.org", "primary_phone": "+436641234567"});
        let ada = owner.post("/api/contacts", new.clone()).await.id();
        let twin = owner.post("/api/contacts", json!({"first_name": "Zanzibara", "primary_email": "zz@engines.org"})).await.id();
        owner.post("/api/contacts", json!({"first_name": "Bob", "primary_email": "bob@engines.org"})).await.expect(201);
        owner.post("/api/contacts/merge", json!({"source_id": twin, "target_id": ada})).await.expect(200);
        owner.post("/api/logs", json!({"contact_id": ada, "type": "note", "content": {"text": "zanzibara"}})).await.expect(201);
        let csv = "email,phone\nz_a@engines.org,nonsense\n";
        let import = owner.upload("/api/import", Form::new().part("file", Part::bytes(csv.as_bytes()).file_name("x.csv"))).await.id();
        wait::until("the import is done", Duration::from_mins(1), async || {
            (owner.get(&format!("/api/import/{import}")).await.data()["state"] == "done").then_some(())
        })
        .await;
        let campaign = send_to_all(&owner).await;
        let path = format!("/api/contacts/{ada}/erase");
        unchanged(app.db(), async {
            owner.post(&path, json!({"confirm": "yes"})).await.expect_error(422, "validation_failed");
        })
        .await;
        owner.post(&path, json!({"confirm": "erase"})).await.expect(200);
        owner.post(&path, json!({"confirm": "erase"})).await.expect_error(404, "not_found");
        let left = Snapshot::of(app.db()).await;
        for trace in ["anzibara", "z_a@engines.org", "zz@engines.org", "+436641234567"] {
            assert_eq!(left.holding(trace), Vec::<&str>::new(), "{trace}");
        }
        // The line is still in the report.
        let rows = owner.get(&format!("{campaign}/recipients")).await;
        assert_eq!(rows.expect(200).body["meta"]["total"], 2);
        assert_eq!(owner.get(&campaign).await.data()["counts"]["sent"], 2);

        // Whoever brings the address back: nothing is sent to it.
        owner.post("/api/contacts", new).await.expect(201);
        let again = send_to_all_but(&owner).await;
        let rows = owner.get(&format!("{again}/recipients?state=skipped")).await;
        assert_eq!((&rows.body["meta"]["total"], &rows.data()[0]["reason"]), (&json!(1), &json!("suppressed")));
    }

    async fn whoever_is_in_the_trash_can_be_erased(app: TestApp) {
        let owner = app.owner().await;
        let ada = owner.post("/api/contacts", json!({"first_name": "Zanzibara", "primary_email": "za@engines.org"})).await.id();
        owner.delete(&format!("/api/contacts/{ada}")).await.expect(200);
        owner.post(&format!("/api/contacts/{ada}/erase"), json!({"confirm": "erase"})).await.expect(200);
        assert_eq!(owner.get("/api/contacts/trash").await.body["meta"]["total"], 0);
        let left = Snapshot::of(app.db()).await;
        assert_eq!(left.holding("anzibara"), Vec::<&str>::new());
        owner.post(&format!("/api/contacts/trash/{ada}/restore"), Value::Null).await.expect_error(404, "not_found");
    }
}

/// The same with a template of another name.
async fn send_to_all_but(owner: &Client) -> String {
    let template = owner.get("/api/templates").await.data()[0]["id"].clone();
    let new = json!({"name": "Again", "type": "email", "template_id": template, "segment_json": {"all": []}});
    let path = format!("/api/campaigns/{}", owner.post("/api/campaigns", new).await.id());
    for step in ["submit", "approve", "send"] {
        owner.post(&format!("{path}/{step}"), json!({})).await.expect(200);
    }
    wait::until("the campaign to be sent", Duration::from_mins(1), async || {
        (owner.get(&path).await.data()["status"] == "sent").then_some(())
    })
    .await;
    path
}

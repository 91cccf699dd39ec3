//! Things made to be tried on: each call makes a new one.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;
use support::Client;
use support::process::PASSWORD;

/// A name nothing else has.
pub(super) fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("Name {}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A message to one contact, taken back, so that nothing moves by itself.
pub(super) async fn taken_back(client: &Client) -> String {
    let address = format!("{}@example.com", unique().to_lowercase().replace(' ', "-"));
    let new = json!({"first_name": "Zanzibar reader", "primary_email": address});
    let contact = client.post("/api/contacts", new).await.id();
    let letter = json!({"channel": "email", "subject": "Zanzibar", "body": "Zanzibar"});
    let path = format!("/api/contacts/{contact}/messages");
    let id = client.post(&path, letter).await.expect(202).id();
    client.delete(&format!("/api/messages/{id}")).await.expect(200);
    id
}

/// A finding: what should have been done is not done.
pub(super) async fn insight(client: &Client) -> String {
    let contact = client.post("/api/contacts", json!({"first_name": "Late"})).await.id();
    for _ in 0..5 {
        let task =
            json!({"contact_id": contact, "title": "Call", "due_at": "2026-01-02T09:00:00.000Z"});
        client.post("/api/tasks", task).await.expect(201);
    }
    let found = client.post("/api/ai-insights/analyze", serde_json::Value::Null).await;
    found.expect(200).data()["insights"][0]["id"].as_str().unwrap().to_owned()
}

/// Something new of a kind, to be deleted; `context` is the template of a campaign, the workspace of an invitation.
pub(super) async fn spare(client: &Client, what: &str, context: &str) -> String {
    if what == "session" {
        Client::new(client.base()).login("monalisa@example.com", PASSWORD).await;
        let sessions = client.get("/api/auth/sessions").await;
        let mut all = sessions.data().as_array().unwrap().iter();
        let other = all.find(|session| session["is_current"] == false).unwrap();
        return other["id"].as_str().unwrap().to_owned();
    }
    let (path, body) = match what {
        "deleted" => {
            let id = client.post("/api/contacts", json!({"first_name": "Gone"})).await.id();
            client.delete(&format!("/api/contacts/{id}")).await.expect(200);
            return id;
        }
        "merged" => {
            let contact = json!({"first_name": "Twin"});
            let source = client.post("/api/contacts", contact.clone()).await.id();
            let target = client.post("/api/contacts", contact).await.id();
            let both = json!({"source_id": source, "target_id": target});
            let merged = client.post("/api/contacts/merge", both).await;
            return merged.expect(200).data()["merge_id"].as_str().unwrap().to_owned();
        }
        "bulk" => {
            let id = client.post("/api/contacts", json!({"first_name": "Many"})).await.id();
            let body = json!({"action": "set", "field": "company", "value": "C", "ids": [id]});
            return client.post("/api/contacts/bulk", body).await.expect(200).id();
        }
        "merge" => ("contacts", json!({"first_name": "Twin"})),
        "contact" => ("contacts", json!({"first_name": "Ada"})),
        "list" => ("lists", json!({"name": unique()})),
        "segment" => ("segments", json!({"name": unique(), "segment_json": {"all": []}})),
        "field" => {
            let name = unique().to_lowercase().replace(' ', "_");
            let new = json!({"name": name, "label": "Plan", "field_type": "text"});
            let id = client.post("/api/custom-definitions", new).await.expect(201).id();
            // Only what is archived can be deleted.
            let away = json!({"label": "Plan", "is_archived": true});
            client.put(&format!("/api/custom-definitions/{id}"), away).await.expect(200);
            return id;
        }
        "template" => {
            ("templates", json!({"name": unique(), "subject": "S", "body_html": "<p>B</p>"}))
        }
        "campaign" => (
            "campaigns",
            json!({"name": "C", "type": "email", "template_id": context, "segment_json": {"all": []}}),
        ),
        "provider" => {
            ("providers", json!({"kind": "email", "provider_type": "practice", "config": {}}))
        }
        "task" => {
            let contact = client.post("/api/contacts", json!({"first_name": "Eve"})).await.id();
            ("tasks", json!({"contact_id": contact, "title": "Call"}))
        }
        "log" => {
            let contact = client.post("/api/contacts", json!({"first_name": "Eve"})).await.id();
            ("logs", json!({"contact_id": contact, "type": "note", "content": {"text": "hi"}}))
        }
        "suppression" => {
            let address = format!("{}@example.com", unique().to_lowercase().replace(' ', "-"));
            ("suppressions", json!({"channel": "email", "address": address}))
        }
        "workspace" => ("workspaces", json!({"name": unique()})),
        "invitation" => {
            let address = format!("{}@example.com", unique().to_lowercase().replace(' ', "-"));
            let path = format!("/api/workspaces/{context}/invitations");
            let made = client.post(&path, json!({"email": address, "role": "viewer"})).await;
            return made.expect(201).id();
        }
        "key" => ("auth/keys", json!({"description": "K", "scopes": ["admin"]})),
        other => panic!("there is no spare {other}"),
    };
    client.post(&format!("/api/{path}"), body).await.expect(201).id()
}

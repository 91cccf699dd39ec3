//! `ETag` and `If-Match` (RFC 9110): nobody writes over what somebody else changed meanwhile.

use reqwest::Method;
use serde_json::Value;
use support::{Answer, Client, TestApp, both_databases, unchanged};
use web::api::openapi::document;

/// Changes that say nothing about a version, because there is nothing in them to lose.
const WITHOUT: [(&str, &str); 2] =
    [("patch", "/api/auth/me"), ("put", "/api/workspaces/{id}/members/{user_id}")];

/// Settings of the workspace, which nobody makes: how to change them twice.
const SETTINGS: [(&str, &str, &str); 2] = [
    ("/api/ai/settings", r#"{"enabled": false}"#, r#"{"enabled": true}"#),
    (
        "/api/incoming-mail",
        r#"{"address": "crm@example.com", "host": "127.0.0.1", "port": 9, "security": "none", "username": "crm", "password": "p"}"#,
        r#"{"address": "mail@example.com", "host": "127.0.0.1", "port": 9, "security": "none", "username": "crm"}"#,
    ),
];

/// One object of a kind, and how to change it; `<n>` makes a name that is new.
const KINDS: [(&str, &str, &str); 11] = [
    ("logs", "PATCH", r#"{"content": {"text": "N<n>"}}"#),
    ("tasks", "PATCH", r#"{"title": "N<n>"}"#),
    ("segments", "PUT", r#"{"name": "N<n>", "segment_json": {"all": []}}"#),
    ("custom-definitions", "PUT", r#"{"label": "N<n>", "options": []}"#),
    ("contacts", "PUT", r#"{"first_name": "N<n>"}"#),
    ("contacts", "PATCH", r#"{"first_name": "N<n>"}"#),
    ("lists", "PUT", r#"{"name": "N<n>"}"#),
    ("templates", "PUT", r#"{"name": "N<n>", "subject": "S", "body_html": "<p>B</p>"}"#),
    ("campaigns", "PUT", r#"{"name": "N<n>", "segment_json": {"all": []}}"#),
    (
        "providers",
        "PUT",
        r#"{"name": "N<n>", "kind": "email", "provider_type": "practice", "config": {}}"#,
    ),
    ("workspaces", "PUT", r#"{"name": "N<n>"}"#),
];

fn filled(text: &str, n: u32) -> Value {
    serde_json::from_str(&text.replace("<n>", &n.to_string())).unwrap()
}

async fn change(
    client: &Client,
    method: &str,
    path: &str,
    tag: Option<&str>,
    body: Value,
) -> Answer {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = client.request(method, path).json(&body);
    if let Some(tag) = tag {
        request = request.header("If-Match", tag);
    }
    Answer::of(request).await
}

both_databases! {
    async fn a_change_of_what_was_changed_meanwhile_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let workspace = owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        let owner = owner.in_workspace(&workspace);
        let mut n = 0;
        for (kind, method, text) in KINDS {
            let mut next = || { n += 1; filled(text, n) };
            let mut new = next();
            if kind == "custom-definitions" {
                new["field_type"] = "text".into();
            }
            if kind == "tasks" {
                let contact = owner.post("/api/contacts", serde_json::json!({"first_name": "Ada"})).await;
                new["contact_id"] = contact.id().into();
            }
            if kind == "logs" {
                let contact = owner.post("/api/contacts", serde_json::json!({"first_name": "Ada"})).await;
                new["contact_id"] = contact.id().into();
                new["type"] = "note".into();
            }
            let made = owner.post(&format!("/api/{kind}"), new).await;
            let path = format!("/api/{kind}/{}", made.expect(201).id());
            let first = made.header("etag").to_owned();
            assert_eq!(owner.get(&path).await.expect(200).header("etag"), first, "{kind}");

            let changed = change(&owner, method, &path, Some(&first), next()).await;
            let second = changed.expect(200).header("etag").to_owned();
            assert_ne!(second, first, "{method} {kind}");
            assert_eq!(owner.get(&path).await.header("etag"), second, "{method} {kind}");
            let refused = unchanged(app.db(), change(&owner, method, &path, Some(&first), next())).await;
            refused.expect_error(412, "stale");
            let refused = unchanged(app.db(), change(&owner, method, &path, Some("\"no version\""), next())).await;
            refused.expect_error(412, "stale");
            change(&owner, method, &path, Some("*"), next()).await.expect(200);
            let last = change(&owner, method, &path, None, next()).await;
            let seen = last.expect(200).header("etag").to_owned();

            let (one, other) = tokio::join!(
                change(&owner, method, &path, Some(&seen), next()),
                change(&owner, method, &path, Some(&seen), next()),
            );
            let mut both = [one.status, other.status];
            both.sort_unstable();
            assert_eq!(both, [200, 412], "{method} {kind}: {} {}", one.text, other.text);
        }
    }
}

both_databases! {
    async fn a_change_of_settings_that_were_changed_meanwhile_is_refused(app: TestApp) {
        let owner = app.owner().await;
        for (path, one, other) in SETTINGS {
            let first = owner.get(path).await.expect(200).header("etag").to_owned();
            let changed = change(&owner, "PUT", path, Some(&first), filled(one, 1)).await;
            let second = changed.expect(200).header("etag").to_owned();
            assert_ne!(second, first, "{path}");
            let refused = unchanged(app.db(), change(&owner, "PUT", path, Some(&first), filled(other, 1))).await;
            refused.expect_error(412, "stale");
            change(&owner, "PUT", path, Some(&second), filled(other, 1)).await.expect(200);
        }
    }
}

#[test]
fn every_change_of_an_object_may_name_the_version_it_is_of() {
    let document = serde_json::to_value(document()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["put", "patch"] {
            let Some(operation) = item.get(method) else { continue };
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let named = parameters.iter().any(|one| one["name"] == "If-Match");
            let tagged = operation.pointer("/responses/200/headers/ETag").is_some();
            let without = WITHOUT.contains(&(method, path.as_str()));
            assert_eq!((named, tagged), (!without, !without), "{method} {path}");
            let kind = path.trim_start_matches("/api/").split('/').next().unwrap();
            let tried =
                KINDS.iter().any(|(name, by, _)| *name == kind && by.to_lowercase() == method)
                    || SETTINGS.iter().any(|(known, _, _)| known == path);
            assert!(without || tried, "{method} {path} is not tried above");
        }
    }
}

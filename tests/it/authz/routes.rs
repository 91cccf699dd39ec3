//! Every route of the API with what it is tried on. What a route asks of its caller is read from the `OpenAPI` document;
//! [`declared`] reads the routes from the code, so that a new one that is not in the document or has no sample here fails
//! [`every_route_is_in_the_document_and_has_a_sample`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
pub use web::api::openapi::Asks;
use web::api::openapi::{PERMISSION, document};

/// One route.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// `GET`, `POST` …
    pub method: &'static str,
    /// As it is declared, with `{id}`, `{user_id}` and `{invitation_id}`.
    pub path: &'static str,
    /// What the document says it asks.
    pub asks: Asks,
    /// What stands for `{id}`: a word of [`super::matrix::Things`].
    pub of: &'static str,
    /// A body that is good enough, with words of [`super::matrix::Things`] in angle brackets; empty for none, `csv` for
    /// a file.
    pub body: &'static str,
}

/// What a route is tried on.
struct Sample {
    method: &'static str,
    path: &'static str,
    of: &'static str,
    body: &'static str,
}

const fn row(
    method: &'static str,
    path: &'static str,
    of: &'static str,
    body: &'static str,
) -> Sample {
    Sample { method, path, of, body }
}

/// What deletes something comes after what needs it.
const SAMPLES: &[Sample] = &[
    row("POST", "/auth/register", "", "{}"),
    row("POST", "/auth/login", "", "{}"),
    row("GET", "/auth/me", "", ""),
    row("PATCH", "/auth/me", "", r#"{"name": "Monalisa"}"#),
    row("POST", "/auth/invitation", "", r#"{"invitation": "not this one"}"#),
    row("POST", "/auth/reset", "", "{}"),
    row("POST", "/auth/reset/use", "", "{}"),
    row("GET", "/auth/second-factor", "", ""),
    row("POST", "/auth/second-factor", "", r#"{"current_password": "not this one"}"#),
    row("POST", "/auth/second-factor/confirm", "", r#"{"code": "000000"}"#),
    row(
        "POST",
        "/auth/second-factor/recovery-codes",
        "",
        r#"{"current_password": "not this one"}"#,
    ),
    row("POST", "/auth/second-factor/disable", "", r#"{"current_password": "not this one"}"#),
    row("GET", "/auth/keys", "", ""),
    row("POST", "/auth/keys", "", r#"{"description": "K", "scopes": ["admin"]}"#),
    row("DELETE", "/auth/keys/{id}", "spare_key", ""),
    row(
        "POST",
        "/auth/password",
        "",
        r#"{"current_password": "not this one", "new_password": "another sentence, and long"}"#,
    ),
    row("GET", "/auth/sessions", "", ""),
    row("DELETE", "/auth/sessions/{id}", "spare_session", ""),
    row("DELETE", "/auth/sessions", "", ""),
    row("GET", "/backups", "", ""),
    row("POST", "/backups", "", "{}"),
    row("GET", "/backups/{id}/download", "", ""),
    row("GET", "/users", "", ""),
    row("GET", "/users/{user_id}/sessions", "", ""),
    row("DELETE", "/users/{user_id}/sessions", "", ""),
    row("DELETE", "/users/{user_id}/sessions/{id}", "spare_session", ""),
    row("GET", "/workspaces", "", ""),
    row("POST", "/workspaces", "", r#"{"name": "<unique>"}"#),
    row("GET", "/workspaces/{id}", "workspace", ""),
    row("PUT", "/workspaces/{id}", "workspace", r#"{"name": "<unique>"}"#),
    row("GET", "/workspaces/{id}/members", "workspace", ""),
    row(
        "POST",
        "/workspaces/{id}/members",
        "workspace",
        r#"{"user_id": "<hedy>", "role": "viewer"}"#,
    ),
    row("PUT", "/workspaces/{id}/members/{user_id}", "workspace", r#"{"role": "editor"}"#),
    row("DELETE", "/workspaces/{id}/members/{user_id}", "workspace", ""),
    row("GET", "/workspaces/{id}/invitations", "workspace", ""),
    row(
        "POST",
        "/workspaces/{id}/invitations",
        "workspace",
        r#"{"email": "<address>", "role": "viewer"}"#,
    ),
    row("DELETE", "/workspaces/{id}/invitations/{invitation_id}", "workspace", ""),
    row("GET", "/lists", "", ""),
    row("POST", "/lists", "", r#"{"name": "<unique>"}"#),
    row("POST", "/lists/assign", "", r#"{"contact_id": "<contact>", "list_id": "<list>"}"#),
    row("POST", "/lists/unassign", "", r#"{"contact_id": "<contact>", "list_id": "<list>"}"#),
    row("GET", "/lists/{id}", "list", ""),
    row("PUT", "/lists/{id}", "list", r#"{"name": "<unique>"}"#),
    row("GET", "/custom-definitions", "", ""),
    row(
        "POST",
        "/custom-definitions",
        "",
        r#"{"name": "<word>", "label": "Plan", "field_type": "text"}"#,
    ),
    row("GET", "/custom-definitions/{id}", "field", ""),
    row("PUT", "/custom-definitions/{id}", "field", r#"{"label": "<unique>"}"#),
    row("GET", "/contacts/{id}/custom", "contact", ""),
    row("POST", "/contacts/{id}/custom", "contact", "{}"),
    row("GET", "/contacts/{id}/consents", "contact", ""),
    row(
        "POST",
        "/contacts/{id}/consents",
        "contact",
        r#"{"channel": "email", "state": "granted", "source": "web form"}"#,
    ),
    row("POST", "/contacts/{id}/summary", "contact", ""),
    row("GET", "/contacts/{id}/export", "contact", ""),
    row("POST", "/contacts/{id}/erase", "spare_contact", r#"{"confirm": "erase"}"#),
    row("GET", "/contacts/trash", "", ""),
    row("POST", "/contacts/trash/{id}/restore", "spare_deleted", ""),
    row("DELETE", "/contacts/trash/{id}", "spare_deleted", ""),
    row("GET", "/contacts/duplicates", "", ""),
    row(
        "POST",
        "/contacts/duplicates/dismiss",
        "",
        r#"{"contact_ids": ["<contact>", "<other_contact>"]}"#,
    ),
    row(
        "POST",
        "/contacts/merge",
        "spare_merge",
        r#"{"source_id": "<spare_merge>", "target_id": "<contact>"}"#,
    ),
    row("POST", "/contacts/unmerge", "spare_merged", r#"{"merge_id": "<spare_merged>"}"#),
    row("POST", "/contacts/bulk/select", "", "{}"),
    row(
        "POST",
        "/contacts/bulk",
        "",
        r#"{"action": "set", "field": "company", "value": "<unique>", "ids": ["<contact>"]}"#,
    ),
    row("GET", "/contacts/bulk/{id}", "bulk", ""),
    row("POST", "/contacts/bulk/{id}/undo", "spare_bulk", ""),
    row("GET", "/contacts", "", ""),
    row("POST", "/contacts", "", r#"{"first_name": "Eve"}"#),
    row("GET", "/contacts/{id}", "contact", ""),
    row("PUT", "/contacts/{id}", "contact", r#"{"first_name": "Ada"}"#),
    row("PATCH", "/contacts/{id}", "contact", r#"{"last_name": "L"}"#),
    row("GET", "/contacts/{id}/logs", "contact", ""),
    row(
        "POST",
        "/logs",
        "",
        r#"{"contact_id": "<contact>", "type": "note", "content": {"text": "hi"}}"#,
    ),
    row("GET", "/templates", "", ""),
    row(
        "POST",
        "/templates",
        "",
        r#"{"name": "<unique>", "subject": "S", "body_html": "<p>B</p>"}"#,
    ),
    row("GET", "/templates/{id}", "template", ""),
    row(
        "PUT",
        "/templates/{id}",
        "template",
        r#"{"name": "<unique>", "subject": "S", "body_html": "<p>B</p>"}"#,
    ),
    row("POST", "/templates/{id}/preview", "template", "{}"),
    row("GET", "/templates/starters", "", ""),
    row("POST", "/templates/{id}/duplicate", "template", "{}"),
    row("GET", "/templates/{id}/coverage", "template", ""),
    row("GET", "/templates/{id}/versions", "template", ""),
    row("GET", "/templates/{id}/versions/{version}", "template", ""),
    row("POST", "/templates/{id}/versions/{version}/restore", "template", ""),
    row("POST", "/templates/generate", "", r#"{"prompt": "not this one: AI is off"}"#),
    row("POST", "/templates/generate/preview", "", r#"{"prompt": "not this one: AI is off"}"#),
    row("GET", "/incoming-mail", "", ""),
    row(
        "PUT",
        "/incoming-mail",
        "",
        r#"{"address": "crm@example.com", "host": "127.0.0.1", "port": 9, "security": "none", "username": "crm", "password": "p"}"#,
    ),
    row("POST", "/incoming-mail/check", "", ""),
    row("POST", "/incoming-mail/closed", "", r#"{"closed": false}"#),
    row("DELETE", "/incoming-mail", "", ""),
    row("GET", "/ai/settings", "", ""),
    row("PUT", "/ai/settings", "", r#"{"enabled": false}"#),
    row("GET", "/ai/usage", "", ""),
    row("GET", "/ai-insights", "", ""),
    row("POST", "/ai-insights/analyze", "", ""),
    row("GET", "/ai-insights/reports/{report}", "", ""),
    row("GET", "/ai-insights/reports/{report}/table.csv", "", ""),
    row("POST", "/ai-insights/{id}/rate", "insight", r#"{"rating": "useful"}"#),
    row("POST", "/ai-insights/{id}/dismiss", "insight", ""),
    row("POST", "/segments/preview", "", r#"{"segment_json": {"all": []}}"#),
    row("GET", "/segments", "", ""),
    row("POST", "/segments", "", r#"{"name": "<unique>", "segment_json": {"all": []}}"#),
    row("GET", "/segments/{id}", "segment", ""),
    row("PUT", "/segments/{id}", "segment", r#"{"name": "<unique>", "segment_json": {"all": []}}"#),
    row("GET", "/logs/{id}", "log", ""),
    row("PATCH", "/logs/{id}", "log", r#"{"content": {"text": "again"}}"#),
    row("GET", "/tasks", "", ""),
    row("POST", "/tasks", "", r#"{"contact_id": "<contact>", "title": "Call"}"#),
    row("GET", "/tasks/{id}", "task", ""),
    row("PATCH", "/tasks/{id}", "task", r#"{"done": true}"#),
    row("GET", "/campaigns", "", ""),
    row(
        "POST",
        "/campaigns",
        "",
        r#"{"name": "C", "type": "email", "template_id": "<template>", "segment_json": {"all": []}}"#,
    ),
    row("GET", "/campaigns/{id}", "campaign", ""),
    row(
        "PUT",
        "/campaigns/{id}",
        "campaign",
        r#"{"name": "C", "type": "email", "template_id": "<template>", "segment_json": {"all": []}}"#,
    ),
    row("GET", "/campaigns/{id}/preflight", "campaign", ""),
    row("GET", "/campaigns/{id}/recipients", "campaign", ""),
    row("GET", "/campaigns/{id}/recipients.csv", "campaign", ""),
    row("GET", "/campaigns/{id}/report", "campaign", ""),
    row("POST", "/campaigns/{id}/duplicate", "campaign", "{}"),
    row("POST", "/campaigns/{id}/follow-up", "campaign", ""),
    row("POST", "/campaigns/{id}/subject", "campaign", r#"{"subject": "a"}"#),
    row("POST", "/campaigns/{id}/test", "campaign", r#"{"to": "ada@example.com"}"#),
    row("POST", "/campaigns/{id}/unknown", "campaign", r#"{"decision": "mark_sent"}"#),
    row("POST", "/campaigns/{id}/approve", "campaign", "{}"),
    row("POST", "/campaigns/{id}/reject", "campaign", r#"{"notes": "no"}"#),
    row("POST", "/campaigns/{id}/schedule", "campaign", ""),
    row("POST", "/campaigns/{id}/send", "campaign", ""),
    row("POST", "/campaigns/{id}/pause", "campaign", ""),
    row("POST", "/campaigns/{id}/resume", "campaign", ""),
    row("POST", "/campaigns/{id}/submit", "campaign", ""),
    row("POST", "/campaigns/{id}/withdraw", "campaign", ""),
    row("POST", "/campaigns/{id}/cancel", "campaign", ""),
    row(
        "POST",
        "/contacts/{id}/messages",
        "contact",
        r#"{"channel": "email", "subject": "S", "body": "not this one: Ada has no address"}"#,
    ),
    row("GET", "/messages/{id}", "single", ""),
    row("POST", "/messages/{id}/decide", "single", r#"{"decision": "mark_sent"}"#),
    row("DELETE", "/messages/{id}", "single", ""),
    row("GET", "/suppressions", "", ""),
    row("POST", "/suppressions", "", r#"{"channel": "email", "address": "<address>"}"#),
    row("POST", "/suppressions/import", "", "csv"),
    row("GET", "/suppressions/export.csv", "", ""),
    row("GET", "/suppressions/{id}", "suppression", ""),
    row("GET", "/providers", "", ""),
    row(
        "POST",
        "/providers",
        "",
        r#"{"kind": "email", "provider_type": "practice", "config": {}}"#,
    ),
    row("GET", "/providers/{id}", "provider", ""),
    row(
        "PUT",
        "/providers/{id}",
        "provider",
        r#"{"kind": "email", "provider_type": "practice", "config": {}}"#,
    ),
    row("GET", "/providers/{id}/dkim", "provider", ""),
    row("POST", "/providers/{id}/dkim", "provider", r#"{"is_on": true}"#),
    row("DELETE", "/providers/{id}/dkim", "provider", ""),
    row("GET", "/sending-domains", "", ""),
    row("POST", "/sending-domains/check", "", r#"{"domain": "acme.example"}"#),
    row("POST", "/providers/{id}/test", "provider", r#"{"to": "ada@example.com"}"#),
    row("GET", "/import", "", ""),
    row("POST", "/import", "", "csv"),
    row("GET", "/import/{id}", "import", ""),
    row("GET", "/import/{id}/errors.csv", "import", ""),
    row("POST", "/import/{id}/cancel", "import", ""),
    row("GET", "/import/{id}/kept", "import", ""),
    row("POST", "/import/{id}/undo", "import", ""),
    row("GET", "/export/contacts.csv", "", ""),
    row("GET", "/export/contacts.vcf", "", ""),
    row("GET", "/practice", "", ""),
    row("GET", "/practice/{id}", "message", ""),
    row("GET", "/audit", "", ""),
    row("GET", "/audit/verify", "", ""),
    row("GET", "/audit/export.csv", "", ""),
    row("DELETE", "/suppressions/{id}", "spare_suppression", ""),
    row("DELETE", "/campaigns/{id}", "spare_campaign", ""),
    row("DELETE", "/templates/{id}", "spare_template", ""),
    row("DELETE", "/tasks/{id}", "spare_task", ""),
    row("DELETE", "/logs/{id}", "spare_log", ""),
    row("DELETE", "/contacts/{id}", "spare_contact", ""),
    row("DELETE", "/lists/{id}", "spare_list", ""),
    row("DELETE", "/segments/{id}", "spare_segment", ""),
    row("DELETE", "/custom-definitions/{id}", "spare_field", ""),
    row("DELETE", "/providers/{id}", "spare_provider", ""),
    row("DELETE", "/workspaces/{id}", "spare_workspace", ""),
    row("POST", "/auth/logout", "", ""),
    row("GET", "/openapi.json", "", ""),
    row("GET", "/docs", "", ""),
];

/// Method and path of every route the code declares under `/api`.
pub fn declared() -> BTreeSet<(String, String)> {
    declared_in("api")
}

/// Method and path of every route declared in a folder of the web crate.
pub fn declared_in(folder: &str) -> BTreeSet<(String, String)> {
    let mut routes = BTreeSet::new();
    let mut calls = 0;
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/src").join(folder), &mut |code| {
        let code: String = code.split_whitespace().collect();
        // Behind every `web::get()` stands its path: in the `route` itself or in the last `web::resource`.
        let mut resource = String::new();
        let mut rest = code.as_str();
        while let Some(at) = rest.find("web::") {
            let before = &rest[..at];
            rest = &rest[at + "web::".len()..];
            if let Some(path) = rest.strip_prefix("resource(\"") {
                path.split('"').next().unwrap().clone_into(&mut resource);
                continue;
            }
            let word = rest.split(|c: char| !c.is_ascii_lowercase()).next().unwrap();
            if !["get", "post", "put", "patch", "delete"].contains(&word)
                || !rest[word.len()..].starts_with("().to(")
            {
                continue;
            }
            calls += 1;
            let own = before.strip_suffix("\",").and_then(|head| head.rsplit_once(".route(\""));
            let path = own.map_or(resource.clone(), |(_, path)| path.to_owned());
            assert!(
                path.starts_with('/'),
                "the path of a {word} is not where it is looked for: {before}"
            );
            routes.insert((word.to_uppercase(), path));
        }
        for other in
            ["#[get(", "#[post(", "#[put(", "#[patch(", "#[delete(", "web::method(", "Route::new("]
        {
            assert!(
                !code.contains(other),
                "routes declared with {other} are not found by this test"
            );
        }
    });
    assert_eq!(routes.len(), calls, "two routes have one method and path");
    assert!(calls > 40, "only {calls} routes were found");
    routes
}

fn read(folder: &Path, each: &mut impl FnMut(&str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, each);
        } else {
            each(&std::fs::read_to_string(path).unwrap());
        }
    }
}

/// Method and path of every operation of the document, and what it asks; `None` where it does not say.
fn documented() -> BTreeMap<(String, String), Option<Asks>> {
    let document = serde_json::to_value(document()).unwrap();
    let mut operations = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api").unwrap_or_else(|| panic!("{path} is not under /api"));
        for (method, operation) in item.as_object().unwrap() {
            let asks = operation.get(PERMISSION).and_then(Value::as_str).and_then(Asks::parse);
            operations.insert((method.to_uppercase(), path.to_owned()), asks);
        }
    }
    operations
}

/// Every route of the document, in the order of the samples.
pub fn routes() -> Vec<Row> {
    let documented = documented();
    SAMPLES
        .iter()
        .map(|Sample { method, path, of, body }| {
            let key = ((*method).to_owned(), (*path).to_owned());
            let asks = documented.get(&key).copied().flatten();
            let asks = asks
                .unwrap_or_else(|| panic!("the document does not say what {method} {path} asks"));
            Row { method, path, asks, of, body }
        })
        .collect()
}

#[test]
fn every_route_is_in_the_document_and_has_a_sample() {
    let rows: Vec<(String, String)> =
        SAMPLES.iter().map(|row| (row.method.to_owned(), row.path.to_owned())).collect();
    let samples: BTreeSet<(String, String)> = rows.iter().cloned().collect();
    assert_eq!(samples.len(), rows.len(), "a route has two samples");
    let declared = declared();
    let document = documented();
    let documented: BTreeSet<(String, String)> = document.keys().cloned().collect();
    let missing: Vec<_> = declared.difference(&documented).collect();
    assert!(missing.is_empty(), "these routes are not in the document: {missing:#?}");
    let gone: Vec<_> = documented.difference(&declared).collect();
    assert!(gone.is_empty(), "the document has routes that are none: {gone:#?}");
    let missing: Vec<_> = documented.difference(&samples).collect();
    assert!(missing.is_empty(), "say in this table what these routes are tried on: {missing:#?}");
    let silent: Vec<_> = document.iter().filter(|(_, asks)| asks.is_none()).collect();
    assert!(silent.is_empty(), "the document does not say what these ask: {silent:#?}");
}

#[test]
fn every_permission_of_a_route_can_be_granted() {
    for row in routes() {
        if let Asks::Right(permission) | Asks::Reach(permission) | Asks::Leave(permission) =
            row.asks
        {
            assert!(crm_core::Role::Owner.allows(permission), "{} {}", row.method, row.path);
        }
    }
}

//! Every route of the API and what it asks of a caller. [`declared`] reads the routes from the code, so that a new one
//! without a row here fails [`every_route_has_a_row`].

use std::collections::BTreeSet;
use std::path::Path;

use crm_core::Permission;

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Nothing: the doors.
    Nothing,
    /// Somebody, by a session or any key.
    Anybody,
    /// Somebody who signed in; no key will do.
    Session,
    /// An administrator of the server who signed in; no key will do.
    Administrator,
    /// Somebody; a key must reach as far as this.
    Reach(Permission),
    /// A member of the workspace whose role allows this or who does it to themselves; a key must reach as far in any case.
    Leave(Permission),
    /// A member of the workspace whose role allows this; a key must reach as far too.
    Right(Permission),
}

/// One route.
pub struct Row {
    /// `GET`, `POST` …
    pub method: &'static str,
    /// As it is declared, with `{id}`, `{user_id}` and `{invitation_id}`.
    pub path: &'static str,
    /// What it asks.
    pub asks: Asks,
    /// What stands for `{id}`: a word of [`super::matrix::Things`].
    pub of: &'static str,
    /// A body that is good enough, with words of [`super::matrix::Things`] in angle brackets; empty for none, `csv` for
    /// a file.
    pub body: &'static str,
}

const fn row(
    method: &'static str,
    path: &'static str,
    asks: Asks,
    of: &'static str,
    body: &'static str,
) -> Row {
    Row { method, path, asks, of, body }
}

use Asks::{Administrator, Anybody, Leave, Nothing, Reach, Right, Session};
use Permission as P;

/// The table. What deletes something comes after what needs it.
pub const ROUTES: &[Row] = &[
    row("POST", "/auth/register", Nothing, "", "{}"),
    row("POST", "/auth/login", Nothing, "", "{}"),
    row("GET", "/auth/me", Anybody, "", ""),
    row("PATCH", "/auth/me", Session, "", r#"{"name": "Monalisa"}"#),
    row("POST", "/auth/reset", Nothing, "", "{}"),
    row("POST", "/auth/reset/use", Nothing, "", "{}"),
    row("GET", "/auth/second-factor", Session, "", ""),
    row("POST", "/auth/second-factor", Session, "", r#"{"current_password": "not this one"}"#),
    row("POST", "/auth/second-factor/confirm", Session, "", r#"{"code": "000000"}"#),
    row(
        "POST",
        "/auth/second-factor/recovery-codes",
        Session,
        "",
        r#"{"current_password": "not this one"}"#,
    ),
    row(
        "POST",
        "/auth/second-factor/disable",
        Session,
        "",
        r#"{"current_password": "not this one"}"#,
    ),
    row("GET", "/auth/keys", Session, "", ""),
    row("POST", "/auth/keys", Session, "", r#"{"description": "K", "scopes": ["admin"]}"#),
    row("DELETE", "/auth/keys/{id}", Session, "spare_key", ""),
    row(
        "POST",
        "/auth/password",
        Session,
        "",
        r#"{"current_password": "not this one", "new_password": "another sentence, and long"}"#,
    ),
    row("GET", "/auth/sessions", Session, "", ""),
    row("DELETE", "/auth/sessions/{id}", Session, "spare_session", ""),
    row("DELETE", "/auth/sessions", Session, "", ""),
    row("GET", "/users", Administrator, "", ""),
    row("GET", "/users/{user_id}/sessions", Administrator, "", ""),
    row("DELETE", "/users/{user_id}/sessions", Administrator, "", ""),
    row("DELETE", "/users/{user_id}/sessions/{id}", Administrator, "spare_session", ""),
    row("GET", "/workspaces", Reach(P::WorkspaceRead), "", ""),
    row("POST", "/workspaces", Reach(P::WorkspaceWrite), "", r#"{"name": "<unique>"}"#),
    row("GET", "/workspaces/{id}", Right(P::WorkspaceRead), "workspace", ""),
    row(
        "PUT",
        "/workspaces/{id}",
        Right(P::WorkspaceWrite),
        "workspace",
        r#"{"name": "<unique>"}"#,
    ),
    row("GET", "/workspaces/{id}/members", Right(P::WorkspaceRead), "workspace", ""),
    row(
        "POST",
        "/workspaces/{id}/members",
        Right(P::MembersWrite),
        "workspace",
        r#"{"user_id": "<hedy>", "role": "viewer"}"#,
    ),
    row(
        "PUT",
        "/workspaces/{id}/members/{user_id}",
        Right(P::MembersWrite),
        "workspace",
        r#"{"role": "editor"}"#,
    ),
    row("DELETE", "/workspaces/{id}/members/{user_id}", Leave(P::MembersWrite), "workspace", ""),
    row("GET", "/workspaces/{id}/invitations", Right(P::MembersWrite), "workspace", ""),
    row(
        "POST",
        "/workspaces/{id}/invitations",
        Right(P::MembersWrite),
        "workspace",
        r#"{"email": "<address>", "role": "viewer"}"#,
    ),
    row(
        "DELETE",
        "/workspaces/{id}/invitations/{invitation_id}",
        Right(P::MembersWrite),
        "workspace",
        "",
    ),
    row("GET", "/lists", Right(P::ListsRead), "", ""),
    row("POST", "/lists", Right(P::ListsWrite), "", r#"{"name": "<unique>"}"#),
    row(
        "POST",
        "/lists/assign",
        Right(P::ContactsWrite),
        "",
        r#"{"contact_id": "<contact>", "list_id": "<list>"}"#,
    ),
    row(
        "POST",
        "/lists/unassign",
        Right(P::ContactsWrite),
        "",
        r#"{"contact_id": "<contact>", "list_id": "<list>"}"#,
    ),
    row("GET", "/lists/{id}", Right(P::ListsRead), "list", ""),
    row("PUT", "/lists/{id}", Right(P::ListsWrite), "list", r#"{"name": "<unique>"}"#),
    row("GET", "/contacts", Right(P::ContactsRead), "", ""),
    row("POST", "/contacts", Right(P::ContactsWrite), "", r#"{"first_name": "Eve"}"#),
    row("GET", "/contacts/{id}", Right(P::ContactsRead), "contact", ""),
    row("PUT", "/contacts/{id}", Right(P::ContactsWrite), "contact", r#"{"first_name": "Ada"}"#),
    row("PATCH", "/contacts/{id}", Right(P::ContactsWrite), "contact", r#"{"last_name": "L"}"#),
    row("GET", "/contacts/{id}/logs", Right(P::LogsRead), "contact", ""),
    row(
        "POST",
        "/logs",
        Right(P::LogsWrite),
        "",
        r#"{"contact_id": "<contact>", "type": "note", "content": {"text": "hi"}}"#,
    ),
    row("GET", "/templates", Right(P::TemplatesRead), "", ""),
    row(
        "POST",
        "/templates",
        Right(P::TemplatesWrite),
        "",
        r#"{"name": "<unique>", "subject": "S", "body_html": "<p>B</p>"}"#,
    ),
    row("GET", "/templates/{id}", Right(P::TemplatesRead), "template", ""),
    row(
        "PUT",
        "/templates/{id}",
        Right(P::TemplatesWrite),
        "template",
        r#"{"name": "<unique>", "subject": "S", "body_html": "<p>B</p>"}"#,
    ),
    row("POST", "/templates/{id}/preview", Right(P::TemplatesRead), "template", "{}"),
    row(
        "POST",
        "/segments/preview",
        Right(P::ContactsRead),
        "",
        r#"{"segment_json": {"all": []}}"#,
    ),
    row("GET", "/campaigns", Right(P::CampaignsRead), "", ""),
    row(
        "POST",
        "/campaigns",
        Right(P::CampaignsWrite),
        "",
        r#"{"name": "C", "type": "email", "template_id": "<template>", "segment_json": {"all": []}}"#,
    ),
    row("GET", "/campaigns/{id}", Right(P::CampaignsRead), "campaign", ""),
    row(
        "PUT",
        "/campaigns/{id}",
        Right(P::CampaignsWrite),
        "campaign",
        r#"{"name": "C", "type": "email", "template_id": "<template>", "segment_json": {"all": []}}"#,
    ),
    row("GET", "/campaigns/{id}/preflight", Right(P::CampaignsRead), "campaign", ""),
    row("GET", "/campaigns/{id}/recipients", Right(P::CampaignsRead), "campaign", ""),
    row(
        "POST",
        "/campaigns/{id}/test",
        Right(P::CampaignsSend),
        "campaign",
        r#"{"to": "ada@example.com"}"#,
    ),
    row(
        "POST",
        "/campaigns/{id}/unknown",
        Right(P::CampaignsSend),
        "campaign",
        r#"{"decision": "mark_sent"}"#,
    ),
    row("POST", "/campaigns/{id}/approve", Right(P::CampaignsApprove), "campaign", "{}"),
    row(
        "POST",
        "/campaigns/{id}/reject",
        Right(P::CampaignsApprove),
        "campaign",
        r#"{"notes": "no"}"#,
    ),
    row("POST", "/campaigns/{id}/schedule", Right(P::CampaignsSend), "campaign", ""),
    row("POST", "/campaigns/{id}/send", Right(P::CampaignsSend), "campaign", ""),
    row("POST", "/campaigns/{id}/pause", Right(P::CampaignsSend), "campaign", ""),
    row("POST", "/campaigns/{id}/resume", Right(P::CampaignsSend), "campaign", ""),
    row("POST", "/campaigns/{id}/submit", Right(P::CampaignsWrite), "campaign", ""),
    row("POST", "/campaigns/{id}/withdraw", Right(P::CampaignsWrite), "campaign", ""),
    row("POST", "/campaigns/{id}/cancel", Right(P::CampaignsSend), "campaign", ""),
    row("GET", "/providers", Right(P::ProvidersRead), "", ""),
    row(
        "POST",
        "/providers",
        Right(P::ProvidersWrite),
        "",
        r#"{"kind": "email", "provider_type": "practice", "config": {}}"#,
    ),
    row("GET", "/providers/{id}", Right(P::ProvidersRead), "provider", ""),
    row(
        "PUT",
        "/providers/{id}",
        Right(P::ProvidersWrite),
        "provider",
        r#"{"kind": "email", "provider_type": "practice", "config": {}}"#,
    ),
    row(
        "POST",
        "/providers/{id}/test",
        Right(P::ProvidersWrite),
        "provider",
        r#"{"to": "ada@example.com"}"#,
    ),
    row("GET", "/import", Right(P::ContactsRead), "", ""),
    row("POST", "/import", Right(P::ContactsWrite), "", "csv"),
    row("GET", "/import/{id}", Right(P::ContactsRead), "import", ""),
    row("GET", "/import/{id}/errors.csv", Right(P::ContactsRead), "import", ""),
    row("POST", "/import/{id}/cancel", Right(P::ContactsWrite), "import", ""),
    row("GET", "/practice", Right(P::CampaignsRead), "", ""),
    row("GET", "/practice/{id}", Right(P::CampaignsRead), "message", ""),
    row("GET", "/audit", Right(P::AuditRead), "", ""),
    row("GET", "/audit/verify", Right(P::AuditRead), "", ""),
    row("DELETE", "/campaigns/{id}", Right(P::CampaignsWrite), "spare_campaign", ""),
    row("DELETE", "/templates/{id}", Right(P::TemplatesWrite), "spare_template", ""),
    row("DELETE", "/contacts/{id}", Right(P::ContactsWrite), "spare_contact", ""),
    row("DELETE", "/lists/{id}", Right(P::ListsWrite), "spare_list", ""),
    row("DELETE", "/providers/{id}", Right(P::ProvidersWrite), "spare_provider", ""),
    row("DELETE", "/workspaces/{id}", Right(P::WorkspaceDelete), "spare_workspace", ""),
    row("POST", "/auth/logout", Session, "", ""),
];

/// Method and path of every route the code declares under `/api`.
pub fn declared() -> BTreeSet<(String, String)> {
    let mut routes = BTreeSet::new();
    let mut calls = 0;
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/src/api"), &mut |code| {
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

#[test]
fn every_route_has_a_row() {
    let rows: Vec<(String, String)> =
        ROUTES.iter().map(|row| (row.method.to_owned(), row.path.to_owned())).collect();
    let table: BTreeSet<(String, String)> = rows.iter().cloned().collect();
    assert_eq!(table.len(), rows.len(), "a route has two rows");
    let declared = declared();
    let missing: Vec<_> = declared.difference(&table).collect();
    assert!(missing.is_empty(), "say in this table what these routes ask: {missing:#?}");
    let gone: Vec<_> = table.difference(&declared).collect();
    assert!(gone.is_empty(), "there are no such routes any more: {gone:#?}");
}

#[test]
fn every_permission_of_a_route_can_be_granted() {
    for row in ROUTES {
        if let Right(permission) | Reach(permission) | Leave(permission) = row.asks {
            assert!(crm_core::Role::Owner.allows(permission), "{} {}", row.method, row.path);
        }
    }
}

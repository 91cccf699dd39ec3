//! Every road to an object, for the tests of isolation. `{contact}` and the like stand for ids.

/// Reading one object or what hangs on it.
pub(super) const GET: &[&str] = &[
    "/api/contacts/{contact}",
    "/api/contacts/{contact}/logs",
    "/api/lists/{list}",
    "/api/templates/{template}",
    "/api/campaigns/{campaign}",
    "/api/campaigns/{campaign}/preflight",
    "/api/campaigns/{campaign}/recipients",
    "/api/import/{import}",
    "/api/import/{import}/errors.csv",
    "/api/providers/{provider}",
    "/api/practice/{message}",
    "/api/workspaces/{workspace}",
    "/api/workspaces/{workspace}/members",
    "/api/workspaces/{workspace}/invitations",
    "/contacts/{contact}",
    "/contacts/{contact}/edit",
    "/templates/{template}",
    "/campaigns/{campaign}",
    "/campaigns/{campaign}/edit",
    "/campaigns/{campaign}/recipients",
    "/import/{import}",
    "/import/{import}/map",
    "/import/{import}/check",
    "/import/{import}/errors.csv",
    "/practice/{message}",
    "/practice/{message}/html",
    "/settings/providers/{provider}",
];

/// Changing one object over the API: method, path, body.
pub(super) const OTHER: &[(&str, &str, &str)] = &[
    ("PUT", "/api/contacts/{contact}", r#"{"first_name": "X"}"#),
    ("PATCH", "/api/contacts/{contact}", r#"{"first_name": "X"}"#),
    ("DELETE", "/api/contacts/{contact}", ""),
    (
        "POST",
        "/api/logs",
        r#"{"contact_id": "{contact}", "type": "note", "content": {"text": "X"}}"#,
    ),
    ("PUT", "/api/lists/{list}", r#"{"name": "X"}"#),
    ("DELETE", "/api/lists/{list}", ""),
    ("POST", "/api/lists/assign", r#"{"contact_id": "{contact}", "list_id": "{list}"}"#),
    ("POST", "/api/lists/unassign", r#"{"contact_id": "{contact}", "list_id": "{list}"}"#),
    (
        "PUT",
        "/api/templates/{template}",
        r#"{"name": "X", "subject": "X", "body_html": "<p>X</p>"}"#,
    ),
    ("DELETE", "/api/templates/{template}", ""),
    ("POST", "/api/templates/{template}/preview", "{}"),
    (
        "PUT",
        "/api/campaigns/{campaign}",
        r#"{"name": "X", "type": "email", "segment_json": {"all": []}}"#,
    ),
    ("DELETE", "/api/campaigns/{campaign}", ""),
    ("POST", "/api/campaigns/{campaign}/submit", "{}"),
    ("POST", "/api/campaigns/{campaign}/approve", "{}"),
    ("POST", "/api/campaigns/{campaign}/reject", r#"{"notes": "X"}"#),
    ("POST", "/api/campaigns/{campaign}/withdraw", "{}"),
    ("POST", "/api/campaigns/{campaign}/schedule", "{}"),
    ("POST", "/api/campaigns/{campaign}/send", "{}"),
    ("POST", "/api/campaigns/{campaign}/pause", "{}"),
    ("POST", "/api/campaigns/{campaign}/resume", "{}"),
    ("POST", "/api/campaigns/{campaign}/cancel", "{}"),
    ("POST", "/api/campaigns/{campaign}/test", r#"{"to": "x@example.org"}"#),
    (
        "POST",
        "/api/campaigns/{campaign}/unknown",
        r#"{"recipient_id": "{row}", "decision": "send_again"}"#,
    ),
    ("POST", "/api/import/{import}/cancel", "{}"),
    ("PUT", "/api/providers/{provider}", r#"{"name": "X", "provider_type": "practice"}"#),
    ("DELETE", "/api/providers/{provider}", ""),
    ("POST", "/api/providers/{provider}/test", r#"{"to": "x@example.org"}"#),
    ("PUT", "/api/workspaces/{workspace}", r#"{"name": "X"}"#),
    ("DELETE", "/api/workspaces/{workspace}", ""),
    ("POST", "/api/workspaces/{workspace}/members", r#"{"user_id": "{member}", "role": "viewer"}"#),
    ("PUT", "/api/workspaces/{workspace}/members/{member}", r#"{"role": "viewer"}"#),
    ("DELETE", "/api/workspaces/{workspace}/members/{member}", ""),
    (
        "POST",
        "/api/workspaces/{workspace}/invitations",
        r#"{"email": "x@example.org", "role": "viewer"}"#,
    ),
    ("DELETE", "/api/workspaces/{workspace}/invitations/{invitation}", ""),
];

/// Forms of pages: path, fields.
pub(super) const PAGE_POSTS: &[(&str, &str)] = &[
    ("/contacts/{contact}", "first_name=X"),
    ("/contacts/{contact}/delete", ""),
    ("/contacts/{contact}/notes", "type=note&text=X"),
    ("/contacts/{contact}/stage", "list_id={list}"),
    ("/contacts/{contact}/lists", "list_id={list}"),
    ("/contacts/{contact}/lists/{list}/remove", ""),
    ("/lists/{list}", "name=X&color=1"),
    ("/lists/{list}/delete", ""),
    ("/templates/{template}", "name=X&subject=X&body_html=X&channel=email&format=html"),
    ("/templates/{template}/delete", ""),
    ("/campaigns/{campaign}", "name=X"),
    ("/campaigns/{campaign}/submit", ""),
    ("/campaigns/{campaign}/approve", ""),
    ("/campaigns/{campaign}/reject", "notes=X"),
    ("/campaigns/{campaign}/send", ""),
    ("/campaigns/{campaign}/pause", ""),
    ("/campaigns/{campaign}/resume", ""),
    ("/campaigns/{campaign}/cancel", ""),
    ("/campaigns/{campaign}/delete", ""),
    ("/campaigns/{campaign}/recipients/{row}/resend", ""),
    ("/campaigns/{campaign}/recipients/{row}/mark-sent", ""),
    ("/import/{import}/map", "mode=skip"),
    ("/import/{import}/check", ""),
    ("/import/{import}/run", ""),
    ("/import/{import}/cancel", ""),
    (
        "/settings/providers/{provider}",
        "name=X&host=mail.example.org&port=25&security=none&from_email=x@example.org&from_name=X",
    ),
    ("/settings/providers/{provider}/test", "to=x@example.org"),
    ("/settings/providers/{provider}/default", ""),
    ("/settings/providers/{provider}/delete", ""),
    ("/settings/team/members/{member}/role", "role=viewer"),
    ("/settings/team/members/{member}/remove", ""),
    ("/settings/team/invitations/{invitation}/revoke", ""),
    ("/settings/workspaces/{workspace}/switch", ""),
    ("/settings/workspaces/{workspace}/leave", ""),
];

/// Naming another's object in a body: refused like an id that never was.
pub(super) const BODIES: &[(&str, &str)] = &[
    ("/api/contacts", r#"{"first_name": "X", "list_ids": ["{list}"]}"#),
    ("/api/contacts", r#"{"first_name": "X", "owner_id": "{member}"}"#),
    (
        "/api/campaigns",
        r#"{"name": "X", "type": "email", "template_id": "{template}", "segment_json": {"all": []}}"#,
    ),
    (
        "/api/campaigns",
        r#"{"name": "X", "type": "email", "provider_id": "{provider}", "segment_json": {"all": []}}"#,
    ),
    ("/api/campaigns", r#"{"name": "X", "type": "email", "segment_json": {"list": "{list}"}}"#),
    ("/api/segments/preview", r#"{"segment_json": {"list": "{list}"}}"#),
];

/// Lists, counts and searches of a workspace.
pub(super) const LISTS: &[&str] = &[
    "/api/contacts",
    "/api/contacts?q=zanzibar",
    "/api/contacts?list_id={list}",
    "/api/lists",
    "/api/templates",
    "/api/campaigns",
    "/api/providers",
    "/api/practice",
    "/api/practice?q=zanzibar",
    "/api/import",
    "/api/audit",
    "/dashboard",
    "/contacts",
    "/lists",
    "/import",
    "/templates",
    "/campaigns",
    "/practice",
    "/settings/providers",
    "/settings/workspace",
    "/settings/team",
    "/settings/workspaces",
];

/// What belongs to the person and not to a workspace.
pub(super) const PERSONAL: &[&str] = &["/api/workspaces", "/api/auth/me"];

/// Roads with something in braces that is no id of a workspace's object, or whose test is elsewhere.
pub(super) const ELSEWHERE: &[&str] = &[
    // Sessions belong to a person, and their roads to whoever runs the installation.
    "/api/auth/keys/{id}",
    "/api/auth/sessions/{id}",
    "/api/users/{user_id}/sessions",
    "/api/users/{user_id}/sessions/{id}",
    "/settings/keys/{id}/revoke",
    "/settings/sessions/{id}/end",
    "/settings/people/{user_id}/sessions/end",
    "/settings/people/{user_id}/sessions/{id}/end",
    // Signed links, whose token is the proof.
    "/u/{token}",
    "/invitation/{token}",
    "/reset/{token}",
    // A picture of a campaign's first messages; it needs the campaign, and is empty where there is none left to send.
    "/campaigns/{campaign}/samples/{number}",
];

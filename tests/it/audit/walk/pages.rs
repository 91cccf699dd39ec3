//! The forms of the pages but for campaigns.

use serde_json::json;
use support::process::{OWNER_EMAIL, PASSWORD};
use support::{PerBackend, TestApp};

use super::Walk;

pub(super) async fn walk(walk: &mut Walk) {
    contacts(walk).await;
    segments(walk).await;
    fields(walk).await;
    tasks(walk).await;
    templates(walk).await;
    imports(walk).await;
    settings(walk).await;
    doors(walk).await;
}

async fn contacts(walk: &mut Walk) {
    walk.form("list.created", "POST /lists", "", &[("name", "Leaflet")]).await;
    let list = walk.newest("contact_lists").await;
    walk.form("list.updated", "POST /lists/{id}", &list, &[("name", "Leaflets")]).await;
    walk.form("contact.created", "POST /contacts", "", &[("first_name", "Uma")]).await;
    walk.form("contact.created", "POST /contacts/new", "", &[("first_name", "Una")]).await;
    let contact = walk.newest("base_contacts").await;
    walk.form("contact.updated", "POST /contacts/{id}", &contact, &[("first_name", "Oona")]).await;
    let path = format!("/contacts/{contact}/cells/company");
    let owner = walk.owner.clone();
    let route = "POST /contacts/{id}/cells/{column}";
    walk.send(&owner, "contact.updated", route, &path, &[("company", "Cells")]).await;
    walk.form("log.created", "POST /contacts/{id}/notes", &contact, &[("text", "hello")]).await;
    let said = [("channel", "text"), ("state", "granted"), ("source", "on the phone")];
    walk.form("consent.granted", "POST /contacts/{id}/consents", &contact, &said).await;
    let call = [("minutes", "5"), ("notes", "hello")];
    walk.form("log.created", "POST /contacts/{id}/calls", &contact, &call).await;
    walk.form("ai.asked", "POST /contacts/{id}/summary", &contact, &[]).await;
    let log = walk.newest("communication_logs").await;
    walk.form("log.updated", "POST /logs/{id}", &log, &[("minutes", "6")]).await;
    walk.form("log.deleted", "POST /logs/{id}/delete", &log, &[]).await;
    let stages = "SELECT id FROM contact_lists WHERE is_primary ORDER BY position DESC LIMIT 1";
    let stage = walk.app.db().texts(stages).await.remove(0);
    walk.form("list.assigned", "POST /contacts/{id}/stage", &contact, &[("list_id", &stage)]).await;
    let first = "SELECT id FROM contact_lists WHERE is_primary ORDER BY position LIMIT 1";
    let first = walk.app.db().texts(first).await.remove(0);
    let to = [("list_id", first.as_str())];
    walk.form("list.assigned", "POST /pipeline/{id}/move", &contact, &to).await;
    walk.form("list.assigned", "POST /contacts/{id}/lists", &contact, &[("list_id", &list)]).await;
    let path = format!("/contacts/{contact}/lists/{list}/remove");
    let route = "POST /contacts/{id}/lists/{list}/remove";
    walk.send(&owner, "list.unassigned", route, &path, &[]).await;
    walk.form("contact.deleted", "POST /contacts/{id}/delete", &contact, &[]).await;
    walk.form("contact.restored", "POST /contacts/trash/{id}/restore", &contact, &[]).await;
    many(walk, &contact).await;
    walk.owner.delete(&format!("/api/contacts/{contact}")).await.expect(200);
    walk.form("contact.purged", "POST /contacts/trash/{id}/purge", &contact, &[]).await;
    let down = [("direction", "down")];
    walk.form("list.updated", "POST /lists/{id}/move", &list, &down).await;
    walk.form("list.deleted", "POST /lists/{id}/delete", &list, &[]).await;
}

/// What is done to two contacts, or many.
async fn many(walk: &mut Walk, one: &str) {
    let twin = walk.owner.post("/api/contacts", json!({"first_name": "Oonagh"})).await.id();
    let both = [("one", one), ("other", twin.as_str())];
    walk.form("contact.not_duplicate", "POST /contacts/duplicates/dismiss", "", &both).await;
    let both = [("source", twin.as_str()), ("target", one)];
    walk.form("contact.merged", "POST /contacts/merge", "", &both).await;
    let merge = walk.newest("merge_journal").await;
    walk.form("contact.unmerged", "POST /contacts/merges/{id}/undo", &merge, &[]).await;
    let set = [("action", "set"), ("set_field", "company"), ("set_value", "C"), ("ids", &twin)];
    walk.form("contacts.bulk", "POST /contacts/bulk", "", &set).await;
    let bulk = walk.newest("bulk_actions").await;
    walk.form("contacts.bulk_undone", "POST /contacts/bulk/{id}/undo", &bulk, &[]).await;
    let word = [("confirm", "erase")];
    walk.form("contact.erased", "POST /contacts/{id}/erase", &twin, &word).await;
}

async fn segments(walk: &mut Walk) {
    walk.form("segment.created", "POST /segments", "", &[("name", "Bakers")]).await;
    let id = walk.newest("saved_segments").await;
    walk.form("segment.updated", "POST /segments/{id}", &id, &[("name", "Millers")]).await;
    walk.form("segment.deleted", "POST /segments/{id}/delete", &id, &[]).await;
}

async fn tasks(walk: &mut Walk) {
    let ada = walk.owner.post("/api/contacts", json!({"first_name": "Ada"})).await.id();
    walk.form("task.created", "POST /contacts/{id}/tasks", &ada, &[("title", "Call")]).await;
    let id = walk.newest("tasks").await;
    walk.form("task.updated", "POST /tasks/{id}/tomorrow", &id, &[]).await;
    walk.form("task.updated", "POST /tasks/{id}/next-week", &id, &[]).await;
    walk.form("task.done", "POST /tasks/{id}/done", &id, &[]).await;
    walk.form("task.reopened", "POST /tasks/{id}/reopen", &id, &[]).await;
}

async fn fields(walk: &mut Walk) {
    let new = [("label", "Birthday"), ("field_type", "date")];
    walk.form("field.created", "POST /settings/fields", "", &new).await;
    let id = walk.newest("custom_field_definitions").await;
    let change = [("label", "Born on")];
    walk.form("field.updated", "POST /settings/fields/{id}", &id, &change).await;
    let up = [("direction", "up")];
    walk.form("field.updated", "POST /settings/fields/{id}/move", &id, &up).await;
    walk.form("field.archived", "POST /settings/fields/{id}/archive", &id, &[]).await;
    walk.form("field.restored", "POST /settings/fields/{id}/restore", &id, &[]).await;
    walk.form("field.archived", "POST /settings/fields/{id}/archive", &id, &[]).await;
    walk.form("field.deleted", "POST /settings/fields/{id}/delete", &id, &[]).await;
}

async fn templates(walk: &mut Walk) {
    let fields = [("name", "Card"), ("subject", "S"), ("body_html", "<p>B</p>")];
    walk.form("template.created", "POST /templates", "", &fields).await;
    let template = walk.newest("templates").await;
    let fields = [("name", "Cards"), ("subject", "S"), ("body_html", "<p>B</p>"), ("version", "1")];
    walk.form("template.updated", "POST /templates/{id}", &template, &fields).await;
    let route = "POST /templates/{id}/versions/{version}/restore";
    let path = format!("/templates/{template}/versions/1/restore");
    let owner = walk.owner.clone();
    walk.send(&owner, "template.restored", route, &path, &[]).await;
    walk.form("template.duplicated", "POST /templates/{id}/duplicate", &template, &[]).await;
    walk.form("ai.asked", "POST /templates/draft", "", &[("goal", "Say hello")]).await;
    let settings = [("enabled", "true"), ("monthly_tokens", "500000")];
    walk.form("ai.settings_changed", "POST /settings/ai", "", &settings).await;
    let nobody_listens = support::ports::free().to_string();
    let mailbox = [
        ("address", "crm@example.com"),
        ("host", "127.0.0.1"),
        ("port", nobody_listens.as_str()),
        ("security", "none"),
        ("username", "crm"),
        ("password", "secret"),
        ("folder", "INBOX"),
    ];
    walk.form("incoming_mail.set_up", "POST /settings/incoming", "", &mailbox).await;
    walk.form("incoming_mail.changed", "POST /settings/incoming", "", &mailbox).await;
    walk.form("incoming_mail.checked", "POST /settings/incoming/check", "", &[]).await;
    walk.form("setting.changed", "POST /settings/incoming/closed", "", &[("closed", "")]).await;
    walk.form("incoming_mail.removed", "POST /settings/incoming/remove", "", &[]).await;
    walk.form("template.deleted", "POST /templates/{id}/delete", &template, &[]).await;
}

async fn imports(walk: &mut Walk) {
    let upload = async |walk: &Walk| {
        let plain = walk.owner.without_csrf();
        let token = plain.get("/import").await.form_token();
        let file =
            reqwest::multipart::Part::bytes("first_name\nEve\n".as_bytes()).file_name("people.csv");
        let form = reqwest::multipart::Form::new().text("csrf_token", token).part("file", file);
        plain.upload("/import", form).await.expect(303);
        walk.newest("imports").await
    };
    let before = walk.last().await;
    let import = upload(walk).await;
    walk.left("POST /import", "import.uploaded", before).await;
    let columns = [("column.0", "first_name")];
    walk.form("import.queued", "POST /import/{id}/map", &import, &columns).await;
    checked(walk, &import).await;
    walk.form("import.queued", "POST /import/{id}/check", &import, &[("mode", "fill")]).await;
    checked(walk, &import).await;
    walk.form("import.queued", "POST /import/{id}/run", &import, &[("mode", "skip")]).await;
    let import = upload(walk).await;
    walk.form("import.cancelled", "POST /import/{id}/cancel", &import, &[]).await;
    walk.form("import.undo_started", "POST /import/{id}/undo", &import, &[]).await;
}

/// Waits until the trial run is over.
async fn checked(walk: &Walk, import: &str) {
    let path = format!("/api/import/{import}");
    support::wait::until("the check to end", std::time::Duration::from_secs(20), || async {
        let found = walk.owner.get(&path).await;
        (found.data()["state"] == json!("done")).then_some(())
    })
    .await;
}

async fn settings(walk: &mut Walk) {
    let fields = [
        ("name", "Paper mill"),
        ("time_zone", "Europe/Vienna"),
        ("currency", "EUR"),
        ("default_region", "AT"),
        ("own_approval", "yes"),
        ("audience_drift_percent", "10"),
        ("unknown_policy", "ask"),
    ];
    let before = walk.last().await;
    walk.form("workspace.updated", "POST /settings/workspace", "", &fields).await;
    walk.left("POST /settings/workspace", "setting.changed", before).await;

    let server = |name| {
        [
            ("name", name),
            ("host", "127.0.0.1"),
            ("port", "2525"),
            ("security", "none"),
            ("from_email", "hello@example.com"),
            ("from_name", "Mill"),
        ]
    };
    walk.form("provider.created", "POST /settings/providers", "", &server("Mail")).await;
    let provider = walk.newest("workspace_email_provider").await;
    walk.form("provider.updated", "POST /settings/providers/{id}", &provider, &server("Post"))
        .await;
    let route = "POST /settings/providers/{id}/dkim";
    walk.form("provider.signing_key_set", route, &provider, &[("step", "new")]).await;
    let route = "POST /settings/providers/{id}/dkim/delete";
    walk.form("provider.signing_key_deleted", route, &provider, &[]).await;
    let asked = [("domain", "example.com")];
    walk.form("setting.changed", "POST /settings/sending/check", "", &asked).await;
    let route = "POST /settings/providers/{id}/default";
    walk.form("provider.updated", route, &provider, &[]).await;
    let practice =
        "SELECT id FROM workspace_email_provider WHERE provider_type = 'practice' LIMIT 1";
    let practice = walk.app.db().texts(practice).await.remove(0);
    let before = walk.last().await;
    let path = format!("/settings/providers/{practice}/test");
    let tested = walk.owner.submit("/dashboard", &path, &[("to", OWNER_EMAIL)]).await;
    assert!(tested.status < 400, "{}", tested.text);
    walk.left("POST /settings/providers/{id}/test", "provider.tested", before).await;
    // The default one is in use: campaigns that wait for their time take it.
    walk.form("provider.updated", route, &practice, &[]).await;
    walk.form("provider.deleted", "POST /settings/providers/{id}/delete", &provider, &[]).await;
    let mailbox = [("provider_type", "gmail"), ("from_name", "Mill")];
    walk.form("provider.created", "POST /settings/providers", "", &mailbox).await;
    let mailbox = walk.newest("workspace_email_provider").await;
    let route = "POST /settings/providers/{id}/disconnect";
    walk.form("provider.mailbox_disconnected", route, &mailbox, &[]).await;
}

async fn doors(walk: &mut Walk) {
    let (before, client) = (walk.last().await, walk.app.client());
    let fields = [("email", OWNER_EMAIL), ("password", PASSWORD)];
    client.submit("/login", "/login", &fields).await.expect(303);
    walk.left("POST /login", "session.created", before).await;
    walk.send(&client, "session.ended", "POST /logout", "/logout", &[]).await;

    let sign_in = async |walk: &Walk| {
        walk.app.login(OWNER_EMAIL, PASSWORD).await.in_workspace(&walk.workspace)
    };
    sign_in(walk).await;
    let found = walk.owner.get("/api/auth/sessions").await;
    let rows = found.expect(200).data().as_array().unwrap().clone();
    let other = rows.iter().find(|row| row["is_current"] == json!(false)).unwrap();
    let other = other["id"].as_str().unwrap().to_owned();
    walk.form("session.ended", "POST /settings/sessions/{id}/end", &other, &[]).await;
    sign_in(walk).await;
    walk.form("session.all_ended", "POST /settings/sessions/end-others", "", &[]).await;
    // The same for somebody else, by whoever runs the server.
    let hers = walk.app.person(&walk.owner, &walk.workspace, "watched@example.com", "viewer").await;
    let her = hers.get("/api/auth/me").await.data()["user"]["id"].as_str().unwrap().to_owned();
    let open = hers.get("/api/auth/sessions").await.data()[0]["id"].as_str().unwrap().to_owned();
    let owner = walk.owner.clone();
    let path = format!("/settings/people/{her}/sessions");
    let route = "POST /settings/people/{user_id}/sessions/{id}/end";
    walk.send(&owner, "session.ended", route, &format!("{path}/{open}/end"), &[]).await;
    walk.app.login("watched@example.com", PASSWORD).await;
    let route = "POST /settings/people/{user_id}/sessions/end";
    walk.send(&owner, "session.all_ended", route, &format!("{path}/end"), &[]).await;
    let new = "seven quiet otters cross the bridge";
    let fields = [("current_password", PASSWORD), ("new_password", new)];
    let route = "POST /settings/security/password";
    walk.form("user.password_changed", route, "", &fields).await;
    // The new session has a token of its own.
    walk.owner = walk.app.login(OWNER_EMAIL, new).await.in_workspace(&walk.workspace);

    // The form of the first start is open on a new installation only.
    let fresh = TestApp::fresh(walk.app.db().backend()).await;
    let code = fresh.setup_code().await;
    let fields = [
        ("setup_code", code.as_str()),
        ("name", "Andy"),
        ("email", OWNER_EMAIL),
        ("password", PASSWORD),
        ("workspace_name", "Mill"),
        ("time_zone", "UTC"),
        ("currency", "EUR"),
    ];
    fresh.client().submit("/setup", "/setup", &fields).await.expect(303);
    let made = "SELECT count(*) FROM audit_logs WHERE action = 'workspace.created'";
    assert_eq!(fresh.db().count(made).await, 1);
    walk.done.insert("POST /setup".to_owned());
}

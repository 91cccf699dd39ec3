//! The API but for campaigns.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use support::process::{OWNER_EMAIL, PASSWORD};

use super::Walk;

const CSV: &str = "first_name,email\nEve,eve@example.com\nBad,nonsense\n";

pub(super) async fn walk(walk: &mut Walk) {
    contacts(walk).await;
    fields(walk).await;
    segments(walk).await;
    tasks(walk).await;
    templates_and_providers(walk).await;
    workspaces(walk).await;
    imports(walk).await;
    doors(walk).await;
}

async fn segments(walk: &mut Walk) {
    let everybody = json!({"name": "Everybody", "segment_json": {"all": []}});
    let id = walk.api("segment.created", "POST /api/segments", "", everybody).await.id();
    let nobody = json!({"name": "Nobody", "segment_json": {"any": []}});
    walk.api("segment.updated", "PUT /api/segments/{id}", &id, nobody).await;
    walk.api("segment.deleted", "DELETE /api/segments/{id}", &id, Value::Null).await;
}

async fn tasks(walk: &mut Walk) {
    let ada = walk.owner.post("/api/contacts", json!({"first_name": "Ada"})).await.id();
    let call = json!({"contact_id": ada, "title": "Call", "kind": "call"});
    let id = walk.api("task.created", "POST /api/tasks", "", call).await.id();
    let route = "PATCH /api/tasks/{id}";
    walk.api("task.updated", route, &id, json!({"title": "Call again"})).await;
    walk.api("task.done", route, &id, json!({"done": true})).await;
    walk.api("task.reopened", route, &id, json!({"done": false})).await;
    walk.api("task.deleted", "DELETE /api/tasks/{id}", &id, Value::Null).await;
}

async fn fields(walk: &mut Walk) {
    let new = json!({"label": "Plan", "field_type": "text"});
    let route = "POST /api/custom-definitions";
    let plan = walk.api("field.created", route, "", new).await.id();
    let ada = walk.owner.post("/api/contacts", json!({"first_name": "Ada"})).await.id();
    let route = "POST /api/contacts/{id}/custom";
    walk.api("contact.updated", route, &ada, json!({"plan": "gold"})).await;
    let route = "PUT /api/custom-definitions/{id}";
    walk.api("field.archived", route, &plan, json!({"label": "Plan", "is_archived": true})).await;
    let route = "DELETE /api/custom-definitions/{id}";
    walk.api("field.deleted", route, &plan, Value::Null).await;
}

async fn contacts(walk: &mut Walk) {
    let list = walk.api("list.created", "POST /api/lists", "", json!({"name": "Fair"})).await.id();
    walk.api("list.updated", "PUT /api/lists/{id}", &list, json!({"name": "Fair 2026"})).await;
    let ada = walk
        .api("contact.created", "POST /api/contacts", "", json!({"first_name": "Ada"}))
        .await
        .id();
    walk.api("contact.updated", "PUT /api/contacts/{id}", &ada, json!({"first_name": "Adah"}))
        .await;
    walk.api("contact.updated", "PATCH /api/contacts/{id}", &ada, json!({"last_name": "L"})).await;
    let both = json!({"contact_id": ada, "list_id": list});
    walk.api("list.assigned", "POST /api/lists/assign", "", both.clone()).await;
    walk.api("list.unassigned", "POST /api/lists/unassign", "", both).await;
    let note = json!({"contact_id": ada, "type": "note", "content": {"text": "hi"}});
    let log = walk.api("log.created", "POST /api/logs", "", note).await.id();
    let again = json!({"content": {"text": "hi again"}});
    walk.api("log.updated", "PATCH /api/logs/{id}", &log, again).await;
    walk.api("ai.asked", "POST /api/contacts/{id}/summary", &ada, Value::Null).await;
    walk.api("log.deleted", "DELETE /api/logs/{id}", &log, Value::Null).await;
    walk.api("contact.deleted", "DELETE /api/contacts/{id}", &ada, Value::Null).await;
    let route = "POST /api/contacts/trash/{id}/restore";
    walk.api("contact.restored", route, &ada, Value::Null).await;
    many(walk, &ada).await;
    walk.owner.delete(&format!("/api/contacts/{ada}")).await.expect(200);
    let route = "DELETE /api/contacts/trash/{id}";
    walk.api("contact.purged", route, &ada, Value::Null).await;
    walk.api("list.deleted", "DELETE /api/lists/{id}", &list, Value::Null).await;
}

/// What is done to two contacts, or many.
async fn many(walk: &mut Walk, ada: &str) {
    let twin = walk.owner.post("/api/contacts", json!({"first_name": "Adah"})).await.id();
    let route = "POST /api/contacts/duplicates/dismiss";
    walk.api("contact.not_duplicate", route, "", json!({"contact_ids": [ada, twin]})).await;
    let both = json!({"source_id": twin, "target_id": ada});
    let merged = walk.api("contact.merged", "POST /api/contacts/merge", "", both).await;
    let undo = json!({"merge_id": merged.data()["merge_id"]});
    walk.api("contact.unmerged", "POST /api/contacts/unmerge", "", undo).await;
    walk.owner.post("/api/contacts/bulk/select", json!({})).await.expect(200);
    let set = json!({"action": "set", "field": "company", "value": "C", "ids": [twin]});
    let bulk = walk.api("contacts.bulk", "POST /api/contacts/bulk", "", set).await.id();
    walk.owner.get(&format!("/api/contacts/{twin}/export")).await.expect(200);
    let route = "POST /api/contacts/bulk/{id}/undo";
    walk.api("contacts.bulk_undone", route, &bulk, Value::Null).await;
    let route = "POST /api/contacts/{id}/consents";
    let said = json!({"channel": "email", "state": "withdrawn", "source": "by phone"});
    walk.api("consent.withdrawn", route, &twin, said).await;
    let route = "POST /api/contacts/{id}/erase";
    walk.api("contact.erased", route, &twin, json!({"confirm": "erase"})).await;
}

async fn templates_and_providers(walk: &mut Walk) {
    let body = |name: &str| json!({"name": name, "subject": "S", "body_html": "<p>B</p>"});
    let template = walk.api("template.created", "POST /api/templates", "", body("T")).await.id();
    walk.api("template.updated", "PUT /api/templates/{id}", &template, body("U")).await;
    let route = "POST /api/templates/{id}/duplicate";
    walk.api("template.duplicated", route, &template, json!({})).await;
    let route = "POST /api/templates/{id}/versions/{version}/restore";
    let path = format!("/api/templates/{template}/versions/1/restore");
    let owner = walk.owner.clone();
    walk.call(&owner, "template.restored", route, &path, Value::Null).await;
    walk.api("template.deleted", "DELETE /api/templates/{id}", &template, Value::Null).await;

    let prompt = json!({"prompt": "Say hello"});
    walk.api("ai.asked", "POST /api/templates/generate", "", prompt).await;
    let settings = json!({"enabled": true});
    walk.api("ai.settings_changed", "PUT /api/ai/settings", "", settings).await;

    let mailbox = json!({
        "address": "crm@example.com", "host": "127.0.0.1", "port": support::ports::free(), "security": "none",
        "username": "crm", "password": "secret",
    });
    walk.api("incoming_mail.set_up", "PUT /api/incoming-mail", "", mailbox.clone()).await;
    walk.api("incoming_mail.changed", "PUT /api/incoming-mail", "", mailbox).await;
    walk.api("incoming_mail.checked", "POST /api/incoming-mail/check", "", Value::Null).await;
    let open = json!({"closed": false});
    walk.api("setting.changed", "POST /api/incoming-mail/closed", "", open).await;
    walk.api("incoming_mail.removed", "DELETE /api/incoming-mail", "", Value::Null).await;
    insights(walk).await;

    let body = json!({"kind": "email", "provider_type": "practice", "name": "P", "config": {}});
    let provider = walk.api("provider.created", "POST /api/providers", "", body.clone()).await.id();
    walk.api("provider.updated", "PUT /api/providers/{id}", &provider, body).await;
    walk.api(
        "provider.tested",
        "POST /api/providers/{id}/test",
        &provider,
        json!({"to": OWNER_EMAIL}),
    )
    .await;
    walk.api("provider.deleted", "DELETE /api/providers/{id}", &provider, Value::Null).await;
    let config =
        json!({"host": "127.0.0.1", "port": 9, "security": "none", "from_email": "a@example.com"});
    let server = json!({"provider_type": "smtp", "name": "S", "config": config});
    let server = walk.api("provider.created", "POST /api/providers", "", server).await.id();
    let (route, on) = ("POST /api/providers/{id}/dkim", json!({"is_on": true}));
    walk.api("provider.signing_key_set", route, &server, on).await;
    let route = "DELETE /api/providers/{id}/dkim";
    walk.api("provider.signing_key_deleted", route, &server, Value::Null).await;
    let route = "POST /api/sending-domains/check";
    walk.api("setting.changed", route, "", json!({"domain": "example.com"})).await;
}

async fn workspaces(walk: &mut Walk) {
    let made = walk
        .api("workspace.created", "POST /api/workspaces", "", json!({"name": "Second"}))
        .await
        .id();
    walk.api("workspace.updated", "PUT /api/workspaces/{id}", &made, json!({"name": "Third"}))
        .await;
    walk.api("workspace.deleted", "DELETE /api/workspaces/{id}", &made, Value::Null).await;
}

async fn imports(walk: &mut Walk) {
    let before = walk.last().await;
    let file = Part::bytes(CSV.as_bytes()).file_name("people.csv");
    walk.owner.upload("/api/import", Form::new().part("file", file)).await.expect(202);
    walk.left("POST /api/import", "import.uploaded", before).await;
    walk.left("POST /api/import", "import.queued", before).await;
    // One that was only uploaded is not run while it is cancelled.
    let file = Part::bytes(CSV.as_bytes()).file_name("people.csv");
    let token = walk.owner.without_csrf().get("/import").await.form_token();
    let form = Form::new().text("csrf_token", token).part("file", file);
    walk.owner.without_csrf().upload("/import", form).await.expect(303);
    let import = walk.newest("imports").await;
    walk.api("import.cancelled", "POST /api/import/{id}/cancel", &import, Value::Null).await;
    walk.api("import.undo_started", "POST /api/import/{id}/undo", &import, Value::Null).await;
}

async fn doors(walk: &mut Walk) {
    let me = walk.owner.get("/api/auth/me").await.data()["user"]["id"].as_str().unwrap().to_owned();
    let other = async |walk: &Walk| -> String {
        walk.app.login(OWNER_EMAIL, PASSWORD).await;
        let found = walk.owner.get("/api/auth/sessions").await;
        let rows = found.expect(200).data().as_array().unwrap().clone();
        let other = rows.iter().find(|row| row["is_current"] == json!(false)).unwrap();
        other["id"].as_str().unwrap().to_owned()
    };
    let session = other(walk).await;
    walk.api("session.ended", "DELETE /api/auth/sessions/{id}", &session, Value::Null).await;
    other(walk).await;
    walk.api("session.all_ended", "DELETE /api/auth/sessions", "", Value::Null).await;
    let session = other(walk).await;
    let owner = walk.owner.clone();
    let path = format!("/api/users/{me}/sessions");
    let route = "DELETE /api/users/{user_id}/sessions/{id}";
    walk.call(&owner, "session.ended", route, &format!("{path}/{session}"), Value::Null).await;
    other(walk).await;
    let route = "DELETE /api/users/{user_id}/sessions";
    walk.call(&owner, "session.all_ended", route, &path, Value::Null).await;

    let leaving = walk.app.login(OWNER_EMAIL, PASSWORD).await;
    walk.call(&leaving, "session.ended", "POST /api/auth/logout", "/api/auth/logout", Value::Null)
        .await;
    let changing = walk.app.login(OWNER_EMAIL, PASSWORD).await;
    let body = json!({"current_password": PASSWORD, "new_password": "seven quiet otters cross the bridge"});
    let route = "POST /api/auth/password";
    walk.call(&changing, "user.password_changed", route, "/api/auth/password", body).await;
    // Back to the password the other steps know.
    let again = walk.app.login(OWNER_EMAIL, "seven quiet otters cross the bridge").await;
    let body = json!({"current_password": "seven quiet otters cross the bridge", "new_password": PASSWORD});
    again.post("/api/auth/password", body).await.expect(200);
    walk.owner = walk.app.login(OWNER_EMAIL, PASSWORD).await.in_workspace(&walk.workspace);
}

/// What stands out: tasks that should have been done.
async fn insights(walk: &mut Walk) {
    let contact = walk.make("/api/contacts", json!({"first_name": "Late"})).await;
    for _ in 0..5 {
        let due =
            json!({"contact_id": contact, "title": "T", "due_at": "2026-01-02T09:00:00.000Z"});
        walk.make("/api/tasks", due).await;
    }
    let analyze = "POST /api/ai-insights/analyze";
    let found = walk.api("insights.looked", analyze, "", Value::Null).await;
    let id = found.data()["insights"][0]["id"].as_str().unwrap().to_owned();
    let useful = json!({"rating": "useful"});
    walk.api("insight.rated", "POST /api/ai-insights/{id}/rate", &id, useful).await;
    walk.form("insight.rated", "POST /insights/{id}/rate", &id, &[("rating", "useless")]).await;
    walk.api("insight.dismissed", "POST /api/ai-insights/{id}/dismiss", &id, Value::Null).await;
    let back = "UPDATE ai_insights SET dismissed_at = NULL";
    super::super::run(walk.app.db(), back).await;
    walk.form("insights.looked", "POST /insights/look", "", &[]).await;
    let id = walk.newest("ai_insights").await;
    walk.form("insight.dismissed", "POST /insights/{id}/dismiss", &id, &[]).await;
}

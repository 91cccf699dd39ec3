//! The communication log over the API and on the contact's page: what people write, mend and take back.

use reqwest::Method;
use serde_json::{Value, json};
use support::{Answer, TestApp, both_databases, unchanged};

fn kinds(answer: &Answer) -> Vec<&str> {
    let all = answer.expect(200).data().as_array().unwrap();
    all.iter().map(|one| one["type"].as_str().unwrap()).collect()
}

both_databases! {
    async fn notes_and_calls_are_changed_and_deleted_by_who_wrote_them(app: TestApp) {
        let owner = app.owner().await;
        let ws = owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        let grace = app.person(&owner, &ws, "grace@example.com", "editor").await;
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada"})).await.id();
        let write = async |kind: &str, content: Value| {
            owner.post("/api/logs", json!({"contact_id": ada, "type": kind, "content": content})).await
        };
        let call = write("call", json!({"duration": 5})).await;
        let path = format!("/api/logs/{}", call.expect(201).id());
        assert_eq!((call.header("etag"), &call.data()["edited"]), ("\"1\"", &json!(false)));

        let change = json!({"content": {"notes": "agreed"}, "timestamp": "2026-01-02T10:00:00+01:00"});
        let changed = owner.patch(&path, change).await;
        assert_eq!(changed.expect(200).data()["content"], json!({"type": "call", "duration": 5, "notes": "agreed"}));
        assert_eq!(changed.data()["timestamp"], "2026-01-02T09:00:00.000Z");
        assert_eq!((changed.header("etag"), &changed.data()["edited"]), ("\"2\"", &json!(true)));
        let stale = owner.request(Method::PATCH, &path).header("If-Match", "\"1\"").json(&json!({"content": {}}));
        unchanged(app.db(), async { Answer::of(stale).await }).await.expect_error(412, "stale");

        for (body, field) in [
            (json!({"content": {"duration": 1441}}), "duration"),
            (json!({"content": {"duration": "long"}}), "content"),
            (json!({"content": {"text": "a note"}}), "content"),
            (json!({"content": {"type": "note"}}), "content"),
            (json!({"content": {"notes": "x".repeat(20_001)}}), "notes"),
            (json!({"timestamp": "2090-01-01T00:00:00Z"}), "timestamp"),
        ] {
            let refused = unchanged(app.db(), owner.patch(&path, body)).await;
            refused.expect_error(422, "validation_failed");
            assert!(refused.body["error"]["fields"][field].is_string(), "{}", refused.text);
        }
        for (kind, content, field) in [
            ("note", json!({"text": "x", "colour": "red"}), "content"),
            ("text", json!({"message": "x", "status": "lost"}), "status"),
        ] {
            let refused = unchanged(app.db(), write(kind, content)).await;
            refused.expect_error(422, "validation_failed");
            assert!(refused.body["error"]["fields"][field].is_string(), "{}", refused.text);
        }

        // Somebody else's, and the program's.
        let moved = owner.get(&format!("/api/contacts/{ada}/logs?type=stage_change")).await;
        let moved = format!("/api/logs/{}", moved.data()[0]["id"].as_str().unwrap());
        for (client, path) in [(&grace, &path), (&owner, &moved)] {
            client.get(path).await.expect(200);
            let refused = unchanged(app.db(), client.patch(path, json!({"content": {}}))).await;
            refused.expect_error(403, "forbidden");
            assert!(refused.text.contains("only by who wrote them"), "{}", refused.text);
            unchanged(app.db(), client.delete(path)).await.expect_error(403, "forbidden");
        }

        let secret = write("note", json!({"text": "the spare key is under the mat"})).await.id();
        owner.delete(&format!("/api/logs/{secret}")).await.expect(200);
        owner.get(&format!("/api/logs/{secret}")).await.expect_error(404, "not_found");
        owner.delete(&format!("/api/logs/{secret}")).await.expect_error(404, "not_found");
        let kept = app.db().texts("SELECT CAST(details AS TEXT) FROM audit_logs WHERE action = 'log.deleted'").await;
        assert!(kept.len() == 1 && kept[0].contains(&ada) && kept[0].contains("note"), "{kept:?}");
        assert!(!kept[0].contains("mat"), "{kept:?}");
    }

    async fn a_timeline_is_filtered_by_types_person_and_time(app: TestApp) {
        let owner = app.owner().await;
        let ws = owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        let grace = app.person(&owner, &ws, "grace@example.com", "editor").await;
        let her = grace.get("/api/auth/me").await.data()["user"]["id"].as_str().unwrap().to_owned();
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada"})).await.id();
        for (client, kind, content, at) in [
            (&owner, "note", json!({"text": "first"}), "2026-01-01T09:00:00Z"),
            (&grace, "call", json!({"duration": 3}), "2026-01-02T09:00:00Z"),
            (&grace, "text", json!({"message": "hi", "status": "received"}), "2026-01-03T09:00:00Z"),
        ] {
            let new = json!({"contact_id": ada, "type": kind, "content": content, "timestamp": at});
            assert_eq!(client.post("/api/logs", new).await.expect(201).data()["timestamp"].as_str().unwrap()[..10], at[..10]);
        }
        let get = async |query: &str| owner.get(&format!("/api/contacts/{ada}/logs?{query}")).await;
        assert_eq!(kinds(&get("").await), ["stage_change", "text", "call", "note"]);
        assert_eq!(kinds(&get("type=note,call").await), ["call", "note"]);
        assert_eq!(kinds(&get(&format!("actor_id={her}")).await), ["text", "call"]);
        assert_eq!(kinds(&get("since=2026-01-02T09:00:00Z&until=2026-01-03T09:00:00Z").await), ["call"]);
        let first = get(&format!("actor_id={her}&limit=1")).await;
        let next = first.body["meta"]["next_cursor"].as_str().unwrap().to_owned();
        assert_eq!(kinds(&get(&format!("actor_id={her}&limit=1&cursor={next}")).await), ["call"]);
        get("type=note,fax").await.expect_error(422, "validation_failed");
        get("since=yesterday").await.expect_error(422, "validation_failed");
    }

    async fn the_page_writes_calls_and_mends_what_was_written(app: TestApp) {
        let owner = app.owner().await;
        let ws = owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        let grace = app.person(&owner, &ws, "grace@example.com", "editor").await;
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada"})).await.id();
        let page = format!("/contacts/{ada}");
        let form = format!("{page}?write=call");
        assert!(owner.get(&form).await.expect(200).text.contains("name=\"minutes\""));
        let calls = format!("{page}/calls");
        for (minutes, when, wrong) in [
            ("long", "", "whole number of minutes"),
            ("5", "soon", "Enter a date and time"),
            ("5", "2090-01-01T10:00", "in the future"),
            ("1441", "", "1,440 minutes"),
        ] {
            let typed = [("minutes", minutes), ("when", when), ("notes", "about <b>terms</b>")];
            let refused = unchanged(app.db(), owner.submit(&form, &calls, &typed)).await;
            assert!(refused.expect(422).text.contains(wrong), "{wrong}: {}", refused.text);
            assert!(refused.text.contains("about &lt;b&gt;terms"), "{}", refused.text);
        }
        let typed = [("minutes", "7"), ("when", "2026-01-05T10:30"), ("notes", "about terms")];
        owner.submit(&form, &calls, &typed).await.expect(303);
        let shown = owner.get(&page).await;
        assert!(shown.text.contains("called, 7 min") && shown.text.contains("about terms"), "{}", shown.text);
        let id = app.db().texts("SELECT id FROM communication_logs WHERE type = 'call'").await.remove(0);
        let (edit, save) = (format!("/logs/{id}/edit"), format!("/logs/{id}"));
        assert!(shown.text.contains(&edit));
        assert!(!grace.get(&page).await.text.contains(&edit), "not hers to edit");
        assert!(grace.get(&edit).await.expect(403).text.contains("only by who wrote them"));
        unchanged(app.db(), grace.submit("/dashboard", &format!("{save}/delete"), &[])).await.expect(403);

        let at = "SELECT timestamp FROM communication_logs WHERE type = 'call'";
        let (before, opened) = (app.db().texts(at).await, owner.get(&edit).await);
        assert!(opened.expect(200).text.contains("value=\"2026-01-05T10:30\""), "{}", opened.text);
        let typed = [("version", "1"), ("minutes", "9"), ("when", "2026-01-05T10:30"), ("notes", "better")];
        owner.submit(&edit, &save, &typed).await.expect(303);
        let shown = owner.get(&page).await;
        assert!(shown.text.contains("called, 9 min") && shown.text.contains("edited"), "{}", shown.text);
        assert_eq!(app.db().texts(at).await, before);
        let lost = unchanged(app.db(), owner.submit(&edit, &save, &typed)).await;
        assert!(lost.expect(409).text.contains("changed this"), "{}", lost.text);

        for (query, there) in [("type=call", true), ("type=note", false), ("type=note,call", true), ("by=me&type=call", true)] {
            let shown = owner.get(&format!("{page}?{query}")).await;
            assert_eq!(shown.expect(200).text.contains("called, 9 min"), there, "{query}");
        }
        assert!(!grace.get(&format!("{page}?by=me")).await.text.contains("called, 9 min"));
        owner.submit(&edit, &format!("{save}/delete"), &[]).await.expect(303);
        assert!(!owner.get(&page).await.text.contains("called, 9 min"));
    }
}

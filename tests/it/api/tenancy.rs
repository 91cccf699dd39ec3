//! What belongs to one workspace does not exist in another.

use serde_json::json;
use support::{TestApp, both_databases};

both_databases! {
    async fn another_workspaces_objects_do_not_exist(app: TestApp) {
        let owner = app.owner().await;
        let first = owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        let second = owner.post("/api/workspaces", json!({"name": "Globex"})).await;
        second.expect(201);
        owner.get("/api/contacts").await.expect_error(400, "workspace_required");
        let (acme, globex) = (owner.in_workspace(&first), owner.in_workspace(&second.id()));

        let contact = acme.post("/api/contacts", json!({"first_name": "Ada", "primary_email": "ada@example.org"})).await.id();
        let list = acme.post("/api/lists", json!({"name": "Tag"})).await.id();
        let template = acme.post("/api/templates", json!({"name": "T", "subject": "S", "body_html": "<p>B</p>"})).await.id();
        let campaign = acme.post("/api/campaigns", json!({"name": "C", "type": "email", "template_id": template, "segment_json": {"all": []}})).await.id();
        let provider = acme.get("/api/providers").await.data()[0]["id"].as_str().unwrap().to_owned();
        let stranger = "018f0000-0000-7000-8000-000000000000";
        for path in [format!("/api/contacts/{contact}"), format!("/api/contacts/{contact}/logs"), format!("/api/lists/{list}"),
            format!("/api/templates/{template}"), format!("/api/campaigns/{campaign}"), format!("/api/campaigns/{campaign}/recipients"),
            format!("/api/campaigns/{campaign}/preflight"), format!("/api/providers/{provider}"), format!("/api/workspaces/{stranger}")] {
            acme.get(&path.replace(stranger, &first)).await.expect(200);
            let theirs = globex.get(&path).await;
            theirs.expect_error(404, "not_found");
            let never = globex.get(&path.replace(&contact, stranger).replace(&list, stranger).replace(&template, stranger).replace(&campaign, stranger).replace(&provider, stranger)).await;
            assert_eq!(theirs.text, never.text, "{path}");
        }
        for path in [format!("/api/contacts/{contact}"), format!("/api/lists/{list}"), format!("/api/templates/{template}"), format!("/api/campaigns/{campaign}"), format!("/api/providers/{provider}")] {
            globex.delete(&path).await.expect_error(404, "not_found");
        }
        for action in ["submit", "approve", "send", "pause", "resume", "cancel", "schedule"] {
            globex.post(&format!("/api/campaigns/{campaign}/{action}"), json!({})).await.expect_error(404, "not_found");
        }
        globex.post("/api/lists/assign", json!({"contact_id": contact, "list_id": list})).await.expect_error(404, "not_found");
        globex.post("/api/logs", json!({"contact_id": contact, "type": "note", "content": {"text": "hi"}})).await.expect_error(404, "not_found");
        globex.post(&format!("/api/templates/{template}/preview"), json!({})).await.expect_error(404, "not_found");
        let foreign = globex.post("/api/segments/preview", json!({"segment_json": {"list": list}})).await;
        foreign.expect_error(422, "validation_failed");
        let borrowed = globex.post("/api/campaigns", json!({"name": "C", "type": "email", "template_id": template, "segment_json": {"all": []}})).await;
        borrowed.expect_error(422, "validation_failed");
        assert_eq!(globex.get("/api/contacts?q=ada").await.body["meta"]["total"], 0);
        assert_eq!(globex.post("/api/segments/preview", json!({"segment_json": {"all": []}})).await.data()["count"], 0);
        acme.get(&format!("/api/contacts/{contact}")).await.expect(200);
        // The same address may be in both.
        globex.post("/api/contacts", json!({"primary_email": "ada@example.org"})).await.expect(201);
    }

    async fn a_workspace_named_twice_differently_is_refused(app: TestApp) {
        let owner = app.owner().await;
        let first = owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        let second = owner.post("/api/workspaces", json!({"name": "Globex"})).await.id();
        let answer = owner.in_workspace(&first).get(&format!("/api/contacts?workspace_id={second}")).await;
        assert!(matches!(answer.status, 400 | 404), "{}", answer.text);
    }
}

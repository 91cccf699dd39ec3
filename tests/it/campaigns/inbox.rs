//! The inbox: what waits for whom, and how much of it the navigation counts.

use serde_json::json;
use support::{Client, TestApp, both_databases};

/// Where the navigation counts what waits.
const BADGE: &str = "<span class=\"sr-only\"> waiting</span>";

async fn submitted(owner: &Client) -> String {
    let new = json!({"first_name": "Ada", "primary_email": "ada@example.org"});
    owner.post("/api/contacts", new).await.expect(201);
    let template = json!({"name": "T", "subject": "S", "body_html": "<p>B</p>"});
    let template = owner.post("/api/templates", template).await.id();
    let new = json!({"name": "Spring news", "type": "email", "template_id": template, "segment_json": {"all": []}});
    let id = owner.post("/api/campaigns", new).await.id();
    owner.post(&format!("/api/campaigns/{id}/submit"), json!({})).await.expect(200);
    id
}

async fn run(app: &TestApp, sql: &str) {
    use sea_orm::ConnectionTrait as _;
    app.db().raw().execute_unprepared(sql).await.unwrap();
}

both_databases! {
    async fn an_approval_waits_for_whoever_may_give_it(app: TestApp) {
        let owner = app.owner().await;
        assert!(owner.get("/inbox").await.expect(200).text.contains("Nothing waits for you"));
        let workspace = owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        let id = submitted(&owner).await;
        let reviewer = app.person(&owner, &workspace, "reviewer@example.com", "reviewer").await;
        let editor = app.person(&owner, &workspace, "editor@example.com", "editor").await;

        let page = reviewer.get("/inbox").await;
        assert!(page.expect(200).text.contains("Spring news") && page.text.contains("person</b>") && page.text.contains("asked by"));
        assert!(page.text.contains("Review Spring news") && page.text.contains(BADGE));
        let page = editor.get("/inbox").await;
        assert!(page.text.contains("Open Spring news") && !page.text.contains(BADGE), "who cannot approve has nothing to do");
        // Whoever asked is told that somebody else decides, now that there are several.
        assert!(owner.get("/inbox").await.text.contains("somebody else has to look"));
        let approve = format!("action=\"/campaigns/{id}/approve\"");
        let page = owner.get(&format!("/campaigns/{id}")).await;
        assert!(page.expect(200).text.contains("It can be approved by ") && !page.text.contains(&approve), "{}", page.text);
        assert!(reviewer.get(&format!("/campaigns/{id}")).await.text.contains(&approve));

        reviewer.submit(&format!("/campaigns/{id}"), &format!("/campaigns/{id}/approve"), &[]).await.expect(303);
        let page = reviewer.get("/inbox").await;
        assert!(page.text.contains("Nothing waits for you") && !page.text.contains(BADGE));
    }

    async fn what_is_in_doubt_or_stopped_waits_for_a_sender(app: TestApp) {
        let owner = app.owner().await;
        let workspace = owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        let id = submitted(&owner).await;
        let reviewer = app.person(&owner, &workspace, "reviewer@example.com", "reviewer").await;
        run(&app, "UPDATE campaigns SET status = 'paused', pause_reason = 'the password was refused'").await;
        run(&app, &format!(
            "INSERT INTO campaign_recipients (id, workspace_id, campaign_id, channel, address, state, attempts, created_at, updated_at) \
             SELECT '018f0000-0000-7000-8000-00000000aaaa', workspace_id, id, 'email', 'ada@example.org', 'unknown', 1, created_at, \
             created_at FROM campaigns WHERE id = '{id}'"
        )).await;
        run(&app, "UPDATE campaigns SET count_unknown = 1, count_total = 1").await;
        let page = owner.get("/inbox").await;
        assert!(page.expect(200).text.contains("The password was refused") && page.text.contains("message was"), "{}", page.text);
        assert!(page.text.contains(&format!("/campaigns/{id}/recipients?state=unknown")) && page.text.contains(BADGE));
        assert!(!reviewer.get("/inbox").await.text.contains(BADGE));
    }

    async fn a_message_in_doubt_is_settled_from_the_inbox(app: TestApp) {
        let owner = app.owner().await;
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada", "primary_email": "ada@example.org"})).await.id();
        let letter = json!({"channel": "email", "subject": "Perhaps", "body": "B"});
        let id = owner.post(&format!("/api/contacts/{ada}/messages"), letter).await.expect(202).id();
        run(&app, "UPDATE campaign_recipients SET state = 'unknown', attempts = 1").await;
        run(&app, "UPDATE campaigns SET count_unknown = 1, status = 'sent'").await;
        let page = owner.get("/inbox").await;
        assert!(page.expect(200).text.contains("Perhaps") && page.text.contains(&format!("/contacts/{ada}")) && page.text.contains(BADGE));
        let done = owner.submit("/inbox", &format!("/messages/{id}/decide"), &[("decision", "mark_sent"), ("back", "/inbox")]).await;
        assert_eq!(done.expect(303).header("location"), "/inbox");
        assert!(owner.get("/inbox").await.text.contains("Nothing waits for you"));
        assert_eq!(owner.get(&format!("/api/messages/{id}")).await.data()["state"], "sent");
    }
}

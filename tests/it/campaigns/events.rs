//! The stream of what changes on the page of a campaign while it is sent.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::{Method, Response};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use support::{Client, TestApp, both_databases};

const LIMIT: Duration = Duration::from_secs(20);

/// A campaign that was started and of which nothing leaves today.
async fn started(owner: &Client) -> String {
    for name in ["ada", "bob"] {
        let contact = json!({"first_name": name, "primary_email": format!("{name}@example.com")});
        owner.post("/api/contacts", contact).await.expect(201);
    }
    let template = json!({"name": "News", "subject": "S", "body_html": "<p>Hi</p>"});
    let template = owner.post("/api/templates", template).await.id();
    let days = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 86_400;
    // 1 January 1970 was a Thursday; this is the ISO weekday after next.
    let window = json!({"days": [(days + 3 + 3) % 7 + 1], "from": "00:00", "to": "23:00"});
    let campaign = json!({
        "name": "A", "type": "email", "template_id": template, "segment_json": {"all": []},
        "schedule_json": {"timezone": "UTC", "window": window},
    });
    let id = owner.post("/api/campaigns", campaign).await.id();
    let stream = owner.get(&format!("/campaigns/{id}/events")).await;
    assert_eq!((stream.status, stream.text.as_str()), (204, ""), "nothing moves yet");
    for (step, body) in [("submit", Value::Null), ("approve", json!({})), ("send", Value::Null)] {
        owner.post(&format!("/api/campaigns/{id}/{step}"), body).await.expect(200);
    }
    id
}

async fn open(client: &Client, id: &str) -> Response {
    let answer = client.request(Method::GET, &format!("/campaigns/{id}/events")).send().await;
    let answer = answer.unwrap().error_for_status().unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    answer
}

/// What comes until `end` has come, or the stream ends.
async fn told(stream: &mut Response, end: &str) -> String {
    let mut text = String::new();
    while !text.contains(end) {
        let chunk = tokio::time::timeout(LIMIT, stream.chunk()).await;
        let chunk = chunk.unwrap_or_else(|_| panic!("no {end:?} came: {text}")).unwrap();
        let Some(chunk) = chunk else { break };
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    text
}

both_databases! {
    async fn pages_are_told_what_changes_until_it_is_over(app: TestApp) {
        let owner = app.owner().await;
        let id = started(&owner).await;
        let page = owner.get(&format!("/campaigns/{id}")).await;
        assert!(page.expect(200).text.contains(&format!("hx-sse:connect=\"/campaigns/{id}/events\"")), "{}", page.text);
        let (mut one, mut other) = (open(&owner, &id).await, open(&owner, &id).await);
        for stream in [&mut one, &mut other] {
            let first = told(stream, "\n\n").await;
            assert!(first.starts_with("data: ") && first.contains("data-state=\"sending\""), "{first}");
        }
        // What changes comes by itself, to everybody.
        let sent = format!("UPDATE campaign_recipients SET state = 'failed', error = 'no' WHERE campaign_id = '{id}' AND address LIKE 'ada%'");
        app.db().raw().execute_unprepared(&sent).await.unwrap();
        for stream in [&mut one, &mut other] {
            let next = told(stream, "<b>1</b> failed").await;
            assert!(next.contains("<b>1</b> failed"), "{next}");
        }
        owner.post(&format!("/api/campaigns/{id}/pause"), Value::Null).await.expect(200);
        for mut stream in [one, other] {
            let last = told(&mut stream, "no more of it").await;
            assert!(last.contains("data-state=\"paused\"") && last.ends_with("event: over\ndata: over\n\n"), "{last}");
        }
        // Who comes later is told how it stands, and that it is over.
        let mut late = open(&owner, &id).await;
        assert!(told(&mut late, "no more of it").await.ends_with("event: over\ndata: over\n\n"));
        let page = owner.get(&format!("/campaigns/{id}")).await;
        assert!(!page.expect(200).text.contains("hx-sse:connect"), "{}", page.text);
    }
}

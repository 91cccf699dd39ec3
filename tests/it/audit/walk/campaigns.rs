//! Campaigns, over the API and on the pages.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use support::mailgun::{event, webhook};
use support::twilio::{ACCOUNT, TOKEN, sign};

use super::Walk;

/// The ISO weekday after next.
fn some_other_day() -> u64 {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 86_400;
    // 1 January 1970 was a Thursday.
    (days + 3 + 3) % 7 + 1
}

/// A campaign nobody is sent anything of today, so that it stays where a step puts it.
fn body(template: &str, name: &str) -> Value {
    let window = json!({"days": [some_other_day()], "from": "00:00", "to": "23:00"});
    json!({
        "name": name, "type": "email", "template_id": template, "segment_json": {"all": []},
        "schedule_json": {"timezone": "UTC", "window": window},
    })
}

fn with_two_subjects(mut body: Value) -> Value {
    body["subject_test"] =
        json!({"subject_b": "T", "share_percent": 50, "wait_minutes": 60, "winner": "replied"});
    body
}

pub(super) async fn walk(walk: &mut Walk) {
    for (name, address) in [("Ada", "ada@example.com"), ("Bob", "bob@example.com")] {
        walk.make("/api/contacts", json!({"first_name": name, "primary_email": address})).await;
    }
    let html = "<p>Hi</p>";
    let template = walk
        .make("/api/templates", json!({"name": "News", "subject": "S", "body_html": html}))
        .await;
    over_the_api(walk, &template).await;
    on_the_pages(walk, &template).await;
    suppressions(walk).await;
    messages(walk).await;
    texts(walk).await;
}

/// Leaves the newest message as a power cut would.
async fn message_in_doubt(walk: &Walk) -> String {
    let id = walk.newest("campaign_recipients").await;
    let set = "UPDATE campaign_recipients SET state = 'unknown', attempts = 1 WHERE id = ";
    super::super::run(walk.app.db(), &format!("{set}'{id}'")).await;
    id
}

/// Messages to one contact.
async fn messages(walk: &mut Walk) {
    let new = json!({"first_name": "Eve", "primary_email": "reader@example.com"});
    let eve = walk.make("/api/contacts", new).await;
    let letter = || json!({"channel": "email", "subject": "S", "body": "B"});
    let write = "POST /api/contacts/{id}/messages";
    let id = walk.api("message.queued", write, &eve, letter()).await.id();
    walk.api("message.undone", "DELETE /api/messages/{id}", &id, Value::Null).await;
    walk.api("message.queued", write, &eve, letter()).await;
    let id = message_in_doubt(walk).await;
    let mark = json!({"decision": "mark_sent"});
    walk.api("message.settled", "POST /api/messages/{id}/decide", &id, mark).await;

    let typed = [("subject", "S"), ("body", "B")];
    walk.form("message.queued", "POST /contacts/{id}/messages", &eve, &typed).await;
    let id = walk.newest("campaign_recipients").await;
    walk.form("message.undone", "POST /messages/{id}/undo", &id, &[]).await;
    walk.form("message.queued", "POST /contacts/{id}/messages", &eve, &typed).await;
    let id = message_in_doubt(walk).await;
    let mark = [("decision", "mark_sent")];
    walk.form("message.settled", "POST /messages/{id}/decide", &id, &mark).await;
}

/// A text message that Twilio tells of.
async fn texts(walk: &mut Walk) {
    let config = json!({"account_sid": ACCOUNT, "auth_token": TOKEN, "from": "+12025550100"});
    let new = json!({"kind": "text", "provider_type": "twilio", "config": config});
    let path = format!("/hooks/twilio/{}", walk.make("/api/providers", new).await);
    let fields = [("MessageSid", "SM1"), ("From", "+436641234567"), ("Body", "Hello")];
    let before = walk.last().await;
    let signature = sign(TOKEN, &format!("http://127.0.0.1{path}"), &fields);
    let url = format!("{}{path}", walk.app.base());
    let request = reqwest::Client::new().post(url).header("x-twilio-signature", signature);
    assert_eq!(request.form(&fields).send().await.unwrap().status().as_u16(), 200);
    walk.left("POST /hooks/twilio/{id}", "text.received", before).await;

    let config = json!({"domain": "mg.acme.example", "api_key": "k", "webhook_key": "w", "from_email": "a@mg.acme.example"});
    let new = json!({"kind": "email", "provider_type": "mailgun", "config": config});
    let provider = walk.make("/api/providers", new).await;
    let row = walk.newest("campaign_recipients").await;
    let given =
        format!("UPDATE campaign_recipients SET provider_id = '{provider}' WHERE id = '{row}'");
    super::super::run(walk.app.db(), &given).await;
    let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let told = event("e1", "complained", &row, &json!({}));
    let body = webhook("w", (i64::try_from(at).unwrap(), "t1"), &told);
    let before = walk.last().await;
    let url = format!("{}/hooks/mailgun/{provider}", walk.app.base());
    assert_eq!(
        reqwest::Client::new().post(url).body(body).send().await.unwrap().status().as_u16(),
        200
    );
    walk.left("POST /hooks/mailgun/{id}", "message.event", before).await;
}

/// Addresses that are not written to.
async fn suppressions(walk: &mut Walk) {
    let path = "POST /api/suppressions";
    let one = json!({"channel": "email", "address": "one@example.com"});
    let id = walk.api("suppression.created", path, "", one).await.id();
    walk.api("suppression.removed", "DELETE /api/suppressions/{id}", &id, Value::Null).await;
    let list = || reqwest::multipart::Form::new().text("text", "two@example.com");
    let before = walk.last().await;
    walk.owner.upload("/api/suppressions/import", list()).await.expect(200);
    walk.left("POST /api/suppressions/import", "suppressions.imported", before).await;

    let typed =
        [("channel", "email"), ("address", "three@example.com"), ("reason", "unsubscribed")];
    walk.form("suppression.created", "POST /suppressions", "", &typed).await;
    let id = walk.newest("suppressions").await;
    let because = [("because", "asked for it on the phone")];
    walk.form("suppression.removed", "POST /suppressions/{id}/remove", &id, &because).await;
    let before = walk.last().await;
    let token = walk.owner.csrf().unwrap().to_owned();
    let form = list().text("csrf_token", token).text("go", "import");
    let form = form.text("text", "four@example.com");
    walk.owner.upload("/suppressions/import", form).await.expect(303);
    walk.left("POST /suppressions/import", "suppressions.imported", before).await;
}

async fn over_the_api(walk: &mut Walk, template: &str) {
    let id =
        walk.api("campaign.created", "POST /api/campaigns", "", body(template, "A")).await.id();
    walk.api("campaign.updated", "PUT /api/campaigns/{id}", &id, body(template, "B")).await;
    walk.api("campaign.duplicated", "POST /api/campaigns/{id}/duplicate", &id, json!({})).await;
    let to = json!({"to": "me@example.com"});
    walk.api("campaign.tested", "POST /api/campaigns/{id}/test", &id, to).await;
    walk.api("campaign.submitted", "POST /api/campaigns/{id}/submit", &id, Value::Null).await;
    walk.api("campaign.withdrawn", "POST /api/campaigns/{id}/withdraw", &id, Value::Null).await;
    walk.owner.post(&format!("/api/campaigns/{id}/submit"), Value::Null).await.expect(200);
    let notes = json!({"notes": "not yet"});
    walk.api("campaign.rejected", "POST /api/campaigns/{id}/reject", &id, notes).await;
    walk.owner
        .put(&format!("/api/campaigns/{id}"), with_two_subjects(body(template, "C")))
        .await
        .expect(200);
    walk.owner.post(&format!("/api/campaigns/{id}/submit"), Value::Null).await.expect(200);
    walk.api("campaign.approved", "POST /api/campaigns/{id}/approve", &id, json!({})).await;
    walk.api("campaign.started", "POST /api/campaigns/{id}/send", &id, Value::Null).await;
    let route = "POST /api/campaigns/{id}/follow-up";
    walk.api("campaign.followed_up", route, &id, Value::Null).await;
    walk.api("campaign.paused", "POST /api/campaigns/{id}/pause", &id, Value::Null).await;
    walk.api("campaign.resumed", "POST /api/campaigns/{id}/resume", &id, Value::Null).await;
    let choice = json!({"subject": "b"});
    walk.api("campaign.subject_chosen", "POST /api/campaigns/{id}/subject", &id, choice).await;
    walk.owner.post(&format!("/api/campaigns/{id}/pause"), Value::Null).await.expect(200);
    uncertain(walk, &id).await;
    let decision = json!({"decision": "mark_sent"});
    walk.api("campaign.unknown_settled", "POST /api/campaigns/{id}/unknown", &id, decision).await;
    walk.api("campaign.cancelled", "POST /api/campaigns/{id}/cancel", &id, Value::Null).await;

    let mut later = body(template, "Later");
    later["schedule_json"] = json!({"send_at": "2099-01-01T09:00:00.000Z", "timezone": "UTC"});
    let id = walk.make("/api/campaigns", later).await;
    walk.owner.post(&format!("/api/campaigns/{id}/submit"), Value::Null).await.expect(200);
    walk.owner.post(&format!("/api/campaigns/{id}/approve"), json!({})).await.expect(200);
    walk.api("campaign.scheduled", "POST /api/campaigns/{id}/schedule", &id, Value::Null).await;
    let id = walk.make("/api/campaigns", body(template, "Gone")).await;
    walk.api("campaign.deleted", "DELETE /api/campaigns/{id}", &id, Value::Null).await;
}

/// Leaves all messages of a campaign as a power cut would.
async fn uncertain(walk: &Walk, id: &str) {
    let set = "UPDATE campaign_recipients SET state = 'unknown', attempts = 1";
    super::super::run(walk.app.db(), &format!("{set} WHERE campaign_id = '{id}'")).await;
}

async fn on_the_pages(walk: &mut Walk, template: &str) {
    let fields = [
        ("name", "Page"),
        ("audience", "everyone"),
        ("template_id", template),
        ("time_zone", "UTC"),
    ];
    walk.form("campaign.created", "POST /campaigns", "", &fields).await;
    let id = walk.newest("campaigns").await;
    let named = [
        ("name", "Paper"),
        ("audience", "everyone"),
        ("template_id", template),
        ("time_zone", "UTC"),
    ];
    walk.form("campaign.updated", "POST /campaigns/{id}", &id, &named).await;
    walk.owner.put(&format!("/api/campaigns/{id}"), body(template, "Windowed")).await.expect(200);
    walk.form("campaign.submitted", "POST /campaigns/{id}/submit", &id, &[]).await;
    walk.form("campaign.rejected", "POST /campaigns/{id}/reject", &id, &[("notes", "no")]).await;
    let again = with_two_subjects(body(template, "Again"));
    walk.owner.put(&format!("/api/campaigns/{id}"), again).await.expect(200);
    walk.owner.post(&format!("/api/campaigns/{id}/submit"), Value::Null).await.expect(200);
    walk.form("campaign.approved", "POST /campaigns/{id}/approve", &id, &[]).await;
    walk.form("campaign.started", "POST /campaigns/{id}/send", &id, &[]).await;
    walk.form("campaign.paused", "POST /campaigns/{id}/pause", &id, &[]).await;
    walk.form("campaign.resumed", "POST /campaigns/{id}/resume", &id, &[]).await;
    let choice = [("subject", "a")];
    walk.form("campaign.subject_chosen", "POST /campaigns/{id}/subject", &id, &choice).await;
    walk.owner.post(&format!("/api/campaigns/{id}/pause"), Value::Null).await.expect(200);
    uncertain(walk, &id).await;
    let rows = format!("SELECT id FROM campaign_recipients WHERE campaign_id = '{id}' ORDER BY id");
    let rows = walk.app.db().texts(&rows).await;
    let owner = walk.owner.clone();
    for (row, verb) in rows.iter().zip(["resend", "mark-sent"]) {
        let route = format!("POST /campaigns/{{id}}/recipients/{{row}}/{verb}");
        let path = format!("/campaigns/{id}/recipients/{row}/{verb}");
        walk.send(&owner, "campaign.unknown_settled", &route, &path, &[]).await;
    }
    walk.form("campaign.cancelled", "POST /campaigns/{id}/cancel", &id, &[]).await;
    walk.form("campaign.followed_up", "POST /campaigns/{id}/follow-up", &id, &[]).await;
    let id = walk.make("/api/campaigns", body(template, "Gone as well")).await;
    walk.form("campaign.duplicated", "POST /campaigns/{id}/duplicate", &id, &[]).await;
    walk.form("campaign.deleted", "POST /campaigns/{id}/delete", &id, &[]).await;
    unsubscribe(walk, template).await;
}

/// The link in a message that was sent.
async fn unsubscribe(walk: &mut Walk, template: &str) {
    let mut now = body(template, "Now");
    now["schedule_json"] = json!({});
    let id = walk.make("/api/campaigns", now).await;
    for step in ["submit", "approve", "send"] {
        let body = if step == "approve" { json!({}) } else { Value::Null };
        walk.owner.post(&format!("/api/campaigns/{id}/{step}"), body).await.expect(200);
    }
    let sql =
        format!("SELECT CAST(headers AS text) FROM practice_messages WHERE campaign_id = '{id}'");
    let link =
        support::wait::until("a message to arrive", std::time::Duration::from_secs(20), || async {
            let headers = walk.app.db().texts(&sql).await;
            let (_, rest) = headers.first()?.split_once("/u/")?;
            Some(format!("/u/{}", rest.split(['>', '"', '\\']).next()?))
        })
        .await;
    let before = walk.last().await;
    let anybody = walk.app.client();
    anybody.post(&link, Value::Null).await.expect(200);
    walk.left("POST /u/{token}", "address.unsubscribed", before).await;
}

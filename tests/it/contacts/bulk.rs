//! One action on many contacts, over the API.

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use support::snapshot::Snapshot;
use support::{Answer, Client, TestApp, both_databases, unchanged, wait};

async fn people(client: &Client, names: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for name in names {
        let new = json!({"first_name": name, "primary_email": format!("{}@engines.org", name.to_lowercase())});
        ids.push(client.post("/api/contacts", new).await.id());
    }
    ids
}

async fn bulk(client: &Client, body: Value) -> Answer {
    client.post("/api/contacts/bulk", body).await
}

/// What an action says when it goes on no more.
pub async fn over(client: &Client, started: &Answer) -> Value {
    let path = format!("/api/contacts/bulk/{}", started.id());
    wait::until("the action is over", Duration::from_mins(1), async || {
        let now = client.get(&path).await.data().clone();
        let state = now["state"].as_str().unwrap().to_owned();
        ["done", "undone", "failed"].contains(&state.as_str()).then_some(now)
    })
    .await
}

/// Imports so many contacts.
pub async fn crowd(client: &Client, count: usize) {
    use std::fmt::Write as _;
    let mut csv = "first_name,email\n".to_owned();
    for i in 0..count {
        writeln!(csv, "Crowd,crowd{i}@engines.org").unwrap();
    }
    let file = Part::bytes(csv.into_bytes()).file_name("crowd.csv");
    let made = client.upload("/api/import", Form::new().part("file", file)).await;
    let path = format!("/api/import/{}", made.expect(202).id());
    wait::until("the import is done", Duration::from_mins(1), async || {
        let state = client.get(&path).await.data()["state"].clone();
        (state == "done").then_some(())
    })
    .await;
}

pub async fn stage(client: &Client, name: &str) -> String {
    let all = client.get("/api/lists").await.data().clone();
    let found = all.as_array().unwrap().iter().find(|list| list["name"] == name).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

fn untold(line: &str) -> bool {
    let tables = ["audit_logs", "bulk_", "communication_logs", "outbox"];
    !tables.iter().any(|table| line.starts_with(table))
}

both_databases! {
    async fn every_action_is_done_and_undone(app: TestApp) {
        let owner = app.owner().await;
        owner.post("/api/custom-definitions", json!({"name": "seats", "label": "Seats", "field_type": "number"})).await.expect(201);
        let ids = people(&owner, &["Ada", "Bob", "Cleo"]).await;
        let (won, vip) = (stage(&owner, "Won").await, owner.post("/api/lists", json!({"name": "VIP"})).await.id());
        owner.post("/api/lists/assign", json!({"contact_id": ids[2], "list_id": vip})).await.expect(200);
        let read = async |id: &str| owner.get(&format!("/api/contacts/{id}")).await.data().clone();
        for (body, changed) in [
            (json!({"action": "move", "list_id": won}), 3),
            (json!({"action": "tag", "list_id": vip}), 2),
            (json!({"action": "untag", "list_id": vip}), 1),
            (json!({"action": "set", "field": "company", "value": "Engines"}), 3),
            (json!({"action": "set", "field": "custom.seats", "value": 7}), 3),
            (json!({"action": "set", "field": "value_minor", "value": 12_000}), 3),
            (json!({"action": "delete"}), 3),
            (json!({"action": "merge", "target_id": ids[0]}), 2),
        ] {
            let mut asked = body.clone();
            asked["ids"] = json!(ids);
            let before = [read(&ids[0]).await, read(&ids[1]).await, read(&ids[2]).await];
            let done = bulk(&owner, asked).await;
            assert_eq!((&done.expect(200).data()["state"], &done.data()["changed"]), (&json!("done"), &json!(changed)), "{body}");
            let undone = owner.post(&format!("/api/contacts/bulk/{}/undo", done.id()), Value::Null).await;
            assert_eq!((&undone.expect(200).data()["state"], &undone.data()["undone"]), (&json!("undone"), &json!(changed)), "{body}");
            for (was, id) in before.iter().zip(&ids) {
                let mut now = read(id).await;
                now["updated_at"] = was["updated_at"].clone();
                assert_eq!(&now, was, "{body}");
            }
            owner.post(&format!("/api/contacts/bulk/{}/undo", done.id()), Value::Null).await.expect_error(409, "invalid_state");
        }
        let set = bulk(&owner, json!({"action": "set", "field": "company", "value": "Engines", "ids": ids})).await;
        owner.patch(&format!("/api/contacts/{}", ids[1]), json!({"company": "Mine"})).await.expect(200);
        let undone = owner.post(&format!("/api/contacts/bulk/{}/undo", set.id()), Value::Null).await;
        assert_eq!(undone.expect(200).data()["undone"], 2);
        assert_eq!((&read(&ids[0]).await["company"], &read(&ids[1]).await["company"]), (&json!(""), &json!("Mine")));
    }

    async fn a_filter_is_counted_signed_and_refused_when_the_count_changed(app: TestApp) {
        let owner = app.owner().await;
        let ids = people(&owner, &["Ada", "Adam", "Bob"]).await;
        let vip = owner.post("/api/lists", json!({"name": "VIP"})).await.id();
        let chosen = owner.post("/api/contacts/bulk/select", json!({"q": "ada"})).await;
        assert_eq!((&chosen.expect(200).data()["count"], &chosen.data()["sample"]), (&json!(2), &json!(["Adam", "Ada"])));
        let token = chosen.data()["token"].clone();
        let tag = |filter: Value| json!({"action": "tag", "list_id": vip, "filter": filter});
        assert_eq!(bulk(&owner, tag(token.clone())).await.expect(200).data()["changed"], 2);
        people(&owner, &["Adele"]).await;
        assert_eq!(bulk(&owner, tag(token.clone())).await.expect(200).data()["changed"], 0);
        people(&owner, &["Adamina"]).await;
        unchanged(app.db(), async {
            bulk(&owner, tag(token.clone())).await.expect_error(409, "count_changed");
            let mut counted = tag(json!({"q": "ada"}));
            counted["count"] = json!(2);
            bulk(&owner, counted).await.expect_error(409, "count_changed");
            let mut forged = token.as_str().unwrap().to_owned();
            forged.pop();
            bulk(&owner, tag(json!(forged))).await.expect_error(422, "validation_failed");
            bulk(&owner, tag(json!({"q": "nobody at all"}))).await.expect_error(422, "validation_failed");
            bulk(&owner, json!({"action": "tag", "list_id": vip})).await.expect_error(422, "validation_failed");
            bulk(&owner, json!({"action": "tag", "ids": ids})).await.expect_error(422, "validation_failed");
            bulk(&owner, json!({"action": "move", "list_id": vip, "ids": ids})).await.expect_error(422, "validation_failed");
            bulk(&owner, json!({"action": "set", "field": "primary_email", "value": "x@y.zz", "ids": ids})).await.expect_error(422, "validation_failed");
            bulk(&owner, json!({"action": "set", "field": "value_minor", "value": "much", "ids": ids})).await.expect_error(422, "validation_failed");
            let never = ["018f0000-0000-7000-8000-000000000000"];
            bulk(&owner, json!({"action": "delete", "ids": never})).await.expect_error(404, "not_found");
        })
        .await;
        let by_filter = bulk(&owner, tag(json!({"q": "ada"}))).await;
        assert_eq!(by_filter.expect(200).data()["changed"], 1);
    }

    async fn many_become_a_job_that_is_undone_as_one(app: TestApp) {
        let owner = app.owner().await;
        let won = stage(&owner, "Won").await;
        crowd(&owner, 450).await;
        let before = Snapshot::of(app.db()).await;
        for (action, back) in [(json!({"action": "move", "list_id": won, "filter": {"q": "crowd"}}), 450), (json!({"action": "delete", "filter": {}}), 450)] {
            let started = bulk(&owner, action).await;
            started.expect(202);
            let done = over(&owner, &started).await;
            assert_eq!((&done["state"], &done["done"], &done["changed"]), (&json!("done"), &json!(450), &json!(back)));
            let undone = owner.post(&format!("/api/contacts/bulk/{}/undo", started.id()), Value::Null).await;
            undone.expect(202);
            let undone = over(&owner, &started).await;
            assert_eq!((&undone["state"], &undone["undone"]), (&json!("undone"), &json!(back)));
        }
        let after = Snapshot::of(app.db()).await;
        let strip = |line: &String| line.split(" updated_at=").next().unwrap().to_owned();
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        for line in before.differences(&after).iter().filter(|line| untold(line)) {
            let kind = if line.contains(" - ") { &mut gone } else { &mut come };
            kind.push(strip(&line.replacen(" - ", " ", 1).replacen(" + ", " ", 1)));
        }
        gone.sort();
        come.sort();
        assert_eq!(gone, come);
    }
}

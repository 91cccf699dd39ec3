//! Reading the log over the API: filters, pages, and who may.

use serde_json::json;
use support::{TestApp, both_databases};

use super::{run, unguard};

both_databases! {
    async fn filters_and_pages_lead_through_the_log_newest_first(app: TestApp) {
        let owner = app.owner().await;
        for name in ["Ada", "Bob", "Eve"] {
            owner.post("/api/contacts", json!({"first_name": name})).await.expect(201);
        }
        let bob = owner.get("/api/contacts?q=Bob").await.data()[0]["id"].as_str().unwrap().to_owned();
        owner.patch(&format!("/api/contacts/{bob}"), json!({"last_name": "B"})).await.expect(200);

        let of = async |query: &str| -> Vec<String> {
            let found = owner.get(&format!("/api/audit?{query}")).await;
            found.expect(200);
            let rows = found.data().as_array().unwrap().clone();
            rows.iter().map(|row| row["action"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(of("entity_type=contact").await, ["contact.updated", "contact.created", "contact.created", "contact.created"]);
        assert_eq!(of("action=contact.updated").await, ["contact.updated"]);
        assert_eq!(of(&format!("entity_type=contact&entity_id={bob}")).await, ["contact.updated", "contact.created"]);
        let me = owner.get("/api/auth/me").await.data()["user"]["id"].as_str().unwrap().to_owned();
        assert!(of(&format!("user_id={me}")).await.len() >= 4);
        assert!(of("user_id=0190a8f0-0000-7000-8000-000000000001").await.is_empty());
        owner.get("/api/audit?user_id=nobody").await.expect(422);
        // Signing in lies outside workspaces and is there all the same.
        assert!(of("entity_type=user").await.iter().any(|action| action.starts_with("session.")));

        let (mut seen, mut query) = (Vec::new(), "limit=2".to_owned());
        loop {
            let page = owner.get(&format!("/api/audit?{query}")).await;
            let rows = page.expect(200).data().as_array().unwrap().clone();
            seen.extend(rows.iter().map(|row| row["seq"].as_i64().unwrap()));
            let Some(next) = page.body["meta"]["next_cursor"].as_str() else { break };
            query = format!("limit=2&cursor={next}");
        }
        let all = app.db().count("SELECT count(*) FROM audit_logs").await;
        assert_eq!(seen, (1..=all).rev().collect::<Vec<_>>());
    }

    async fn the_chain_is_checked_over_the_api(app: TestApp) {
        let owner = app.owner().await;
        let whole = owner.get("/api/audit/verify").await;
        assert_eq!(whole.expect(200).data()["ok"], true);
        assert!(whole.data().get("first_bad").is_none());
        unguard(app.db()).await;
        run(app.db(), "DELETE FROM audit_logs WHERE seq = 2").await;
        let bad = owner.get("/api/audit/verify").await;
        assert_eq!((&bad.expect(200).data()["ok"], &bad.data()["first_bad"]), (&json!(false), &json!(2)));
    }
}

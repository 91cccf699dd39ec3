//! Segments with a name, over the API.

use serde_json::json;
use support::{TestApp, both_databases, unchanged};

both_databases! {
    async fn a_saved_segment_counts_and_filters_what_it_means_now(app: TestApp) {
        let owner = app.owner().await;
        let bakers = json!({"all": [{"field": "company", "op": "contains", "value": "bakery"}]});
        let made = owner.post("/api/segments", json!({"name": " Bakers ", "segment_json": bakers})).await;
        let id = made.expect(201).id();
        assert_eq!((&made.data()["name"], &made.data()["segment_json"]), (&json!("Bakers"), &bakers));
        for (name, company) in [("Ada", "Rye Bakery"), ("Bob", "Mill"), ("Cid", "BAKERY 2")] {
            owner.post("/api/contacts", json!({"first_name": name, "company": company})).await.expect(201);
        }
        let path = format!("/api/segments/{id}");
        assert_eq!(owner.get(&path).await.expect(200).data()["count"], 2);
        let found = owner.get(&format!("/api/contacts?segment_id={id}&sort=first_name")).await;
        let found: Vec<_> = found.expect(200).data().as_array().unwrap().iter().map(|one| one["first_name"].clone()).collect();
        assert_eq!(found, [json!("Ada"), json!("Cid")]);

        // With the other filters they narrow each other; two segments at once are none.
        let found = owner.get(&format!("/api/contacts?segment_id={id}&q=rye")).await;
        assert_eq!(found.body["meta"]["total"], 1);
        let both = owner.get(&format!("/api/contacts?segment_id={id}&segment_json=%7B%22all%22%3A%5B%5D%7D")).await;
        assert!(both.expect(422).body["error"]["fields"]["segment_id"].is_string());
        let never = "018f0000-0000-7000-8000-000000000000";
        let none = owner.get(&format!("/api/contacts?segment_id={never}")).await;
        assert!(none.expect(422).body["error"]["fields"]["segment_id"].is_string());

        let nobody = json!({"name": "Bakers", "segment_json": {"any": []}});
        owner.put(&path, nobody).await.expect(200);
        assert_eq!(owner.get(&path).await.data()["count"], 0);
        owner.delete(&path).await.expect(200);
        owner.delete(&path).await.expect_error(404, "not_found");
        assert_eq!(owner.get("/api/segments").await.body["meta"]["total"], 0);
    }

    async fn what_a_workspace_does_not_have_cannot_be_saved(app: TestApp) {
        let owner = app.owner().await;
        let save = async |name: &str, segment: serde_json::Value| {
            owner.post("/api/segments", json!({"name": name, "segment_json": segment})).await
        };
        for (segment, word) in [
            (json!({"all": [{"field": "salary", "op": "eq", "value": "1"}]}), "salary"),
            (json!({"all": [{"custom": "plan", "op": "eq", "value": "1"}]}), "plan"),
            (json!({"list": "018f0000-0000-7000-8000-000000000000"}), "list"),
            (json!({"some": []}), "some"),
        ] {
            let refused = unchanged(app.db(), save("X", segment.clone())).await;
            refused.expect_error(422, "validation_failed");
            assert!(refused.body["error"]["fields"]["segment_json"].as_str().unwrap().contains(word), "{segment}: {}", refused.text);
        }
        unchanged(app.db(), save(" ", json!({"all": []}))).await.expect_error(422, "validation_failed");
        save("Everybody", json!({"all": []})).await.expect(201);
        unchanged(app.db(), save("Everybody", json!({"all": []}))).await.expect_error(409, "duplicate_name");
    }
}

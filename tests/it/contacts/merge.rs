//! Merging contacts over the API, undoing it, and finding what may be one person.

use serde_json::{Value, json};
use support::{Answer, Client, TestApp, both_databases, unchanged};

async fn contact(client: &Client, body: Value) -> String {
    client.post("/api/contacts", body).await.id()
}

async fn merge(client: &Client, source: &str, target: &str, resolution: Value) -> Answer {
    let body = json!({"source_id": source, "target_id": target, "resolution": resolution});
    client.post("/api/contacts/merge", body).await
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

both_databases! {
    async fn one_contact_has_the_chosen_values_and_everything_of_both(app: TestApp) {
        let owner = app.owner().await;
        owner.post("/api/custom-definitions", json!({"name": "plan", "label": "Plan", "field_type": "text"})).await.expect(201);
        owner.post("/api/custom-definitions", json!({"name": "seats", "label": "Seats", "field_type": "number"})).await.expect(201);
        let vip = owner.post("/api/lists", json!({"name": "VIP"})).await.id();
        let fair = owner.post("/api/lists", json!({"name": "Fair"})).await.id();
        let source = contact(&owner, json!({"first_name": "Ada", "last_name": "King", "primary_email": "ada@engines.org",
            "primary_phone": "+436641234567", "custom": {"plan": "gold", "seats": 5}, "list_ids": [vip]})).await;
        let target = contact(&owner, json!({"first_name": "A.", "company": "Engines", "primary_email": "a.king@engines.org",
            "custom": {"plan": "basic"}, "list_ids": [fair]})).await;
        let note = json!({"contact_id": source, "type": "note", "content": {"text": "met at the fair"}});
        owner.post("/api/logs", note).await.expect(201);
        owner.post("/api/tasks", json!({"contact_id": source, "title": "Call"})).await.expect(201);

        let resolution = json!({"first_name": "source", "primary_email": "source", "last_name": {"custom": "Lovelace"}, "custom.plan": "source"});
        let merged = merge(&owner, &source, &target, resolution).await;
        let found = &merged.expect(200).data()["contact"];
        assert_eq!(found["id"], json!(target));
        assert_eq!((&found["first_name"], &found["last_name"], &found["company"]), (&json!("Ada"), &json!("Lovelace"), &json!("Engines")));
        assert_eq!(found["primary_email"], "ada@engines.org");
        // What only one of them has needs no choice.
        assert_eq!(found["primary_phone"], "+436641234567");
        assert_eq!(found["custom"], json!({"plan": "gold", "seats": 5}));
        assert_eq!(names(&found["lists"]), ["New", "Fair", "VIP"]);
        let logs = owner.get(&format!("/api/contacts/{target}/logs")).await;
        let texts = logs.expect(200).text.clone();
        assert!(texts.contains("met at the fair") && texts.contains("Merged with Ada King"), "{texts}");
        assert_eq!(owner.get(&format!("/api/tasks?contact_id={target}")).await.data()[0]["title"], "Call");

        // The old id leads to the new one.
        let moved = owner.get(&format!("/api/contacts/{source}")).await;
        assert_eq!(moved.status, 307);
        assert!(moved.header("location").starts_with(&format!("/api/contacts/{target}")));
        let page = owner.get(&format!("/contacts/{source}")).await;
        assert_eq!(page.expect(303).header("location"), format!("/contacts/{target}"));
    }

    async fn undone_both_are_as_they_were_and_edits_since_stay(app: TestApp) {
        let owner = app.owner().await;
        let source = contact(&owner, json!({"first_name": "Ada", "primary_email": "ada@engines.org", "company": "One"})).await;
        let target = contact(&owner, json!({"first_name": "Adah", "company": "Two"})).await;
        let read = async |id: &str| owner.get(&format!("/api/contacts/{id}")).await.data().clone();
        let (one, other) = (read(&source).await, read(&target).await);
        let merged = merge(&owner, &source, &target, json!({"company": "source"})).await.data().clone();
        let merge_id = json!({"merge_id": merged["merge_id"]});
        let undone = owner.post("/api/contacts/unmerge", merge_id.clone()).await;
        assert_eq!(undone.expect(200).data()["conflicts"], json!([]));
        assert_eq!((read(&source).await, read(&target).await), (one.clone(), other));
        owner.post("/api/contacts/unmerge", merge_id).await.expect_error(409, "invalid_state");

        let merged = merge(&owner, &source, &target, json!({"company": "source"})).await.data().clone();
        owner.patch(&format!("/api/contacts/{target}"), json!({"company": "Three", "last_name": "L"})).await.expect(200);
        // Somebody else got the address in the meantime.
        owner.patch(&format!("/api/contacts/{target}"), json!({"primary_email": "new@engines.org"})).await.expect(200);
        contact(&owner, json!({"first_name": "Eve", "primary_email": "ada@engines.org"})).await;
        let undone = owner.post("/api/contacts/unmerge", json!({"merge_id": merged["merge_id"]})).await;
        let told = undone.expect(200).data().clone();
        let conflicts = told["conflicts"].as_array().unwrap();
        let of = |field: &str, contact: &str| conflicts.iter().find(|one| one["field"] == field && one["contact_id"] == contact).unwrap();
        assert_eq!(of("company", &target), &json!({"contact_id": target, "field": "company", "kept": "Three", "before": "Two"}));
        assert_eq!(of("primary_email", &source)["before"], "ada@engines.org");
        assert_eq!(told["source"]["company"], "One");
        assert_eq!((&told["target"]["company"], &told["target"]["last_name"]), (&json!("Three"), &json!("L")));
        assert_eq!(told["source"]["primary_email"], Value::Null);
    }

    async fn what_does_not_fit_changes_nothing(app: TestApp) {
        let owner = app.owner().await;
        let ada = contact(&owner, json!({"first_name": "Ada"})).await;
        let bob = contact(&owner, json!({"first_name": "Bob"})).await;
        contact(&owner, json!({"first_name": "Eve", "primary_email": "eve@engines.org"})).await;
        let never = "018f0000-0000-7000-8000-000000000000";
        unchanged(app.db(), async {
            merge(&owner, &ada, &ada, json!({})).await.expect_error(422, "validation_failed");
            merge(&owner, &ada, never, json!({})).await.expect_error(404, "not_found");
            let field = |answer: Answer| answer.body["error"]["fields"].as_object().unwrap().keys().next().unwrap().clone();
            assert_eq!(field(merge(&owner, &ada, &bob, json!({"nope": "source"})).await), "resolution.nope");
            assert_eq!(field(merge(&owner, &ada, &bob, json!({"stage": {"custom": "x"}})).await), "resolution.stage");
            assert_eq!(field(merge(&owner, &ada, &bob, json!({"primary_email": {"custom": "no address"}})).await), "primary_email");
            let taken = merge(&owner, &ada, &bob, json!({"primary_email": {"custom": "eve@engines.org"}})).await;
            taken.expect_error(409, "duplicate_email");
            let body = json!({"source_id": ada, "target_id": bob, "source_version": 7});
            owner.post("/api/contacts/merge", body).await.expect_error(412, "stale");
            owner.post("/api/contacts/unmerge", json!({"merge_id": never})).await.expect_error(404, "not_found");
        })
        .await;
    }

    async fn likely_duplicates_are_named_with_reasons_until_somebody_says_no(app: TestApp) {
        let owner = app.owner().await;
        let one = contact(&owner, json!({"first_name": "Ada", "last_name": "Lovelace", "primary_email": "ada.lovelace@gmail.com", "company": "Engines"})).await;
        let two = contact(&owner, json!({"first_name": "Lovelace", "last_name": "ada", "primary_email": "adalovelace+crm@googlemail.com", "company": "engines"})).await;
        contact(&owner, json!({"first_name": "Charles", "last_name": "Babbage", "company": "Engines"})).await;
        let typo = contact(&owner, json!({"first_name": "Charles", "last_name": "Babage", "company": "Engines"})).await;
        let found = owner.get("/api/contacts/duplicates").await;
        assert_eq!(found.expect(200).body["meta"]["total"], 2);
        let pairs = found.data().clone();
        assert_eq!((&pairs[0]["first"]["id"], &pairs[0]["second"]["id"]), (&json!(one), &json!(two)));
        assert_eq!(pairs[0]["reasons"], json!(["same_email", "same_name"]));
        assert_eq!((&pairs[1]["second"]["id"], &pairs[1]["reasons"]), (&json!(typo), &json!(["similar_name"])));

        owner.post("/api/contacts/duplicates/dismiss", json!({"contact_ids": [two, one]})).await.expect(200);
        owner.post("/api/contacts/duplicates/dismiss", json!({"contact_ids": [one, two]})).await.expect(200);
        let found = owner.get("/api/contacts/duplicates").await;
        assert_eq!((found.data().as_array().unwrap().len(), &found.data()[0]["second"]["id"]), (1, &json!(typo)));
        owner.post("/api/contacts/duplicates/dismiss", json!({"contact_ids": [one, one]})).await.expect_error(422, "validation_failed");
    }
}

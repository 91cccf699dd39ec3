//! Contacts over the API.

use serde_json::json;
use support::{TestApp, both_databases};

both_databases! {
    async fn a_contact_lives_its_whole_life(app: TestApp) {
        let owner = app.owner().await;
        let made = owner.post("/api/contacts", json!({
            "first_name": " Ada ", "last_name": "Lovelace", "primary_email": " Ada@Example.ORG ",
            "primary_phone": "+44 7700 900100", "company": "Analytical Engines"
        })).await;
        made.expect(201);
        assert_eq!(made.data()["primary_email"], "ada@example.org");
        assert_eq!(made.data()["primary_phone"], "+447700900100");
        assert_eq!(made.data()["lists"][0]["is_primary"], true, "a new contact enters the first stage");
        let path = format!("/api/contacts/{}", made.id());
        let patched = owner.patch(&path, json!({"company": "Engines Ltd", "primary_phone": null})).await;
        patched.expect(200);
        assert_eq!(patched.data()["first_name"], "Ada");
        assert!(patched.data()["primary_phone"].is_null());
        let replaced = owner.put(&path, json!({"first_name": "Ada", "primary_email": "ada@example.org"})).await;
        assert_eq!(replaced.data()["company"], "");
        owner.delete(&path).await.expect(200);
        owner.get(&path).await.expect_error(404, "not_found");
    }

    async fn duplicates_are_refused_with_their_field(app: TestApp) {
        let owner = app.owner().await;
        let ada = json!({"first_name": "Ada", "primary_email": "ada@example.org", "primary_phone": "+436641234567"});
        owner.post("/api/contacts", ada).await.expect(201);
        let email = owner.post("/api/contacts", json!({"primary_email": "ADA@example.org"})).await;
        email.expect_error(409, "duplicate_email");
        assert!(email.body["error"]["fields"]["primary_email"].is_string());
        let phone = owner.post("/api/contacts", json!({"first_name": "Eve", "primary_phone": "+43 664 123 45 67"})).await;
        phone.expect_error(409, "duplicate_phone");
        assert_eq!(app.db().count("SELECT count(*) FROM base_contacts").await, 1);
    }

    async fn pages_follow_each_other_and_show_everybody_once(app: TestApp) {
        let owner = app.owner().await;
        for number in 0..23 {
            owner.post("/api/contacts", json!({"last_name": format!("Same{}", number % 3), "primary_email": format!("p{number}@example.org")})).await.expect(201);
        }
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = owner.get(&format!("/api/contacts?sort=last_name&limit=5&cursor={cursor}")).await;
            page.expect(200);
            assert_eq!(page.body["meta"]["total"], 23);
            seen.extend(page.data().as_array().unwrap().iter().map(|contact| contact["id"].as_str().unwrap().to_owned()));
            match page.body["meta"]["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        assert_eq!(seen.len(), 23);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 23);
    }

    async fn search_finds_any_part_in_any_script(app: TestApp) {
        let owner = app.owner().await;
        for (first, last, email) in [("Łukasz", "Wiśniewski", "lw@example.org"), ("美咲", "田中", "tanaka@example.org"), ("Per", "100% Sure", "per@example.org")] {
            owner.post("/api/contacts", json!({"first_name": first, "last_name": last, "primary_email": email})).await.expect(201);
        }
        for (q, hits) in [("wiśni", 1), ("ŁUKASZ", 1), ("田中", 1), ("example", 3), ("100%25", 1), ("%25", 1), ("_", 0), ("lw%40exa", 1), ("nobody", 0), ("Per+Sure", 1)] {
            let found = owner.get(&format!("/api/contacts?q={q}")).await;
            found.expect(200);
            assert_eq!(found.data().as_array().map(Vec::len), Some(hits), "{q}: {}", found.text);
        }
    }
}

//! The list of addresses no message goes to, over the API and on its page.

use reqwest::multipart::{Form, Part};
use serde_json::json;
use support::{Client, TestApp, both_databases, unchanged};

const LIST: &str = "/api/suppressions";

/// The addresses of a list, newest first.
async fn addresses(client: &Client, query: &str) -> Vec<String> {
    let answer = client.get(&format!("{LIST}{query}")).await;
    let rows = answer.expect(200).data().as_array().unwrap().clone();
    rows.iter().map(|row| row["address"].as_str().unwrap_or("erased").to_owned()).collect()
}

async fn add(client: &Client, address: &str, reason: &str) -> String {
    let new = json!({"channel": "email", "address": address, "reason": reason});
    client.post(LIST, new).await.expect(201).id()
}

/// The details of the newest audit entry of an action.
async fn noted(app: &TestApp, action: &str) -> String {
    let sql = "SELECT CAST(details AS text) FROM audit_logs WHERE action = ";
    let all = app.db().texts(&format!("{sql}'{action}' ORDER BY seq DESC")).await;
    all.first().unwrap().replace("\": ", "\":")
}

both_databases! {
    async fn an_address_is_put_on_the_list_once(app: TestApp) {
        let owner = app.owner().await;
        let made = owner.post(LIST, json!({"channel": "email", "address": " Ada@Example.ORG "})).await;
        assert_eq!(made.expect(201).data()["address"], "ada@example.org");
        assert_eq!(made.data()["reason"], "manual");
        let known = owner.post(LIST, json!({"channel": "email", "address": "ADA@example.org"})).await;
        known.expect_error(409, "conflict");
        assert!(known.body["error"]["fields"]["address"].is_string(), "{}", known.text);
        let wrong = owner.post(LIST, json!({"channel": "email", "address": "ada at example"})).await;
        wrong.expect_error(422, "validation_failed");
        assert!(wrong.body["error"]["fields"]["address"].is_string());
        let phone = owner.post(LIST, json!({"channel": "text", "address": "+43 664 123 45 67"})).await;
        assert_eq!(phone.expect(201).data()["address"], "+436641234567");
        owner.post(LIST, json!({"channel": "text", "address": "ada@example.org"})).await.expect_error(422, "validation_failed");
        assert!(noted(&app, "suppression.created").await.contains("+436641234567"));
    }

    async fn the_list_is_searched_filtered_and_paged(app: TestApp) {
        let owner = app.owner().await;
        for number in 0..7 {
            add(&owner, &format!("p{number}@example.org"), if number % 2 == 0 { "bounced" } else { "manual" }).await;
        }
        owner.post(LIST, json!({"channel": "text", "address": "+436641234567"})).await.expect(201);
        assert_eq!(addresses(&owner, "?q=P3@").await, ["p3@example.org"]);
        assert_eq!(addresses(&owner, "?q=_").await, Vec::<String>::new());
        assert_eq!(addresses(&owner, "?channel=text").await, ["+436641234567"]);
        assert_eq!(addresses(&owner, "?reason=bounced").await.len(), 4);
        owner.get(&format!("{LIST}?reason=cold")).await.expect(422);

        let mut seen = Vec::new();
        let mut next = String::new();
        loop {
            let page = owner.get(&format!("{LIST}?limit=3{next}")).await;
            seen.extend(page.expect(200).data().as_array().unwrap().iter().map(|row| row["id"].to_string()));
            assert_eq!(page.body["meta"]["total"], 8);
            match page.body["meta"]["next_cursor"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        let mut sorted = seen.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!((seen.len(), sorted.len()), (8, 8), "each once");
    }

    async fn a_wish_is_taken_off_with_a_reason_only(app: TestApp) {
        let owner = app.owner().await;
        let bounced = add(&owner, "bounced@example.org", "bounced").await;
        owner.delete(&format!("{LIST}/{bounced}")).await.expect(200);
        for reason in ["unsubscribed", "complained"] {
            let id = add(&owner, "ada@example.org", reason).await;
            unchanged(app.db(), async {
                let refused = owner.delete(&format!("{LIST}/{id}")).await;
                refused.expect_error(422, "validation_failed");
                assert!(refused.body["error"]["fields"]["because"].is_string());
            }).await;
            owner.delete(&format!("{LIST}/{id}?because=asked%20on%20the%20phone")).await.expect(200);
            let entry = noted(&app, "suppression.removed").await;
            assert!(entry.contains("asked on the phone") && entry.contains("ada@example.org"), "{entry}");
            owner.get(&format!("{LIST}/{id}")).await.expect(404);
        }

        // The same on the page.
        let id = add(&owner, "ada@example.org", "unsubscribed").await;
        let page = format!("/suppressions/{id}");
        let again = owner.submit(&page, &format!("{page}/remove"), &[("because", " ")]).await;
        assert!(again.expect(422).text.contains("Say why"), "{}", again.text);
        let done = owner.submit(&page, &format!("{page}/remove"), &[("because", "she wrote to us")]).await;
        assert_eq!(done.expect(303).header("location"), "/suppressions");
        assert!(addresses(&owner, "").await.is_empty());
    }

    async fn a_list_is_tried_first_and_then_imported(app: TestApp) {
        let owner = app.owner().await;
        add(&owner, "known@example.org", "manual").await;
        let list = "email;reason\nnew@example.org;unsubscribed\nknown@example.org;\nNEW@example.org;\nnobody\n;\n";
        let form = || Form::new().part("file", Part::bytes(list.as_bytes().to_vec()).file_name("list.csv"));
        let trial = unchanged(app.db(), owner.upload(&format!("{LIST}/import"), form().text("dry_run", "true"))).await;
        let report = json!({
            "dry_run": true, "lines": 4, "added": 1, "known": 1, "repeated": 1, "invalid": 1,
            "problems": [{"line": 5, "text": "nobody", "problem": trial.data()["problems"][0]["problem"]}],
        });
        assert_eq!(trial.expect(200).data(), &report);
        let done = owner.upload(&format!("{LIST}/import"), form()).await;
        assert_eq!(done.expect(200).data()["added"], 1);
        assert_eq!(addresses(&owner, "?reason=unsubscribed").await, ["new@example.org"]);
        assert!(noted(&app, "suppressions.imported").await.contains("\"added\":1"));
        let again = owner.upload(&format!("{LIST}/import"), form()).await;
        assert_eq!((&again.data()["added"], &again.data()["known"]), (&json!(0), &json!(2)));
        owner.upload(&format!("{LIST}/import"), Form::new().text("text", " ")).await.expect_error(422, "validation_failed");
    }

    async fn what_is_exported_can_be_imported(app: TestApp) {
        let owner = app.owner().await;
        add(&owner, "ada@example.org", "unsubscribed").await;
        owner.post(LIST, json!({"channel": "text", "address": "+436641234567"})).await.expect(201);
        let file = owner.get(&format!("{LIST}/export.csv")).await.expect(200).text.clone();
        assert!(file.contains("'+436641234567,text,manual,"), "{file}");
        noted(&app, "suppressions.exported").await;

        let other = owner.post("/api/workspaces", json!({"name": "Other"})).await.id();
        let there = owner.in_workspace(&other);
        let form = Form::new().part("file", Part::bytes(file.into_bytes()).file_name("list.csv"));
        let done = there.upload(&format!("{LIST}/import"), form).await;
        assert_eq!((&done.expect(200).data()["added"], &done.data()["invalid"]), (&json!(2), &json!(0)));
        let back = there.get(&format!("{LIST}?channel=text")).await;
        assert_eq!(back.data()[0]["address"], "+436641234567");
        assert_eq!(there.get(&format!("{LIST}?reason=unsubscribed")).await.data()[0]["address"], "ada@example.org");
    }

    async fn an_erased_person_is_shown_without_an_address(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"first_name": "Zara", "primary_email": "zara@example.org"});
        let zara = owner.post("/api/contacts", new).await.id();
        owner.post(&format!("/api/contacts/{zara}/erase"), json!({"confirm": "erase"})).await.expect(200);
        assert_eq!(addresses(&owner, "").await, ["erased"]);
        assert_eq!(addresses(&owner, "?q=erased").await, Vec::<String>::new());
        // Whoever knows the address is told.
        assert_eq!(addresses(&owner, "?q=Zara@example.org").await, ["erased"]);
        owner.post(LIST, json!({"channel": "email", "address": "zara@example.org"})).await.expect_error(409, "conflict");
        let page = owner.get("/suppressions").await;
        assert!(page.expect(200).text.contains("Erased person") && !page.text.contains("erased:"));
        let file = owner.get(&format!("{LIST}/export.csv")).await;
        assert!(!file.expect(200).text.contains("erased:"));
        let id = owner.get(LIST).await.data()[0]["id"].as_str().unwrap().to_owned();
        owner.delete(&format!("{LIST}/{id}")).await.expect_error(422, "validation_failed");
        owner.delete(&format!("{LIST}/{id}?because=came%20back")).await.expect(200);
    }

    async fn the_page_adds_and_imports(app: TestApp) {
        let owner = app.owner().await;
        assert!(owner.get("/suppressions").await.expect(200).text.contains("Nobody is suppressed"));
        let wrong = owner.submit("/suppressions/new", "/suppressions", &[("channel", "email"), ("address", "ada at x")]).await;
        assert!(wrong.expect(422).text.contains("ada at x"));
        owner.submit("/suppressions/new", "/suppressions", &[("channel", "email"), ("address", "ada@example.org"), ("reason", "manual")]).await.expect(303);
        assert!(owner.get("/suppressions").await.text.contains("ada@example.org"));

        let token = owner.csrf().unwrap().to_owned();
        let form = |go: &str| Form::new().text("csrf_token", token.clone()).text("go", go.to_owned()).text("text", "b@example.org\nnobody");
        let check = unchanged(app.db(), owner.upload("/suppressions/import", form("check"))).await;
        assert!(check.expect(200).text.contains("Nothing is saved yet") && check.text.contains("b@example.org"));
        owner.upload("/suppressions/import", form("import")).await.expect(303);
        assert_eq!(addresses(&owner, "").await, ["b@example.org", "ada@example.org"]);
    }
}

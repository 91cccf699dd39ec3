//! Follow-ups over the API.

use serde_json::{Value, json};
use support::{Answer, TestApp, both_databases, unchanged};

fn titles(answer: &Answer) -> Vec<&str> {
    let all = answer.expect(200).data().as_array().unwrap();
    all.iter().map(|one| one["title"].as_str().unwrap()).collect()
}

both_databases! {
    async fn the_most_urgent_comes_first_and_pages_follow_each_other(app: TestApp) {
        let owner = app.owner().await;
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada"})).await.id();
        let bob = owner.post("/api/contacts", json!({"first_name": "Bob"})).await.id();
        for (title, contact, due) in [
            ("some time", &ada, Value::Null),
            ("late", &bob, json!("2020-01-01T09:00:00Z")),
            ("far", &ada, json!("2090-01-01T09:00:00Z")),
            ("next", &ada, json!("2030-01-01T10:00:00+01:00")),
            ("whenever", &ada, Value::Null),
        ] {
            let new = json!({"contact_id": contact, "title": title, "due_at": due, "kind": "call"});
            let made = owner.post("/api/tasks", new).await;
            assert_eq!(made.expect(201).data()["kind"], "call");
        }
        let all = owner.get("/api/tasks").await;
        assert_eq!(titles(&all), ["late", "next", "far", "some time", "whenever"]);
        assert_eq!(all.data()[1]["due_at"], "2030-01-01T09:00:00.000Z");
        let mut walked: Vec<String> = Vec::new();
        let mut next = Some("/api/tasks?limit=2".to_owned());
        while let Some(path) = next {
            let page = owner.get(&path).await;
            walked.extend(titles(&page).into_iter().map(str::to_owned));
            assert_eq!(page.body["meta"]["total"], 5);
            next = page.body["meta"]["next_cursor"].as_str().map(|cursor| format!("/api/tasks?limit=2&cursor={cursor}"));
        }
        assert_eq!(walked, ["late", "next", "far", "some time", "whenever"]);
        assert_eq!(titles(&owner.get(&format!("/api/tasks?contact_id={bob}")).await), ["late"]);
        assert_eq!(titles(&owner.get("/api/tasks?due_before=2031-01-01T00:00:00Z").await), ["late", "next"]);
        owner.get("/api/tasks?cursor=nonsense").await.expect_error(422, "validation_failed");
        owner.get("/api/tasks?don=true").await.expect_error(422, "validation_failed");
    }

    async fn a_task_is_put_off_handed_on_done_and_taken_up_again(app: TestApp) {
        let owner = app.owner().await;
        let ws = owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        let grace = app.person(&owner, &ws, "grace@example.com", "editor").await;
        let her = grace.get("/api/auth/me").await.data()["user"]["id"].as_str().unwrap().to_owned();
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada"})).await.id();
        let made = owner.post("/api/tasks", json!({"contact_id": ada, "title": " Send the offer "})).await;
        assert_eq!((&made.expect(201).data()["title"], &made.data()["kind"]), (&json!("Send the offer"), &json!("todo")));
        let path = format!("/api/tasks/{}", made.id());
        let change = async |body: Value| owner.patch(&path, body).await;

        let off = change(json!({"due_at": "2030-05-01T08:00:00Z", "assignee_id": her})).await;
        assert_eq!((&off.expect(200).data()["due_at"], &off.data()["assignee_id"]), (&json!("2030-05-01T08:00:00.000Z"), &json!(her)));
        assert_eq!(titles(&owner.get(&format!("/api/tasks?assignee_id={her}")).await), ["Send the offer"]);
        let done = change(json!({"done": true})).await;
        let when = done.expect(200).data()["done_at"].clone();
        assert!(when.is_string());
        assert_eq!(change(json!({"done": true})).await.data()["done_at"], when, "it was done the first time");
        assert_eq!(titles(&owner.get("/api/tasks?done=false").await), [""; 0]);
        assert_eq!(titles(&owner.get("/api/tasks?done=true").await), ["Send the offer"]);
        let again = change(json!({"done": false, "due_at": null, "assignee_id": null})).await;
        assert_eq!((&again.data()["done_at"], &again.data()["due_at"], &again.data()["assignee_id"]), (&Value::Null, &Value::Null, &Value::Null));

        let nobody = "018f0000-0000-7000-8000-000000000000";
        for (body, field) in [
            (json!({"title": " "}), "title"),
            (json!({"title": "x".repeat(201)}), "title"),
            (json!({"assignee_id": nobody}), "assignee_id"),
        ] {
            let refused = unchanged(app.db(), change(body)).await;
            refused.expect_error(422, "validation_failed");
            assert!(refused.body["error"]["fields"][field].is_string(), "{}", refused.text);
        }
        let lost = json!({"contact_id": nobody, "title": "X"});
        unchanged(app.db(), owner.post("/api/tasks", lost)).await.expect_error(404, "not_found");
        let mut found = titles(&owner.get("/api/tasks").await).len();
        assert_eq!(found, 1);
        owner.delete(&format!("/api/contacts/{ada}")).await.expect(200);
        found = titles(&owner.get("/api/tasks").await).len();
        assert_eq!(found, 0, "tasks go with their contact");
    }
    async fn the_contacts_page_and_the_dashboard_show_what_is_to_be_done(app: TestApp) {
        let owner = app.owner().await;
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada", "last_name": "<b>"})).await.id();
        let contact = format!("/contacts/{ada}");
        let form = format!("{contact}/tasks");
        assert!(owner.get(&contact).await.expect(200).text.contains("Nothing to do"));
        let wrong = [("title", "Call her"), ("kind", "call"), ("due_at", "soon")];
        let refused = unchanged(app.db(), owner.submit(&contact, &form, &wrong)).await;
        assert!(refused.expect(422).text.contains("Enter a date and time") && refused.text.contains("value=\"Call her\""), "{}", refused.text);
        let none = [("title", ""), ("kind", "call"), ("due_at", "")];
        unchanged(app.db(), owner.submit(&contact, &form, &none)).await.expect(422);
        for (title, due) in [("Call her", "2020-02-03T09:30"), ("Some time", ""), ("In years", "2090-01-01T08:00")] {
            owner.submit(&contact, &form, &[("title", title), ("kind", "call"), ("due_at", due), ("assignee_id", "")]).await.expect(303);
        }
        let page = owner.get(&contact).await;
        for title in ["Call her", "Some time", "In years", "overdue"] {
            assert!(page.text.contains(title), "{title}: {}", page.text);
        }
        let dashboard = owner.get("/dashboard").await;
        assert!(dashboard.expect(200).text.contains("Call her") && dashboard.text.contains("Ada &lt;b&gt;"), "{}", dashboard.text);
        assert!(!dashboard.text.contains("Some time") && !dashboard.text.contains("In years"));

        let id = app.db().texts("SELECT id FROM tasks WHERE title = 'Call her'").await.remove(0);
        let off = owner.submit("/dashboard", &format!("/tasks/{id}/tomorrow"), &[("back", "dashboard")]).await;
        assert_eq!(off.expect(303).header("location"), "/dashboard");
        assert!(!owner.get("/dashboard").await.text.contains("<h2>Today</h2>"), "it waits until tomorrow");
        let elsewhere = [("back", "https://evil.test")];
        let done = owner.submit(&contact, &format!("/tasks/{id}/done"), &elsewhere).await;
        assert_eq!(done.expect(303).header("location"), contact);
        owner.get(&contact).await.expect(200);
        assert!(!owner.get(&contact).await.text.contains("Call her"));
        let nobody = "/tasks/018f0000-0000-7000-8000-000000000000/done";
        unchanged(app.db(), owner.submit(&contact, nobody, &[])).await.expect(404);
    }
}

//! The pages of segments, as somebody without JavaScript uses them.

use serde_json::{Value, json};
use support::{Answer, Client, TestApp, both_databases, unchanged};

const ROW: [(&str, &str); 4] = [
    ("join.0", "all"),
    ("on.0.0", "field:company"),
    ("op.0.0", "contains"),
    ("value.0.0", "bakery"),
];

async fn people(owner: &Client) {
    for (name, company) in [("Ada", "Rye Bakery"), ("Bob", "Mill"), ("Cid", "BAKERY 2")] {
        let new = json!({"first_name": name, "company": company, "value_minor": 125_050});
        owner.post("/api/contacts", new).await.expect(201);
    }
}

async fn save(owner: &Client, name: &str, segment: Value) -> String {
    let new = json!({"name": name, "segment_json": segment});
    owner.post("/api/segments", new).await.expect(201).id()
}

/// Presses a button of the builder and returns the page.
async fn press(owner: &Client, fields: &[(&str, &str)], button: &str) -> String {
    let fields: Vec<_> = fields.iter().copied().chain([("do", button)]).collect();
    shown(owner.submit("/segments/new", "/segments/build", &fields).await.expect(200))
}

/// A page with plain spaces where numbers are kept together with their words.
fn shown(answer: &Answer) -> String {
    answer.text.replace('\u{a0}', " ")
}

both_databases! {
    async fn conditions_are_added_counted_and_saved(app: TestApp) {
        let owner = app.owner().await;
        people(&owner).await;
        assert!(owner.get("/segments").await.expect(200).text.contains("No segments yet"));
        let page = shown(owner.get("/segments/new").await.expect(200));
        assert!(page.contains("name=\"on.0.0\"") && page.contains("3</b> of 3 contacts match"), "{page}");
        let page = press(&owner, &ROW, "count").await;
        assert!(page.contains("2</b> of 3 contacts match") && page.contains("value=\"bakery\""), "{page}");

        let page = press(&owner, &ROW, "add.0").await;
        assert!(page.contains("name=\"on.0.1\"") && page.contains("value=\"bakery\""));
        let page = press(&owner, &ROW, "group").await;
        assert!(page.contains("name=\"join.1\"") && page.contains("name=\"on.1.1\""));
        let page = press(&owner, &ROW, "remove.0.0").await;
        assert!(!page.contains("name=\"on.0.0\"") && page.contains("every contact is in it"));
        // Another subject has operators and an input of its own.
        let page = press(&owner, &[("on.0.0", "activity:email"), ("op.0.0", "contains")], "count").await;
        assert!(page.contains("none in the last") && page.contains("type=\"number\""));

        let named: Vec<_> = ROW.into_iter().chain([("name", "Bakers")]).collect();
        owner.submit("/segments/new", "/segments", &named).await.expect(303);
        let listed = shown(&owner.get("/segments").await);
        assert!(listed.contains("Company contains “bakery”") && listed.contains("2 contacts"), "{listed}");
        let saved = owner.get("/api/segments").await.data()[0].clone();
        assert_eq!(saved["segment_json"], json!({"all": [{"field": "company", "op": "contains", "value": "bakery"}]}));

        let twice = unchanged(app.db(), owner.submit("/segments/new", "/segments", &named)).await;
        assert!(twice.expect(409).text.contains("already exists"));
        let empty = [("name", "X"), ("on.0.0", "field:company"), ("op.0.0", "eq"), ("value.0.0", "")];
        let empty = unchanged(app.db(), owner.submit("/segments/new", "/segments", &empty)).await;
        assert!(empty.expect(422).text.contains("Enter a value."), "{}", empty.text);
    }

    /// What the builder shows of a segment, it saves as the same segment.
    async fn a_segment_comes_back_as_it_was(app: TestApp) {
        let owner = app.owner().await;
        people(&owner).await;
        let field = json!({"label": "Plan", "name": "plan", "field_type": "select", "options": ["Basic", "Pro"]});
        owner.post("/api/custom-definitions", field).await.expect(201);
        let field = json!({"label": "Seats", "name": "seats", "field_type": "number"});
        owner.post("/api/custom-definitions", field).await.expect(201);
        let list = owner.get("/api/lists").await.data()[0]["id"].clone();
        let me = owner.get("/api/auth/me").await.data()["user"]["id"].clone();
        let segment = json!({"any": [
            {"field": "company", "op": "in", "value": ["Mill", "Rye \"Bakery\""]},
            {"field": "value_minor", "op": "eq", "value": "125050"},
            {"field": "owner_id", "op": "is_not_set"},
            {"custom": "plan", "op": "neq", "value": "Pro"},
            {"custom": "seats", "op": "in", "value": ["-2", "1.5"]},
            {"list": list},
            {"not": {"list": list}},
            {"created": {"after": "2020-01-01"}},
            {"activity": {"type": "email", "op": "none_since", "days": 30}},
            {"activity": {"type": "call", "op": "sent"}},
            {"task": {"op": "overdue", "assignee_id": me}},
            {"task": {"op": "none"}},
            {"stage_days": {"more_than": 30}},
            {"all": [{"field": "first_name", "op": "starts_with", "value": "A"}, {"list": list}]},
        ]});
        let id = save(&owner, "All sorts", segment).await;
        let before = owner.get(&format!("/api/segments/{id}")).await.data().clone();
        let page = owner.get(&format!("/segments/{id}")).await.expect(200).text.clone();
        assert!(page.contains("1250.50") && !page.contains("deeper than"), "{page}");
        let fields = inputs(&page);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let path = format!("/segments/{id}");
        owner.submit(&path, &path, &fields).await.expect(303);
        let after = owner.get(&format!("/api/segments/{id}")).await.data().clone();
        assert_eq!(after["count"], before["count"]);
        assert_eq!(after["segment_json"], before["segment_json"]);
    }

    async fn a_stale_edit_sees_both_versions(app: TestApp) {
        let owner = app.owner().await;
        people(&owner).await;
        let id = save(&owner, "Bakers", json!({"all": []})).await;
        let path = format!("/segments/{id}");
        let theirs = json!({"name": "Millers", "segment_json": {"all": [{"field": "company", "op": "eq", "value": "Mill"}]}});
        owner.put(&format!("/api/segments/{id}"), theirs).await.expect(200);
        let mine: Vec<_> = ROW.into_iter().chain([("name", "Bread"), ("version", "1")]).collect();
        let page = unchanged(app.db(), owner.submit(&path, &path, &mine)).await.expect(409).text.clone();
        for words in ["Millers", "Company is “Mill”", "value=\"Bread\"", "value=\"bakery\"", "name=\"version\" value=\"2\""] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let again: Vec<_> = ROW.into_iter().chain([("name", "Bread"), ("version", "2")]).collect();
        owner.submit(&path, &path, &again).await.expect(303);
        assert_eq!(owner.get(&format!("/api/segments/{id}")).await.data()["name"], "Bread");
        // Saved as new, the first stays.
        let new: Vec<_> = ROW.into_iter().chain([("name", "Rolls"), ("id", id.as_str())]).collect();
        owner.submit(&path, "/segments", &new).await.expect(303);
        assert_eq!(owner.get("/api/segments").await.body["meta"]["total"], 2);
        owner.submit(&path, &format!("{path}/delete"), &[]).await.expect(303);
        assert_eq!(owner.get("/api/segments").await.body["meta"]["total"], 1);
    }

    async fn a_deep_segment_is_shown_and_keeps_its_conditions(app: TestApp) {
        let owner = app.owner().await;
        people(&owner).await;
        let deep = json!({"not": {"any": [{"all": []}, {"not": {"all": []}}]}});
        let id = save(&owner, "Deep", deep.clone()).await;
        let path = format!("/segments/{id}");
        let page = owner.get(&path).await.expect(200).text.clone();
        assert!(page.contains("deeper than") && !page.contains("name=\"on.0.0\""), "{page}");
        let rename = [("name", "Deeper"), ("version", "1"), ("keeps", "conditions")];
        owner.submit(&path, &path, &rename).await.expect(303);
        let after = owner.get(&format!("/api/segments/{id}")).await.data().clone();
        assert_eq!((&after["name"], &after["segment_json"]), (&json!("Deeper"), &deep));
        // Nobody is no rule the builder has.
        let id = save(&owner, "Nobody", json!({"any": []})).await;
        assert!(owner.get(&format!("/segments/{id}")).await.text.contains("deeper than"));
    }

    async fn the_api_sorts_by_columns_and_custom_fields(app: TestApp) {
        let owner = app.owner().await;
        let field = json!({"label": "Seats", "name": "seats", "field_type": "number"});
        owner.post("/api/custom-definitions", field).await.expect(201);
        for (name, seats) in [("Ten", json!(10)), ("Nine", json!(9)), ("Cold", json!(-10)), ("None", Value::Null), ("Half", json!(1.5))] {
            let custom = if seats.is_null() { json!({}) } else { json!({"seats": seats}) };
            owner.post("/api/contacts", json!({"first_name": name, "custom": custom})).await.expect(201);
        }
        let names = async |sort: &str| {
            let found = owner.get(&format!("/api/contacts?sort={sort}")).await;
            let found = found.expect(200).data().as_array().unwrap().clone();
            found.iter().map(|one| one["first_name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names("custom.seats").await, ["Cold", "Half", "Nine", "Ten", "None"]);
        assert_eq!(names("-custom.seats").await, ["Ten", "Nine", "Half", "Cold", "None"]);
        assert_eq!(names("stage_since").await, ["Ten", "Nine", "Cold", "None", "Half"]);
        for wrong in ["custom.shoe_size", "custom.", "id", "--company"] {
            let refused = owner.get(&format!("/api/contacts?sort={wrong}")).await;
            assert!(refused.expect(422).body["error"]["fields"]["sort"].is_string(), "{wrong}");
        }
    }
}

/// What a browser would send of the builder: names and values of its selects and inputs.
fn inputs(page: &str) -> Vec<(String, String)> {
    let plain =
        |text: &str| text.replace("&quot;", "\"").replace("&#x27;", "'").replace("&amp;", "&");
    let attribute = |tag: &str, name: &str| {
        let value = tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?;
        Some(plain(value))
    };
    let form = page.split("<form class=\"card\"").nth(1).unwrap().split("</form>").next().unwrap();
    let mut fields = Vec::new();
    for part in
        form.split('<').filter(|part| part.starts_with("input ") || part.starts_with("select "))
    {
        let Some(name) = attribute(part, "name").filter(|name| name != "csrf_token") else {
            continue;
        };
        if part.starts_with("input ") {
            fields.push((name, attribute(part, "value").unwrap_or_default()));
        } else {
            let select = form
                .split(&format!(" name=\"{name}\""))
                .nth(1)
                .unwrap()
                .split("</select>")
                .next()
                .unwrap();
            let options: Vec<&str> = select.split("<option ").skip(1).collect();
            let chosen = options
                .iter()
                .find(|option| option.split('>').next().unwrap().contains(" selected"));
            let value = attribute(&format!(" {}", chosen.or(options.first()).unwrap()), "value");
            fields.push((name, value.unwrap()));
        }
    }
    fields
}

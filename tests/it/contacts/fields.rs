//! Custom fields: made, changed, put in order, put away, deleted; over the API and on their pages.

use serde_json::{Value, json};
use support::{Answer, Client, TestApp, both_databases, unchanged};

const PATH: &str = "/api/custom-definitions";

async fn make(client: &Client, body: Value) -> Answer {
    client.post(PATH, body).await
}

async fn field(client: &Client, name: &str, kind: &str) -> String {
    make(client, json!({"name": name, "label": name, "field_type": kind})).await.expect(201).id()
}

async fn names(client: &Client) -> Vec<String> {
    let all = client.get(PATH).await;
    let all = all.expect(200).data().as_array().unwrap().clone();
    all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

async fn archive(client: &Client, id: &str, label: &str) {
    let away = json!({"label": label, "is_archived": true});
    client.put(&format!("{PATH}/{id}"), away).await.expect(200);
}

both_databases! {
    async fn a_field_lives_its_whole_life(app: TestApp) {
        let owner = app.owner().await;
        let made = make(&owner, json!({
            "label": "Contract value (EUR)", "field_type": "number", "default_value": " 12.50 ", "is_required": true,
        })).await;
        let id = made.expect(201).id();
        assert_eq!(made.data()["name"], "contract_value_eur");
        assert_eq!(made.data()["default_value"], "12.5");
        assert_eq!((&made.data()["position"], &made.data()["contacts"]), (&json!(1), &json!(0)));

        // New contacts get the default, and what they are given has to be a number.
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada"})).await;
        assert_eq!(ada.expect(201).data()["custom"], json!({"contract_value_eur": 12.5}));
        let wrong = json!({"first_name": "Bob", "custom": {"contract_value_eur": "much"}});
        let refused = unchanged(app.db(), owner.post("/api/contacts", wrong)).await;
        assert!(refused.expect(422).body["error"]["fields"]["custom.contract_value_eur"].is_string());
        assert_eq!(owner.get(&format!("{PATH}/{id}")).await.data()["contacts"], 1);

        // Its label changes, its name and values stay.
        let change = json!({"label": "Worth", "default_value": "1"});
        let changed = owner.put(&format!("{PATH}/{id}"), change).await;
        assert_eq!(changed.expect(200).data()["label"], "Worth");
        assert_eq!(changed.data()["name"], "contract_value_eur");
        let values = format!("/api/contacts/{}/custom", ada.id());
        assert_eq!(owner.get(&values).await.expect(200).data(), &json!({"contract_value_eur": 12.5}));

        // Put away, it keeps what is there and takes nothing new.
        unchanged(app.db(), owner.delete(&format!("{PATH}/{id}"))).await.expect_error(409, "invalid_state");
        archive(&owner, &id, "Worth").await;
        assert_eq!(owner.get(&values).await.data(), &json!({"contract_value_eur": 12.5}));
        let refused = unchanged(app.db(), owner.post(&values, json!({"contract_value_eur": 3}))).await;
        assert!(refused.expect(422).text.contains("archived"), "{}", refused.text);
        let bob = owner.post("/api/contacts", json!({"first_name": "Bob"})).await;
        assert_eq!(bob.expect(201).data()["custom"], json!({}), "no default of what is put away");
        owner.patch(&format!("/api/contacts/{}", ada.id()), json!({"last_name": "L"})).await.expect(200);
        owner.put(&format!("{PATH}/{id}"), json!({"label": "Worth"})).await.expect(200);
        assert_eq!(owner.post(&values, json!({"contract_value_eur": 3})).await.expect(200).data()["contract_value_eur"], 3);
        assert_eq!(owner.post(&values, json!({"contract_value_eur": null})).await.expect(200).data(), &json!({}));
        owner.post(&values, json!({"contract_value_eur": 4})).await.expect(200);

        archive(&owner, &id, "Worth").await;
        owner.delete(&format!("{PATH}/{id}")).await.expect(200);
        owner.delete(&format!("{PATH}/{id}")).await.expect_error(404, "not_found");
        assert_eq!(owner.get(&values).await.data(), &json!({}), "its values went with it");
        assert_eq!(app.db().count("SELECT count(*) FROM custom_fields").await, 0);
    }

    async fn what_cannot_be_is_refused_by_its_field(app: TestApp) {
        let owner = app.owner().await;
        field(&owner, "plan", "text").await;
        for (body, wrong) in [
            (json!({"label": " ", "field_type": "text"}), "label"),
            (json!({"label": "x".repeat(101), "field_type": "text"}), "label"),
            (json!({"name": "Has Space", "label": "X", "field_type": "text"}), "name"),
            (json!({"label": "X", "field_type": "select"}), "options"),
            (json!({"label": "X", "field_type": "select", "options": ["a", "A"]}), "options"),
            (json!({"label": "X", "field_type": "number", "options": ["a"]}), "options"),
            (json!({"label": "X", "field_type": "date", "default_value": "soon"}), "default_value"),
        ] {
            let refused = unchanged(app.db(), make(&owner, body.clone())).await;
            refused.expect_error(422, "validation_failed");
            assert!(refused.body["error"]["fields"][wrong].is_string(), "{body}: {}", refused.text);
        }
        make(&owner, json!({"label": "X", "field_type": "colour"})).await.expect_error(422, "validation_failed");
        make(&owner, json!({"label": "X", "field_type": "text", "colour": 1})).await.expect_error(422, "validation_failed");
        let again = json!({"name": "plan", "label": "Other", "field_type": "date"});
        unchanged(app.db(), make(&owner, again)).await.expect_error(409, "duplicate_name");
        for number in 1..100 {
            field(&owner, &format!("field_{number}"), "text").await;
        }
        let many = json!({"label": "One more", "field_type": "text"});
        unchanged(app.db(), make(&owner, many)).await.expect_error(409, "invalid_state");
    }

    async fn a_choice_that_is_chosen_stays(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"name": "plan", "label": "Plan", "field_type": "select", "options": ["Basic", "Pro", "Old"]});
        let id = make(&owner, new).await.expect(201).id();
        let pro = json!({"first_name": "Ada", "custom": {"plan": "pro"}});
        owner.post("/api/contacts", pro).await.expect(201);
        let path = format!("{PATH}/{id}");
        let gone = json!({"label": "Plan", "options": ["Basic"]});
        let refused = unchanged(app.db(), owner.put(&path, gone)).await;
        assert!(refused.expect(409).text.contains("Pro is chosen for 1 contacts"), "{}", refused.text);
        let kept = json!({"label": "Plan", "options": ["Pro", "Basic", "Gold"]});
        assert_eq!(owner.put(&path, kept).await.expect(200).data()["options"], json!(["Pro", "Basic", "Gold"]));
    }

    async fn fields_have_an_order(app: TestApp) {
        let owner = app.owner().await;
        let mut ids = Vec::new();
        for name in ["one", "two", "three"] {
            ids.push(field(&owner, name, "text").await);
        }
        let to = async |id: &str, label: &str, position: i64| {
            let change = json!({"label": label, "position": position});
            owner.put(&format!("{PATH}/{id}"), change).await
        };
        assert_eq!(to(&ids[2], "three", 1).await.expect(200).data()["position"], 1);
        assert_eq!(names(&owner).await, ["three", "one", "two"]);
        to(&ids[2], "three", 99).await.expect(200);
        assert_eq!(names(&owner).await, ["one", "two", "three"]);
        unchanged(app.db(), to(&ids[0], "one", 0)).await.expect_error(422, "validation_failed");
    }

    async fn a_field_of_all_workspaces_is_its_owners(app: TestApp) {
        let andy = app.owner().await;
        let first = andy.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        let second = andy.post("/api/workspaces", json!({"name": "Second"})).await.id();
        let (here, there) = (andy.in_workspace(&first), andy.in_workspace(&second));
        let born = json!({"name": "birthday", "label": "Birthday", "field_type": "date", "is_global": true});
        let id = make(&here, born.clone()).await.expect(201).id();
        field(&here, "plan", "text").await;
        assert_eq!(names(&here).await, ["plan", "birthday"]);
        assert_eq!(names(&there).await, ["birthday"]);
        let ada = json!({"first_name": "Ada", "custom": {"birthday": "1815-12-10"}});
        there.post("/api/contacts", ada.clone()).await.expect(201);

        // Another owner of the workspace sees it and leaves it alone.
        let grace = app.person(&andy, &second, "grace@example.com", "owner").await.in_workspace(&second);
        assert_eq!(names(&grace).await, ["birthday"]);
        let path = format!("{PATH}/{id}");
        unchanged(app.db(), grace.put(&path, json!({"label": "X"}))).await.expect_error(403, "forbidden");
        let hers = json!({"name": "all", "label": "All", "field_type": "text", "is_global": true});
        unchanged(app.db(), make(&grace, hers)).await.expect_error(403, "forbidden");

        // A workspace's own of the same name wins there, and the values stay with it when the other goes.
        let own = json!({"name": "birthday", "label": "Born", "field_type": "text"});
        make(&grace, own).await.expect(201);
        assert_eq!(there.get(PATH).await.data()[0]["label"], "Born");
        let taken = json!({"name": "birthday", "label": "Again", "field_type": "date", "is_global": true});
        unchanged(app.db(), make(&here, taken)).await.expect_error(409, "duplicate_name");
        here.post("/api/contacts", ada).await.expect(201);
        archive(&here, &id, "Birthday").await;
        here.delete(&path).await.expect(200);
        assert_eq!(names(&there).await, ["birthday"]);
        let values = "SELECT workspace_id FROM custom_fields";
        assert_eq!(app.db().texts(values).await, [second]);
    }

    async fn the_pages_make_them_and_the_form_of_a_contact_has_them(app: TestApp) {
        let owner = app.owner().await;
        let page = "/settings/fields";
        assert!(owner.get(page).await.expect(200).text.contains("None yet"));
        let wrong = [("label", "Plan"), ("field_type", "select"), ("options", "")];
        let refused = unchanged(app.db(), owner.submit(page, page, &wrong)).await;
        assert!(refused.expect(422).text.contains("Enter from 1 to 100 choices"), "{}", refused.text);
        assert!(refused.text.contains("value=\"Plan\""), "what was typed is kept");
        for fields in [
            [("label", "Plan"), ("field_type", "select"), ("options", "Basic\r\nPro"), ("default_value", "Pro")],
            [("label", "Since"), ("field_type", "date"), ("options", ""), ("default_value", "")],
            [("label", "VIP"), ("field_type", "boolean"), ("options", ""), ("default_value", "")],
            [("label", "Seats"), ("field_type", "number"), ("options", ""), ("default_value", "")],
        ] {
            owner.submit(page, page, &fields).await.expect(303);
        }
        let form = owner.get("/contacts/new").await;
        for part in [
            "name=\"custom.plan\"", "<option value=\"Pro\" selected>", "type=\"date\" value=\"\"", "id=\"f-custom.vip\"",
            "inputmode=\"decimal\"",
        ] {
            assert!(form.expect(200).text.contains(part), "{part}: {}", form.text);
        }
        let typed = [("first_name", "Ada"), ("custom.plan", "Basic"), ("custom.since", "2024-02-29"), ("custom.vip", "true"), ("custom.seats", "7")];
        let made = owner.submit("/contacts/new", "/contacts", &typed).await;
        let contact = made.expect(303).header("location").to_owned();
        let values = format!("/api{contact}/custom");
        assert_eq!(owner.get(&values).await.data(), &json!({"plan": "Basic", "seats": 7, "since": "2024-02-29", "vip": true}));
        let shown = owner.get(&contact).await;
        assert!(shown.text.contains("<dt>Seats</dt>") || shown.text.contains("Seats"), "{}", shown.text);

        // A mistake comes back beside its input, an emptied field loses its value, a box that is not ticked says no.
        let edit = format!("{contact}/edit");
        let bad = [("first_name", "Ada"), ("custom.since", "soon")];
        let refused = unchanged(app.db(), owner.submit(&edit, &contact, &bad)).await;
        assert!(refused.expect(422).text.contains("Must be a date"), "{}", refused.text);
        let emptied = [("first_name", "Ada"), ("custom.plan", "Pro"), ("custom.since", ""), ("custom.seats", "")];
        owner.submit(&edit, &contact, &emptied).await.expect(303);
        assert_eq!(owner.get(&values).await.data(), &json!({"plan": "Pro", "vip": false}));

        let ids = app.db().texts("SELECT id FROM custom_field_definitions ORDER BY position").await;
        owner.submit(page, &format!("{page}/{}/move", ids[3]), &[("direction", "up")]).await.expect(303);
        assert_eq!(names(&owner).await, ["plan", "since", "seats", "vip"]);
        let one = format!("{page}/{}", ids[0]);
        assert!(owner.get(&one).await.expect(200).text.contains("Basic\nPro"));
        let stale = [("label", "Tariff"), ("options", "Basic\nPro"), ("version", "7")];
        let refused = unchanged(app.db(), owner.submit(&one, &one, &stale)).await;
        assert!(refused.expect(409).text.contains("Yours"), "{}", refused.text);
        let saved = [("label", "Tariff"), ("options", "Basic\nPro\nGold"), ("version", "1")];
        owner.submit(&one, &one, &saved).await.expect(303);
        assert!(owner.get("/contacts/new").await.text.contains("Tariff"));
        owner.submit(page, &format!("{one}/archive"), &[]).await.expect(303);
        assert!(!owner.get("/contacts/new").await.text.contains("custom.plan"));
        assert!(owner.get(&contact).await.text.contains("Tariff"), "its values are still shown");
        owner.submit(page, &format!("{one}/restore"), &[]).await.expect(303);
        owner.submit(page, &format!("{one}/archive"), &[]).await.expect(303);
        owner.submit(page, &format!("{one}/delete"), &[]).await.expect(303);
        assert_eq!(owner.get(&values).await.data(), &json!({"vip": false}));
    }
}

//! Cells of the table of contacts, edited in their place.

use reqwest::Method;
use serde_json::json;
use support::{Answer, Client, TestApp, both_databases, unchanged};

/// A part of a page, as the script of the table asks for it.
async fn part(client: &Client, path: &str) -> Answer {
    Answer::of(client.request(Method::GET, path).header("HX-Request-Type", "partial")).await
}

async fn save(client: &Client, path: &str, fields: &[(&str, &str)]) -> Answer {
    let request = client.request(Method::POST, path).header("HX-Request-Type", "partial");
    Answer::of(request.form(fields)).await
}

/// The value of the hidden input of this name.
fn hidden(answer: &Answer, name: &str) -> String {
    let (_, rest) = answer.text.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    let value = rest.split('"').next().unwrap();
    value.replace("&quot;", "\"").replace("&amp;", "&").replace("&#x27;", "'")
}

both_databases! {
    async fn a_cell_is_opened_and_saved(app: TestApp) {
        let owner = app.owner().await;
        let me = owner.get("/api/auth/me").await.data()["user"]["id"].as_str().unwrap().to_owned();
        for (name, kind) in [("plan", "select"), ("vip", "boolean"), ("since", "date"), ("seats", "number")] {
            let options = if kind == "select" { json!(["Basic", "Pro"]) } else { json!([]) };
            let field = json!({"label": name, "name": name, "field_type": kind, "options": options});
            owner.post("/api/custom-definitions", field).await.expect(201);
        }
        let stages: Vec<String> = owner.get("/api/lists").await.data().as_array().unwrap().iter()
            .filter(|list| list["is_primary"] == true)
            .map(|list| list["id"].as_str().unwrap().to_owned())
            .collect();
        let tag = owner.post("/api/lists", json!({"name": "Fair"})).await.id();
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada", "company": "A & \"B\"", "list_ids": [tag]})).await.id();
        let table = owner.get("/contacts").await;
        let pencil = format!("href=\"/contacts/{ada}/edit#f-company\"");
        assert!(table.expect(200).text.contains(&pencil), "{}", table.text);

        let cell = format!("/contacts/{ada}/cells/company");
        let open = part(&owner, &cell).await;
        assert!(open.expect(200).text.contains("value=\"A &amp; &quot;B&quot;\""), "{}", open.text);
        assert!(!open.text.contains("<html"), "{}", open.text);
        let (version, seen) = (hidden(&open, "version"), hidden(&open, "seen"));
        let saved = save(&owner, &cell, &[("version", &version), ("seen", &seen), ("company", "Mill")]).await;
        assert!(saved.expect(200).text.starts_with(&format!("<tr data-row=\"{ada}\"")), "{}", saved.text);
        assert!(saved.text.contains("Mill"));

        for (column, fields, api) in [
            ("name", vec![("first_name", "Adah"), ("last_name", "Byron")], ("last_name", json!("Byron"))),
            ("email", vec![("primary_email", "ADA@Example.org")], ("primary_email", json!("ada@example.org"))),
            ("phone", vec![("primary_phone", "+43 664 1234567")], ("primary_phone", json!("+436641234567"))),
            ("value", vec![("value", "1,250.50")], ("value_minor", json!(125_050))),
            ("owner", vec![("owner_id", me.as_str())], ("owner_id", json!(me))),
            ("custom.plan", vec![("custom.plan", "Pro")], ("custom", json!({"plan": "Pro"}))),
            ("custom.seats", vec![("custom.seats", "7")], ("custom", json!({"plan": "Pro", "seats": 7}))),
            ("custom.vip", vec![("custom.vip", "true")], ("custom", json!({"plan": "Pro", "seats": 7, "vip": true}))),
            ("custom.vip", vec![("custom.vip", "")], ("custom", json!({"plan": "Pro", "seats": 7, "vip": false}))),
            ("custom.seats", vec![("custom.seats", "")], ("custom", json!({"plan": "Pro", "vip": false}))),
        ] {
            let cell = format!("/contacts/{ada}/cells/{column}");
            let version = hidden(part(&owner, &cell).await.expect(200), "version");
            let fields: Vec<_> = fields.into_iter().chain([("version", version.as_str())]).collect();
            save(&owner, &cell, &fields).await.expect(200);
            assert_eq!(owner.get(&format!("/api/contacts/{ada}")).await.data()[api.0], api.1, "{column}");
        }
        let cell = format!("/contacts/{ada}/cells/stage");
        save(&owner, &cell, &[("stage_id", &stages[1])]).await.expect(200);
        let lists = owner.get(&format!("/api/contacts/{ada}")).await.data()["lists"].to_string();
        assert!(lists.contains(&stages[1]) && lists.contains(&tag), "the tags stay: {lists}");

        for column in ["tags", "updated_at", "custom.nothing", "id"] {
            part(&owner, &format!("/contacts/{ada}/cells/{column}")).await.expect(404);
        }
        // Without script: the form of the contact, at the field.
        let led = owner.get(&format!("/contacts/{ada}/cells/custom.plan")).await;
        assert_eq!(led.expect(303).header("location"), format!("/contacts/{ada}/edit#f-custom.plan"));
        let form = owner.get(&format!("/contacts/{ada}/edit")).await;
        assert!(form.expect(200).text.contains("id=\"f-custom.plan\""), "{}", form.text);
    }

    async fn what_is_wrong_keeps_what_was_typed(app: TestApp) {
        let owner = app.owner().await;
        owner.post("/api/contacts", json!({"first_name": "Bob", "primary_email": "bob@example.org"})).await.expect(201);
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada"})).await.id();
        let refused = |column: &'static str, name: &'static str, value: &'static str| {
            let (owner, ada) = (owner.clone(), ada.clone());
            async move { save(&owner, &format!("/contacts/{ada}/cells/{column}"), &[(name, value), ("version", "1")]).await }
        };
        for (column, name, value, status, words) in [
            ("email", "primary_email", "ada@", 422, "mail"),
            ("email", "primary_email", "bob@example.org", 409, "Bob has this e-mail address already"),
            ("phone", "primary_phone", "12", 422, "phone number"),
            ("value", "value", "a lot", 422, "Enter an amount"),
            ("name", "first_name", "", 422, "name"),
            ("owner", "owner_id", "nobody", 422, "no member"),
        ] {
            let answer = unchanged(app.db(), refused(column, name, value)).await;
            assert!(answer.expect(status).text.contains(words), "{column}: {}", answer.text);
            assert!(answer.text.contains(&format!("value=\"{value}\"")), "{column}: {}", answer.text);
            assert!(answer.text.contains("role=\"alert\"") && !answer.text.contains("Keep mine"), "{}", answer.text);
        }
        // The same without script is the whole form.
        let cell = format!("/contacts/{ada}/cells/email");
        let whole = unchanged(app.db(), owner.submit("/contacts/new", &cell, &[("primary_email", "ada@")])).await;
        assert!(whole.expect(422).text.contains("value=\"ada@\"") && whole.text.contains("value=\"Ada\""), "{}", whole.text);
    }

    async fn both_versions_of_a_cell_are_shown(app: TestApp) {
        let owner = app.owner().await;
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada", "company": "First"})).await.id();
        let cell = format!("/contacts/{ada}/cells/company");
        let open = part(&owner, &cell).await;
        let (version, seen) = (hidden(&open, "version"), hidden(&open, "seen"));
        owner.patch(&format!("/api/contacts/{ada}"), json!({"company": "Theirs"})).await.expect(200);
        let mine = [("version", version.as_str()), ("seen", &seen), ("company", "Mine")];
        let clash = unchanged(app.db(), save(&owner, &cell, &mine)).await;
        for words in ["value=\"Mine\"", "<bdi>Mine</bdi>", "<bdi>Theirs</bdi>", "You</bdi></b> changed this", "Keep mine", "Take theirs"] {
            assert!(clash.expect(409).text.contains(words), "{words}: {}", clash.text);
        }
        let (version, seen) = (hidden(&clash, "version"), hidden(&clash, "seen"));
        let again = |take: &'static str| {
            [("version", version.clone()), ("seen", seen.clone()), ("company", "Mine".to_owned()),
             ("differs", "company".to_owned()), ("take", take.to_owned())]
        };
        let company = async || owner.get(&format!("/api/contacts/{ada}")).await.data()["company"].clone();
        let theirs = again("theirs");
        let theirs: Vec<_> = theirs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        save(&owner, &cell, &theirs).await.expect(200);
        assert_eq!(company().await, "Theirs");
        let mine = again("");
        let mine: Vec<_> = mine.iter().map(|(name, value)| (*name, value.as_str())).collect();
        save(&owner, &cell, &mine).await.expect(200);
        assert_eq!(company().await, "Mine");
        // Who wants what is there already has nothing to decide.
        save(&owner, &cell, &[("version", "1"), ("company", "Mine")]).await.expect(200);
        // Another cell is no less a change of the contact.
        unchanged(app.db(), save(&owner, &format!("/contacts/{ada}/cells/phone"), &[("version", "1"), ("primary_phone", "+436641234567")])).await.expect(409);
    }

    async fn what_is_to_be_done_next_is_a_column(app: TestApp) {
        let owner = app.owner().await;
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada"})).await.id();
        for (title, due) in [("later", "2090-01-01T09:00:00Z"), ("call <b>", "2020-01-01T09:00:00Z")] {
            owner.post("/api/tasks", json!({"contact_id": ada, "title": title, "due_at": due})).await.expect(201);
        }
        assert!(!owner.get("/contacts").await.text.contains("call &lt;b&gt;"), "shown where it is asked for only");
        owner.submit("/contacts", "/contacts/columns", &[("column", "next"), ("column", "stage")]).await.expect(303);
        let table = owner.get("/contacts").await;
        assert!(table.text.contains("Next step") && table.text.contains("overdue since"), "{}", table.text);
        assert!(table.text.contains("call &lt;b&gt;") && !table.text.contains("later"), "{}", table.text);
        let saved = save(&owner, &format!("/contacts/{ada}/cells/name"), &[("first_name", "Eve")]).await;
        assert!(saved.expect(200).text.contains("call &lt;b&gt;"), "{}", saved.text);
    }
}

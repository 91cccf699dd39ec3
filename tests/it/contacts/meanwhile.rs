//! Forms of what somebody else changed since they were opened: both versions are shown, and neither is lost unseen.

use serde_json::{Value, json};
use support::{Answer, Client, TestApp, both_databases, unchanged};

/// The fields of the form a page has, as a browser fills them.
fn fields(page: &Answer, names: &[&str]) -> Vec<(String, String)> {
    let value = |name: &&str| {
        let (_, rest) = page.text.split_once(&format!("name=\"{name}\""))?;
        let tag = rest.split('>').next()?;
        let (_, rest) = tag.split_once("value=\"")?;
        let value = rest.split('"').next()?;
        let value = value.replace("&quot;", "\"").replace("&amp;", "&");
        Some(((*name).to_owned(), value))
    };
    names.iter().filter_map(value).collect()
}

async fn post(
    client: &Client,
    path: &str,
    fields: &[(String, String)],
    other: &[(&str, &str)],
) -> Answer {
    let kept = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let kept = kept.filter(|(name, _)| other.iter().all(|(another, _)| another != name));
    let all: Vec<_> = kept.chain(other.iter().copied()).collect();
    client.submit("/contacts/new", path, &all).await
}

const CONTACT: [&str; 8] = [
    "version",
    "seen",
    "first_name",
    "last_name",
    "primary_email",
    "primary_phone",
    "company",
    "value",
];

both_databases! {
    async fn a_contact_two_people_edit(app: TestApp) {
        let owner = app.owner().await;
        let vip = owner.post("/api/lists", json!({"name": "Vip"})).await.id();
        let ada = json!({"first_name": "Ada", "company": "First", "value_minor": 100_000});
        let ada = owner.post("/api/contacts", ada).await.id();
        let path = format!("/contacts/{ada}");
        let api = format!("/api/contacts/{ada}");
        let opened = fields(owner.get(&format!("{path}/edit")).await.expect(200), &CONTACT);
        assert_eq!(opened.len(), CONTACT.len(), "{opened:?}");
        let theirs = json!({"company": "Theirs", "primary_phone": "+436641234567", "list_ids": [vip]});
        owner.patch(&api, theirs).await.expect(200);

        let mine = [("company", "Mine"), ("last_name", "Byron")];
        let clash = unchanged(app.db(), post(&owner, &path, &opened, &mine)).await;
        let page = &clash.expect(409).text;
        for words in [
            "changed this", "<dt>Company</dt>", "<bdi>Mine</bdi>", "<bdi>Theirs</bdi>", "Keep mine", "Take theirs",
            // What I left alone is shown as they left it, what they left alone as I typed it.
            "Below as they left it: <bdi>Phone</bdi>, <bdi>Tags</bdi>", "value=\"+436641234567\"", "value=\"Byron\"", "value=\"Mine\"",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let again = fields(&clash, &CONTACT);
        let ticked = ("list_ids", vip.as_str());

        // A mistake on the way forgets neither the version nor what was seen.
        let wrong = unchanged(app.db(), post(&owner, &path, &again, &[("primary_email", "x@"), ticked])).await;
        assert_eq!(fields(wrong.expect(422), &["version", "seen"]), again[..2], "{}", wrong.text);

        let theirs = [("company", "Mine"), ("differs", "company"), ("take", "theirs"), ticked];
        post(&owner, &path, &again, &theirs).await.expect(303);
        let stored = owner.get(&api).await;
        let stored = stored.data();
        assert_eq!((&stored["company"], &stored["last_name"]), (&json!("Theirs"), &json!("Byron")));
        assert_eq!(stored["primary_phone"], "+436641234567");
        assert!(stored["lists"].to_string().contains(&vip));

        // Mine, knowing theirs.
        let clash = post(&owner, &path, &opened, &[("company", "Mine"), ticked]).await;
        let again = fields(clash.expect(409), &CONTACT);
        post(&owner, &path, &again, &[("differs", "company"), ticked]).await.expect(303);
        assert_eq!(owner.get(&api).await.data()["company"], "Mine");

        // Who changed it is named.
        assert!(clash.text.contains("<bdi>You</bdi>"), "{}", clash.text);
    }

    async fn a_list_two_people_edit(app: TestApp) {
        let owner = app.owner().await;
        let id = owner.post("/api/lists", json!({"name": "Fair", "color": 2})).await.id();
        let seen = r#"{"color":"2","name":"Fair"}"#;
        owner.put(&format!("/api/lists/{id}"), json!({"name": "Fairs", "color": 3})).await.expect(200);
        let path = format!("/lists/{id}");
        let mine = [("version", "1"), ("seen", seen), ("name", "Trade fair"), ("color", "2")];
        let clash = unchanged(app.db(), owner.submit("/lists", &path, &mine)).await;
        for words in ["<bdi>Trade fair</bdi>", "<bdi>Fairs</bdi>", "Below as they left it: <bdi>Colour</bdi>", "name=\"version\" value=\"2\""] {
            assert!(clash.expect(409).text.contains(words), "{words}: {}", clash.text);
        }
        let now = r#"{"color":"3","name":"Fairs"}"#;
        let keep = [("version", "2"), ("seen", now), ("name", "Trade fair"), ("color", "3"), ("differs", "name")];
        let take: Vec<_> = keep.into_iter().chain([("take", "theirs")]).collect();
        let stored = async || {
            let list = owner.get(&format!("/api/lists/{id}")).await;
            (list.data()["name"].clone(), list.data()["color"].clone())
        };
        owner.submit("/lists", &path, &take).await.expect(303);
        assert_eq!(stored().await, (json!("Fairs"), json!(3)));
        let keep = [("version", "3"), ("seen", now), ("name", "Trade fair"), ("color", "3"), ("differs", "name")];
        owner.submit("/lists", &path, &keep).await.expect(303);
        assert_eq!(stored().await, (json!("Trade fair"), json!(3)));
    }

    async fn a_custom_field_two_people_edit(app: TestApp) {
        let owner = app.owner().await;
        let field = json!({"label": "Plan", "name": "plan", "field_type": "select", "options": ["Basic", "Pro"]});
        let id = owner.post("/api/custom-definitions", field).await.id();
        let path = format!("/settings/fields/{id}");
        let api = format!("/api/custom-definitions/{id}");
        let opened = fields(owner.get(&path).await.expect(200), &["version", "seen", "label"]);
        owner.put(&api, json!({"label": "Tariff", "options": ["Basic", "Pro", "Gold"]})).await.expect(200);
        // Lines end as browsers end them.
        let clash = unchanged(app.db(), post(&owner, &path, &opened, &[("label", "Contract"), ("options", "Basic\r\nPro")])).await;
        for words in ["<bdi>Contract</bdi>", "<bdi>Tariff</bdi>", "Below as they left it: <bdi>Choices</bdi>", "Pro\nGold</textarea>"] {
            assert!(clash.expect(409).text.contains(words), "{words}: {}", clash.text);
        }
        let again = fields(&clash, &["version", "seen", "label"]);
        post(&owner, &path, &again, &[("options", "Basic\r\nPro\r\nGold"), ("differs", "label")]).await.expect(303);
        let stored = owner.get(&api).await;
        assert_eq!((&stored.data()["label"], &stored.data()["options"]), (&json!("Contract"), &json!(["Basic", "Pro", "Gold"])));
    }

    async fn a_task_two_people_change(app: TestApp) {
        let owner = app.owner().await;
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada"})).await.id();
        let id = owner.post("/api/tasks", json!({"contact_id": ada, "title": "Call", "due_at": "2090-01-01T09:00:00Z"})).await.id();
        let page = owner.get("/tasks").await;
        assert_eq!(fields(page.expect(200), &["version"]), [("version".to_owned(), "1".to_owned())]);
        let api = format!("/api/tasks/{id}");
        owner.patch(&api, json!({"due_at": "2091-05-06T09:00:00Z"})).await.expect(200);
        let tomorrow = format!("/tasks/{id}/tomorrow");
        let from = [("back", "tasks"), ("version", "1")];
        let clash = unchanged(app.db(), owner.submit("/tasks", &tomorrow, &from)).await;
        for words in ["<dt>Call</dt>", "open, due 2091-05-06", "Keep mine", "href=\"/tasks\">Take theirs", "name=\"version\" value=\"2\""] {
            assert!(clash.expect(409).text.contains(words), "{words}: {}", clash.text);
        }
        owner.submit("/tasks", &tomorrow, &[("back", "tasks"), ("version", "2")]).await.expect(303);
        assert!(!owner.get(&api).await.data()["due_at"].to_string().contains("2091"));
        // Done is done, whoever was first.
        owner.patch(&api, json!({"done": true})).await.expect(200);
        owner.submit("/contacts/new", &format!("/tasks/{id}/done"), &[("version", "3")]).await.expect(303);
    }

    async fn a_call_changed_in_two_windows(app: TestApp) {
        let owner = app.owner().await;
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada"})).await.id();
        let call = json!({"contact_id": ada, "type": "call", "content": {"duration": 5, "notes": "Asked"}});
        let id = owner.post("/api/logs", call).await.id();
        let path = format!("/logs/{id}");
        let opened = fields(owner.get(&format!("{path}/edit")).await.expect(200), &["version", "seen", "minutes", "when"]);
        assert_eq!(opened.len(), 4, "{opened:?}");
        let theirs = json!({"content": {"duration": 7, "notes": "Asked twice"}});
        owner.patch(&format!("/api{path}"), theirs).await.expect(200);
        let mine = [("notes", "Asked\r\nand paid")];
        let clash = unchanged(app.db(), post(&owner, &path, &opened, &mine)).await;
        for words in ["<dt>What was said</dt>", "<bdi>Asked twice</bdi>", "Below as they left it: <bdi>Minutes</bdi>", "value=\"7\"", "and paid</textarea>"] {
            assert!(clash.expect(409).text.contains(words), "{words}: {}", clash.text);
        }
        let again = fields(&clash, &["version", "seen", "minutes", "when"]);
        // A mistake on the way forgets nothing.
        let wrong = unchanged(app.db(), post(&owner, &path, &again, &[("minutes", "x"), mine[0]])).await;
        assert_eq!(fields(wrong.expect(422), &["version", "seen"]), again[..2]);
        let stored = async || owner.get(&format!("/api{path}")).await.data()["content"].clone();
        post(&owner, &path, &again, &[mine[0], ("differs", "notes"), ("take", "theirs")]).await.expect(303);
        assert_eq!(stored().await, json!({"type": "call", "duration": 7, "notes": "Asked twice"}));
        let clash = post(&owner, &path, &opened, &mine).await;
        let again = fields(clash.expect(409), &["version", "seen", "minutes", "when"]);
        post(&owner, &path, &again, &[mine[0], ("differs", "notes")]).await.expect(303);
        assert_eq!(stored().await["notes"].as_str().unwrap().replace("\r\n", "\n"), "Asked\nand paid");
    }

    async fn a_template_two_people_edit(app: TestApp) {
        let owner = app.owner().await;
        let long = format!("<p>{}</p>", "A word of it. ".repeat(60));
        let new = json!({"name": "Offer", "channel": "email", "format": "html", "subject": "Hello", "body_html": format!("{long}<p>End</p>")});
        let id = owner.post("/api/templates", new.clone()).await.id();
        let path = format!("/templates/{id}");
        let change = |subject: &str, end: &str| {
            let mut change = new.clone();
            (change["subject"], change["body_html"]) = (json!(subject), json!(format!("{long}<p>{end}</p>")));
            change
        };
        owner.put(&format!("/api{path}"), change("Good day", "Their end")).await.expect(200);
        // Only the message was changed here; browsers end lines in their own way.
        let mine = format!("{long}<p>My\r\nend</p>");
        let form = |version: &'static str, more: &[(&'static str, &'static str)], subject: &'static str| {
            let mut all = vec![("version", version), ("mode", "source"), ("format", "html"), ("name", "Offer"), ("subject", subject), ("body_html", mine.as_str())];
            all.extend_from_slice(more);
            all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
        };
        let clash = unchanged(app.db(), post(&owner, &path, &form("1", &[], "Hello"), &[])).await;
        let page = &clash.expect(409).text;
        for words in ["<dt>Message</dt>", "Their end", "Keep mine", "Below as they left it: <bdi>Subject</bdi>", "value=\"Good day\"", "name=\"version\" value=\"2\"", "My\nend"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(page.contains("<bdi>…") && !page.contains(&format!("<bdi>{long}")), "what differs is shown, not all of it");

        let stored = async || {
            let template = owner.get(&format!("/api{path}")).await;
            (template.data()["subject"].clone(), template.data()["body_html"].as_str().unwrap().to_owned())
        };
        let take = [("differs", "body"), ("take", "theirs")];
        post(&owner, &path, &form("2", &take, "Good day"), &[]).await.expect(303);
        let (subject, body) = stored().await;
        assert_eq!((subject, body.ends_with("<p>Their end</p>")), (json!("Good day"), true));
        let keep = [("differs", "body")];
        post(&owner, &path, &form("3", &keep, "Good day"), &[]).await.expect(303);
        assert!(stored().await.1.contains("My"), "{:?}", stored().await);
    }

    /// The colleague who was first is named to who comes second.
    async fn it_says_who(app: TestApp) {
        let owner = app.owner().await;
        let workspace = owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        let sara = app.person(&owner, &workspace, "sara@example.com", "editor").await;
        let name: Value = sara.get("/api/auth/me").await.data()["user"]["name"].clone();
        let ada = owner.post("/api/contacts", json!({"first_name": "Ada"})).await.id();
        sara.patch(&format!("/api/contacts/{ada}"), json!({"company": "Sara's"})).await.expect(200);
        let mine = [("version", "1"), ("first_name", "Eve")];
        let clash = owner.submit("/contacts/new", &format!("/contacts/{ada}"), &mine).await;
        let said = format!("<bdi>{}</bdi></b> changed this", name.as_str().unwrap());
        assert!(clash.expect(409).text.contains(&said), "{said}: {}", clash.text);
    }
}

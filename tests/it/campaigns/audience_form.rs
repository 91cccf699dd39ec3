//! The audience in the form of a campaign: lists and saved segments to write to, and such to leave out.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use support::{Client, TestApp, both_databases};

async fn run(app: &TestApp, sql: &str) {
    app.db().raw().execute_unprepared(sql).await.unwrap();
}

async fn tag(owner: &Client, name: &str) -> String {
    owner.post("/api/lists", json!({"name": name, "is_primary": false})).await.expect(201).id()
}

async fn person(owner: &Client, name: &str, lists: &[&str]) {
    let body = json!({"first_name": name, "primary_email": format!("{name}@example.com"), "company": "Rye", "list_ids": lists});
    owner.post("/api/contacts", body).await.expect(201);
}

async fn stored(owner: &Client, id: &str) -> Value {
    owner.get(&format!("/api/campaigns/{id}")).await.expect(200).data()["segment_json"].clone()
}

both_databases! {
    async fn lists_and_segments_are_put_together_and_left_out(app: TestApp) {
        let owner = app.owner().await;
        let (bakery, organic, gone) = (tag(&owner, "bakery").await, tag(&owner, "organic").await, tag(&owner, "gone").await);
        person(&owner, "ada", &[&bakery]).await;
        person(&owner, "bob", &[&bakery, &gone]).await;
        person(&owner, "cy", &[&organic]).await;
        person(&owner, "dee", &[]).await;
        let rule = json!({"field": "first_name", "op": "eq", "value": "dee"});
        let saved = owner.post("/api/segments", json!({"name": "Only Dee", "segment_json": rule})).await.expect(201).id();

        let fields = [("name", "News"), ("audience", "lists"), ("time_zone", "UTC"), ("list_ids", bakery.as_str()),
            ("segment_ids", saved.as_str()), ("exclude_list_ids", gone.as_str())];
        let counted = owner.submit("/campaigns/new", "/campaigns/audience", &fields).await;
        assert!(counted.expect(200).text.replace('\u{a0}', " ").contains("2 people"), "{}", counted.text);
        let made = owner.submit("/campaigns/new", "/campaigns", &fields).await;
        let id = made.expect(303).header("location").rsplit('/').next().unwrap().to_owned();
        let expected = json!({"all": [{"any": [{"list": bakery}, rule]}, {"not": {"list": gone}}]});
        assert_eq!(stored(&owner, &id).await, expected);
        let review = owner.get(&format!("/campaigns/{id}")).await.expect(200).text.clone();
        assert!(review.contains("bakery, Only Dee, without gone"), "{review}");

        // The form shows what it was filled with, and sent again it changes nothing.
        let edit = owner.get(&format!("/campaigns/{id}/edit")).await.expect(200).text.clone();
        for (name, value) in [("list_ids", &bakery), ("segment_ids", &saved), ("exclude_list_ids", &gone)] {
            let ticked = format!("name=\"{name}\" value=\"{value}\" checked");
            assert!(edit.contains(&ticked), "{ticked}");
        }
        assert!(!edit.contains(&format!("name=\"list_ids\" value=\"{organic}\" checked")));

        // Everybody but those of a list; and a rule less those of a list.
        let form = format!("/campaigns/{id}/edit");
        let all = [("name", "News"), ("audience", "everyone"), ("time_zone", "UTC"), ("exclude_list_ids", gone.as_str())];
        owner.submit(&form, &format!("/campaigns/{id}"), &all).await.expect(303);
        assert_eq!(stored(&owner, &id).await, json!({"all": [{"not": {"list": gone}}]}));
        let ruled = [("name", "News"), ("audience", "advanced"), ("time_zone", "UTC"), ("exclude_list_ids", gone.as_str()),
            ("segment_json", r#"{"field": "company", "op": "eq", "value": "Rye"}"#)];
        owner.submit(&form, &format!("/campaigns/{id}"), &ruled).await.expect(303);
        let rye = json!({"field": "company", "op": "eq", "value": "Rye"});
        assert_eq!(stored(&owner, &id).await, json!({"all": [rye, {"not": {"list": gone}}]}));
        let edit = owner.get(&form).await.expect(200).text.clone();
        assert!(edit.contains("value=\"advanced\" checked") || edit.contains("value=\"advanced\"  checked"), "{edit}");

        // Nothing chosen, and strangers.
        let none = [("name", "News"), ("audience", "lists"), ("time_zone", "UTC")];
        let refused = owner.submit(&form, &format!("/campaigns/{id}"), &none).await;
        assert!(refused.expect(422).text.contains("hoose at least one list or segment"), "{}", refused.text);
        let strange = [("name", "News"), ("audience", "lists"), ("time_zone", "UTC"), ("segment_ids", id.as_str())];
        let refused = owner.submit(&form, &format!("/campaigns/{id}"), &strange).await;
        assert!(refused.expect(422).text.contains("here is no such segment"), "{}", refused.text);
    }

    async fn whoever_did_not_reply_is_written_to_again(app: TestApp) {
        let owner = app.owner().await;
        person(&owner, "ada", &[]).await;
        person(&owner, "bob", &[]).await;
        let body = json!({"name": "Spring", "type": "email", "segment_json": {"all": []}});
        let id = owner.post("/api/campaigns", body).await.expect(201).id();
        let early = owner.post(&format!("/api/campaigns/{id}/follow-up"), Value::Null).await;
        early.expect_error(409, "invalid_state");
        let unknown = json!({"segment_json": {"campaign": {"id": "018f2f4e-0000-7000-8000-000000000000", "op": "sent"}}});
        let refused = owner.post("/api/segments/preview", unknown).await;
        assert!(refused.expect(422).text.contains("018f2f4e-0000"), "{}", refused.text);

        let now = "2026-11-03T09:00:00.000Z";
        let workspace = app.db().texts("SELECT workspace_id FROM campaigns").await.remove(0);
        run(&app, &format!("UPDATE campaigns SET status = 'sent', started_at = '{now}', finished_at = '{now}' WHERE id = '{id}'")).await;
        let people = app.db().texts("SELECT id FROM base_contacts ORDER BY first_name").await;
        for (number, contact) in people.iter().enumerate() {
            let replied = if number == 0 { format!("'{now}'") } else { "NULL".to_owned() };
            run(&app, &format!(
                "INSERT INTO campaign_recipients (id, workspace_id, campaign_id, contact_id, channel, address, state, created_at, updated_at, sent_at, replied_at) \
                 VALUES ('{contact}', '{workspace}', '{id}', '{contact}', 'email', 'p{number}@example.com', 'sent', '{now}', '{now}', '{now}', {replied})"
            )).await;
        }
        let page = owner.get(&format!("/campaigns/{id}")).await.expect(200).text.clone();
        assert!(page.contains("Write to those who did not reply"), "{page}");
        let made = owner.submit(&format!("/campaigns/{id}"), &format!("/campaigns/{id}/follow-up"), &[]).await;
        let form = made.expect(303).header("location").to_owned();
        assert!(form.ends_with("/edit"), "{form}");
        let shown = owner.get(&form).await.expect(200).text.replace('\u{a0}', " ");
        for part in ["value=\"Spring: follow-up\"", "got and did not reply to “Spring”", "1 person"] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        let review = owner.get(form.trim_end_matches("/edit")).await.expect(200).text.clone();
        assert!(review.contains("Whoever got and did not reply to “Spring”"), "{review}");
        // The builder of segments has the same condition.
        let counted = owner.submit("/segments/new", "/segments/build", &[("join.0", "all"), ("on.0.0", "campaign"),
            ("op.0.0", "replied"), ("value.0.0", &id), ("do", "count")]).await;
        let counted = counted.expect(200).text.replace('\u{a0}', " ");
        assert!(counted.contains("1</b> of 2 contacts match") && counted.contains("Spring"), "{counted}");
    }

    async fn days_and_hours_are_read_shown_and_taken_away(app: TestApp) {
        let owner = app.owner().await;
        let window = json!({"days": [1, 2], "from": "09:00", "to": "17:00"});
        let body = json!({"name": "N", "type": "email", "segment_json": {"all": []},
            "schedule_json": {"timezone": "Europe/Vienna", "window": window}});
        let id = owner.post("/api/campaigns", body).await.expect(201).id();
        let (form, path) = (format!("/campaigns/{id}/edit"), format!("/campaigns/{id}"));
        let shown = owner.get(&form).await.expect(200).text.clone();
        for part in ["name=\"window_days\" value=\"2\" checked", "value=\"09:00\"", "value=\"17:00\"", "value=\"Europe/Vienna\""] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert!(!shown.contains("name=\"window_days\" value=\"3\" checked"));
        let base = [("name", "M"), ("audience", "everyone"), ("time_zone", "Europe/Vienna")];
        let sent = async |more: &[(&str, &str)]| {
            let fields: Vec<_> = base.iter().chain(more).copied().collect();
            owner.submit(&form, &path, &fields).await
        };
        let schedule = async || owner.get(&format!("/api/campaigns/{id}")).await.data()["schedule_json"].clone();
        let all = [("window_days", "1"), ("window_days", "2"), ("window_from", "09:00"), ("window_to", "17:00")];
        sent(&all).await.expect(303);
        assert_eq!(schedule().await, json!({"timezone": "Europe/Vienna", "window": window}));
        sent(&[("window_days", "6")]).await.expect(303);
        assert_eq!(schedule().await["window"], json!({"days": [6], "from": "00:00", "to": "23:59"}));
        sent(&[("window_from", "08:30"), ("window_to", "12:00")]).await.expect(303);
        assert_eq!(schedule().await["window"], json!({"days": [1, 2, 3, 4, 5, 6, 7], "from": "08:30", "to": "12:00"}));
        let before = schedule().await;
        for (wrong, said) in [
            (&[("window_from", "08:30")][..], "nter both times, or none"),
            (&[("window_from", "12:00"), ("window_to", "08:00")][..], "he window must end after it begins"),
        ] {
            let refused = sent(wrong).await;
            assert!(refused.expect(422).text.contains(said), "{}", refused.text);
            assert!(refused.text.contains("id=\"f-window_from-e\""), "{}", refused.text);
        }
        assert_eq!(schedule().await, before);
        sent(&[]).await.expect(303);
        assert_eq!(schedule().await, json!({}));
    }
}

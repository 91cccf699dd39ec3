//! Messages to one contact, over the API and from the contact's page.

use serde_json::{Value, json};
use support::{Client, TestApp, both_databases, unchanged};

async fn contact(owner: &Client) -> String {
    let new = json!({"first_name": "Ada", "primary_email": "ada@example.org"});
    owner.post("/api/contacts", new).await.expect(201).id()
}

both_databases! {
    async fn a_message_is_written_looked_at_and_taken_back(app: TestApp) {
        let owner = app.owner().await;
        let ada = contact(&owner).await;
        let path = format!("/api/contacts/{ada}/messages");
        let letter = json!({"channel": "email", "subject": "Hi {{ contact.first_name }}", "body": "All is well."});
        let made = owner.post(&path, letter.clone()).await;
        assert_eq!((&made.expect(202).data()["state"], &made.data()["to"]), (&json!("held"), &json!("ada@example.org")));
        assert!(made.data()["held_until"].is_string());
        let here = format!("/api/messages/{}", made.id());
        assert_eq!(owner.get(&here).await.expect(200).data()["body"], "All is well.");
        assert_eq!(owner.delete(&here).await.expect(200).data()["state"], "undone");
        owner.delete(&here).await.expect_error(409, "invalid_state");
        assert_eq!(owner.get("/api/campaigns").await.body["meta"]["total"], 0);

        let wrong = owner.post(&path, json!({"channel": "email", "subject": "S", "body": "{{ contact.shoe }}"})).await;
        wrong.expect_error(422, "validation_failed");
        assert!(wrong.body["error"]["fields"]["body"].is_string(), "{}", wrong.text);
        let text = owner.post(&path, json!({"channel": "text", "body": "hi"})).await;
        assert!(text.expect(422).body["error"]["fields"]["channel"].is_string());
        owner.post("/api/contacts/018f0000-0000-7000-8000-000000000000/messages", letter).await.expect(404);
        let nobody = owner.post("/api/contacts", json!({"first_name": "Eve"})).await.id();
        let refused = owner.post(&format!("/api/contacts/{nobody}/messages"), json!({"channel": "email", "subject": "S", "body": "B"})).await;
        assert!(refused.expect(422).body["error"]["fields"]["channel"].is_string());
    }

    async fn a_template_is_sent_as_it_is(app: TestApp) {
        let owner = app.owner().await;
        let ada = contact(&owner).await;
        let template = json!({"name": "Thanks", "subject": "Thank you {{ contact.first_name }}", "body_html": "<p>Thanks</p>"});
        let template = owner.post("/api/templates", template).await.id();
        let made = owner.post(&format!("/api/contacts/{ada}/messages"), json!({"channel": "email", "template_id": template})).await;
        assert_eq!(made.expect(202).data()["subject"], "Thank you {{ contact.first_name }}");
        owner.delete(&format!("/api/messages/{}", made.id())).await.expect(200);
        let stranger = json!({"channel": "email", "template_id": "018f0000-0000-7000-8000-000000000000"});
        let refused = owner.post(&format!("/api/contacts/{ada}/messages"), stranger).await;
        assert!(refused.expect(422).body["error"]["fields"]["template_id"].is_string());
    }

    async fn a_suppressed_address_is_refused_with_the_reason(app: TestApp) {
        let owner = app.owner().await;
        let ada = contact(&owner).await;
        let path = format!("/api/contacts/{ada}/messages");
        let letter = |despite: bool| json!({"channel": "email", "subject": "S", "body": "B", "despite_unsubscribed": despite});
        let suppress = async |reason: &str| {
            let new = json!({"channel": "email", "address": "ada@example.org", "reason": reason});
            owner.post("/api/suppressions", new).await.expect(201).id()
        };
        let bounced = suppress("bounced").await;
        let refused = unchanged(app.db(), owner.post(&path, letter(true))).await;
        refused.expect_error(409, "suppressed");
        assert!(refused.text.contains("refused for good"), "{}", refused.text);
        assert!(owner.get(&format!("/contacts/{ada}?write=email")).await.expect(200).text.contains("Nothing can be sent"));
        owner.delete(&format!("/api/suppressions/{bounced}")).await.expect(200);
        suppress("unsubscribed").await;
        owner.post(&path, letter(false)).await.expect_error(409, "unsubscribed");
        let page = owner.submit(&format!("/contacts/{ada}?write=email"), &format!("/contacts/{ada}/messages"), &[("subject", "S"), ("body", "B")]).await;
        assert!(page.expect(409).text.contains("despite_unsubscribed") && page.text.contains("This person unsubscribed"));
        let made = owner.post(&path, letter(true)).await;
        owner.delete(&format!("/api/messages/{}", made.expect(202).id())).await.expect(200);
    }

    async fn the_page_writes_shows_and_takes_back(app: TestApp) {
        let owner = app.owner().await;
        let ada = contact(&owner).await;
        let page = format!("/contacts/{ada}?write=email");
        let template = json!({"name": "Thanks", "subject": "Thank you", "body_html": "<p>Dear {{ contact.first_name }}</p>"});
        let template = owner.post("/api/templates", template).await.id();
        let begun = owner.get(&format!("{page}&template={template}")).await;
        assert!(begun.expect(200).text.contains("Dear Ada") && !begun.text.contains("Unsubscribe:"), "{}", begun.text);

        let action = format!("/contacts/{ada}/messages");
        let wrong = owner.submit(&page, &action, &[("subject", ""), ("body", "kept text")]).await;
        assert!(wrong.expect(422).text.contains("kept text"));
        owner.submit(&page, &action, &[("subject", "Offer"), ("body", "kept text")]).await.expect(303);
        let shown = owner.get(&format!("/contacts/{ada}")).await;
        let id = app.db().texts("SELECT id FROM campaign_recipients").await.remove(0);
        assert!(shown.text.contains("Offer") && shown.text.contains(&format!("/messages/{id}/undo")));
        let undone = owner.submit(&page, &format!("/messages/{id}/undo"), &[]).await;
        let back = undone.expect(303).header("location").to_owned();
        let again = owner.get(back.split('#').next().unwrap()).await;
        assert!(again.expect(200).text.contains("kept text") && again.text.contains("Nothing was sent"));
        let late = owner.submit(&page, &format!("/messages/{id}/undo"), &[("back", "/contacts")]).await;
        assert_eq!(late.expect(303).header("location"), "/contacts");
        assert!(owner.get("/contacts").await.text.contains("left already"));
        owner.submit(&page, &format!("/messages/{id}/decide"), &[("decision", "release"), ("back", "//evil.example")]).await.expect(303);
    }

    async fn who_only_reads_writes_no_messages(app: TestApp) {
        let owner = app.owner().await;
        let workspace = owner.get("/api/workspaces").await.data()[0]["id"].as_str().unwrap().to_owned();
        let ada = contact(&owner).await;
        let viewer = app.person(&owner, &workspace, "viewer@example.com", "viewer").await;
        let page = viewer.get(&format!("/contacts/{ada}?write=email")).await;
        assert!(!page.expect(200).text.contains("name=\"body\""));
        let letter = json!({"channel": "email", "subject": "S", "body": "B"});
        viewer.post(&format!("/api/contacts/{ada}/messages"), letter).await.expect_error(403, "forbidden");
        viewer.post("/api/messages/018f0000-0000-7000-8000-000000000000/decide", json!({"decision": "release"})).await.expect(403);
    }

    async fn erasing_a_person_takes_their_messages_along(app: TestApp) {
        let owner = app.owner().await;
        let ada = contact(&owner).await;
        let letter = json!({"channel": "email", "subject": "Zanzibar", "body": "secret zanzibar"});
        let made = owner.post(&format!("/api/contacts/{ada}/messages"), letter).await;
        owner.post(&format!("/api/contacts/{ada}/erase"), json!({"confirm": "erase"})).await.expect(200);
        owner.get(&format!("/api/messages/{}", made.expect(202).id())).await.expect(404);
        let left = app.db().texts("SELECT CAST(content_json AS text) FROM campaigns").await;
        assert_eq!(left, Vec::<String>::new());
        let _: Value = owner.get("/api/audit/verify").await.data().clone();
    }

    async fn removing_a_person_for_good_takes_their_messages_along(app: TestApp) {
        let owner = app.owner().await;
        let ada = contact(&owner).await;
        let letter = json!({"channel": "email", "subject": "Zanzibar", "body": "secret zanzibar"});
        owner.post(&format!("/api/contacts/{ada}/messages"), letter).await.expect(202);
        let left = async || app.db().texts("SELECT CAST(content_json AS text) FROM campaigns").await.len();
        owner.delete(&format!("/api/contacts/{ada}")).await.expect(200);
        // It may be brought back as long as it is in the trash.
        assert_eq!(left().await, 1);
        owner.delete(&format!("/api/contacts/trash/{ada}")).await.expect(200);
        assert_eq!(left().await, 0);
    }
}

mod time {
    use std::sync::Arc;

    use crm_campaigns::Messages;
    use crm_campaigns::campaigns::ContactLedger;
    use crm_campaigns::messages::NewMessage;
    use crm_campaigns::templates::Channel;
    use crm_contacts::trash::SeaTrash;
    use crm_contacts::{Contacts, Trash};
    use support::both_databases;

    use crate::campaigns::desk::Desk;

    both_databases! {
        async fn a_trash_that_is_emptied_takes_the_messages_along(desk: Desk) {
            let messages = &desk.messages;
            let letter = |subject: &str| NewMessage {
                channel: Channel::Email,
                subject: subject.to_owned(),
                body: "secret zanzibar".to_owned(),
                template_id: None,
                despite_unsubscribed: false,
            despite_quiet_hours: false,
            };
            let ada = desk.contact("Ada", "ada@example.com").await;
            let bob = desk.contact("Bob", "bob@example.com").await;
            messages.send(&desk.here, ada.id, letter("To Ada")).await.unwrap().unwrap();
            messages.send(&desk.here, bob.id, letter("To Bob")).await.unwrap().unwrap();
            desk.contacts.delete(&desk.here, ada.id).await.unwrap();
            desk.run("UPDATE contact_trash SET deleted_at = '2026-10-03T09:00:00.000Z'").await;
            desk.contacts.delete(&desk.here, bob.id).await.unwrap();
            let trash = SeaTrash::new(desk.ctx.clone(), Arc::new(ContactLedger::new(desk.ctx.clone())));
            assert_eq!(trash.empty_due().await.unwrap(), 1);
            let left = desk.db.texts("SELECT CAST(content_json AS text) FROM campaigns").await;
            assert!(left.len() == 1 && left[0].contains("To Bob"), "{left:?}");
            // Bob is still in it, with what was written to him.
            trash.restore(&desk.here, bob.id).await.unwrap();
        }
    }
}

//! `/settings/audit`

use serde_json::{Value, json};
use support::process::OWNER_EMAIL;
use support::{TestApp, both_databases};

use super::{run, unguard};

both_databases! {
    async fn the_page_tells_who_did_what_in_sentences(app: TestApp) {
        let owner = app.owner().await;
        let body = json!({"name": "T", "subject": "S", "body_html": "<p>B</p>"});
        let template = owner.post("/api/templates", body).await.expect(201).id();
        let contact = json!({"first_name": "Ada", "last_name": "<b>", "primary_email": "ada@example.com"});
        owner.post("/api/contacts", contact).await.expect(201);
        let body = json!({"name": "Spring news", "type": "email", "template_id": template, "segment_json": {"all": []}});
        let campaign = owner.post("/api/campaigns", body).await.expect(201).id();
        owner.post(&format!("/api/campaigns/{campaign}/submit"), Value::Null).await.expect(200);
        owner.post(&format!("/api/campaigns/{campaign}/approve"), json!({})).await.expect(200);
        app.client().post("/api/auth/login", json!({"email": OWNER_EMAIL, "password": "x"})).await.expect(401);

        let page = owner.get("/settings/audit").await;
        let text = plain(&page.expect(200).text);
        for sentence in [
            "Andy approved campaign Spring news",
            "Andy made contact Ada &lt;b&gt;",
            "Andy made template T",
            "Andy signed in",
            "Somebody failed to sign in as andy@example.com",
        ] {
            assert!(text.contains(sentence), "{sentence}: {text}");
        }
        assert!(page.text.contains(&format!("href=\"/campaigns/{campaign}\"")), "{}", page.text);

        let only = plain(&owner.get("/settings/audit?action=campaign.approved").await.text);
        assert!(only.contains("Andy approved campaign") && !only.contains("Andy made contact"), "{only}");
        let only = plain(&owner.get("/settings/audit?entity_type=contact").await.text);
        assert!(only.contains("Andy made contact") && !only.contains("Andy approved"), "{only}");
        let me = app.db().texts("SELECT id FROM users").await.remove(0);
        let only = plain(&owner.get(&format!("/settings/audit?user_id={me}")).await.text);
        assert!(only.contains("Andy approved") && !only.contains("Somebody failed"), "{only}");
        let none = owner.get("/settings/audit?action=provider.deleted").await;
        assert!(none.expect(200).text.contains("No entry matches"));
    }

    async fn pages_lead_through_a_long_log_and_keep_the_filter(app: TestApp) {
        let owner = app.owner().await;
        for number in 0..60 {
            owner.post("/api/contacts", json!({"first_name": format!("C{number}")})).await.expect(201);
        }
        let first = owner.get("/settings/audit?entity_type=contact").await;
        assert_eq!(first.expect(200).text.matches("made contact").count(), 50);
        let next = first.text.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        let next = next.replace("&amp;", "&").replace("&#x2F;", "/");
        assert!(next.contains("entity_type=contact"), "{next}");
        let second = owner.get(&next).await;
        assert_eq!(second.expect(200).text.matches("made contact").count(), 10);
        assert!(second.text.contains("rel=\"prev\""));
    }

    async fn verify_says_how_many_entries_hold_or_which_does_not(app: TestApp) {
        let owner = app.owner().await;
        let entries = app.db().count("SELECT count(*) FROM audit_logs").await;
        let page = owner.get("/settings/audit?verify=1").await;
        assert!(page.expect(200).text.contains(&format!("All {entries}\u{a0}entries hold")), "{}", page.text);
        unguard(app.db()).await;
        run(app.db(), "UPDATE audit_logs SET action = 'x' WHERE seq = 2").await;
        let page = owner.get("/settings/audit?verify=1").await;
        assert!(page.expect(200).text.contains("entry 2 was changed"), "{}", page.text);
    }

    async fn only_owners_and_admins_see_it_and_its_tab(app: TestApp) {
        let owner = app.owner().await;
        for (role, status) in [("owner", 200), ("admin", 200), ("editor", 403), ("reviewer", 403), ("viewer", 403)] {
            run(app.db(), &format!("UPDATE workspace_members SET role = '{role}'")).await;
            assert_eq!(owner.get("/settings/audit").await.status, status, "{role}");
            let tab = owner.get("/settings/workspace").await.text.contains("/settings/audit");
            assert_eq!(tab, status == 200, "{role}");
        }
    }
}

/// The text of a page without its tags, each run of space as one.
fn plain(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        text.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

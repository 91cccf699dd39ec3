//! Deleted contacts, over the API.

use serde_json::{Value, json};
use support::snapshot::Snapshot;
use support::{TestApp, both_databases, unchanged};

both_databases! {
    async fn a_deleted_contact_comes_back_with_everything(app: TestApp) {
        let owner = app.owner().await;
        owner.post("/api/custom-definitions", json!({"name": "plan", "label": "Plan", "field_type": "text"})).await.expect(201);
        let vip = owner.post("/api/lists", json!({"name": "VIP"})).await.id();
        let new = json!({"first_name": "Ada", "primary_email": "ada@engines.org", "custom": {"plan": "gold"}, "list_ids": [vip]});
        let ada = owner.post("/api/contacts", new).await.id();
        let note = json!({"contact_id": ada, "type": "note", "content": {"text": "met at the fair"}});
        owner.post("/api/logs", note).await.expect(201);
        owner.post("/api/tasks", json!({"contact_id": ada, "title": "Call"})).await.expect(201);
        let before = Snapshot::of(app.db()).await;

        owner.delete(&format!("/api/contacts/{ada}")).await.expect(200);
        owner.get(&format!("/api/contacts/{ada}")).await.expect_error(404, "not_found");
        let trash = owner.get("/api/contacts/trash").await;
        assert_eq!(trash.expect(200).body["meta"]["total"], 1);
        assert_eq!((&trash.data()[0]["id"], &trash.data()[0]["name"]), (&json!(ada), &json!("Ada")));

        let back = owner.post(&format!("/api/contacts/trash/{ada}/restore"), Value::Null).await;
        assert_eq!(back.expect(200).data()["custom"], json!({"plan": "gold"}));
        let after = Snapshot::of(app.db()).await;
        let differences = before.differences(&after);
        let others: Vec<_> = differences.iter().filter(|line| !line.starts_with("audit_logs") && !line.starts_with("base_contacts")).collect();
        assert!(others.is_empty(), "{others:#?}");
        owner.post(&format!("/api/contacts/trash/{ada}/restore"), Value::Null).await.expect_error(404, "not_found");
    }

    async fn an_address_that_is_taken_by_then_is_told_with_its_owner(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"first_name": "Ada", "primary_email": "ada@engines.org"});
        let ada = owner.post("/api/contacts", new.clone()).await.id();
        let refused = owner.post("/api/contacts", new).await;
        refused.expect_error(409, "duplicate_email");
        assert_eq!(refused.body["error"]["message"], "Ada has this e-mail address already");
        assert_eq!(refused.body["error"]["contact_id"], json!(ada));
        owner.delete(&format!("/api/contacts/{ada}")).await.expect(200);
        let eve = owner.post("/api/contacts", json!({"first_name": "Eve", "primary_email": "ada@engines.org"})).await.id();
        let path = format!("/api/contacts/trash/{ada}/restore");
        let refused = unchanged(app.db(), owner.post(&path, Value::Null)).await;
        refused.expect_error(409, "duplicate_email");
        assert_eq!(refused.body["error"]["contact_id"], json!(eve));
        owner.delete(&format!("/api/contacts/{eve}")).await.expect(200);
        owner.post(&path, Value::Null).await.expect(200);
        owner.delete(&format!("/api/contacts/trash/{eve}")).await.expect(200);
        owner.delete(&format!("/api/contacts/trash/{eve}")).await.expect_error(404, "not_found");
        assert_eq!(owner.get("/api/contacts/trash").await.body["meta"]["total"], 0);
    }
}

mod time {
    use std::sync::Arc;

    use crm_contacts::ledger::NoCampaigns;
    use crm_contacts::trash::SeaTrash;
    use crm_contacts::{Contacts, Trash};
    use crm_core::PageRequest;
    use support::both_databases;

    use crate::contacts::book::Book;

    both_databases! {
        async fn after_thirty_days_it_is_gone(book: Book) {
            let trash = SeaTrash::new(book.ctx.clone(), Arc::new(NoCampaigns));
            let ada = book.named("Ada", "Lovelace").await;
            let bob = book.named("Bob", "Bobson").await;
            book.contacts.delete(&book.here, ada.id).await.unwrap();
            book.later(24);
            book.contacts.delete(&book.here, bob.id).await.unwrap();
            assert!(trash.restore(&book.elsewhere, ada.id).await.is_err());
            assert_eq!(trash.list(&book.elsewhere, PageRequest::default()).await.unwrap().total, 0);
            book.later(24 * 29 - 1);
            assert_eq!(trash.empty_due().await.unwrap(), 0);
            book.later(2);
            assert_eq!(trash.empty_due().await.unwrap(), 1);
            let left = trash.list(&book.here, PageRequest::default()).await.unwrap();
            assert_eq!(left.items.iter().map(|one| one.id).collect::<Vec<_>>(), [bob.id]);
        }
    }
}

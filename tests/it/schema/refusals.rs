//! What the database refuses whatever the code above it does.

use super::rows::{Rows, is_dangling, is_duplicate, is_not_allowed};
use support::{TestDb, both_databases};

both_databases! {
    async fn a_contact_is_in_one_primary_list_at_most(db: TestDb) {
        let rows = Rows::of(&db).await;
        rows.assign("w1", "c1", "s11", true).await.unwrap();
        rows.assign("w1", "c1", "t1", false).await.unwrap();
        assert!(is_duplicate(&rows.assign("w1", "c1", "s21", true).await));
        // Calling the second stage a tag does not help, because the list says what it is.
        assert!(is_dangling(&rows.assign("w1", "c1", "s21", false).await));
    }

    async fn a_list_turned_primary_takes_its_assignments_along(db: TestDb) {
        let rows = Rows::of(&db).await;
        rows.assign("w1", "c1", "t1", false).await.unwrap();
        let primary = "SELECT count(*) FROM contact_list_assignments WHERE contact_id = 'c1' AND is_primary";
        assert_eq!(db.count(primary).await, 0);
        rows.run("UPDATE contact_lists SET is_primary = true WHERE id = 't1'").await.unwrap();
        assert_eq!(db.count(primary).await, 1);

        rows.run("UPDATE contact_lists SET is_primary = false WHERE id = 't1'").await.unwrap();
        rows.assign("w1", "c1", "s11", true).await.unwrap();
        let turn = rows.run("UPDATE contact_lists SET is_primary = true WHERE id = 't1'").await;
        assert!(is_duplicate(&turn), "{turn:?}");
    }

    async fn an_address_belongs_to_one_contact_of_a_workspace(db: TestDb) {
        let rows = Rows::of(&db).await;
        assert!(is_duplicate(&rows.contact("c3", "w1", "'a@x.org'", "NULL").await));
        assert!(is_duplicate(&rows.contact("c3", "w1", "NULL", "'+436601234567'").await));
        rows.contact("c3", "w1", "NULL", "NULL").await.unwrap();
        rows.contact("c4", "w1", "NULL", "NULL").await.unwrap();
    }

    async fn nothing_refers_across_workspaces(db: TestDb) {
        let rows = Rows::of(&db).await;
        for (into, values) in [
            ("contact_list_assignments (workspace_id, contact_id, list_id, is_primary, assigned_at)", "'w1', 'c1', 's12', true, now"),
            ("contact_list_assignments (workspace_id, contact_id, list_id, is_primary, assigned_at)", "'w2', 'c1', 's12', true, now"),
            ("tasks (id, workspace_id, contact_id, kind, title, created_at)", "'x', 'w1', 'c2', 'todo', 'T', now"),
            ("custom_fields (id, workspace_id, contact_id, field_name, field_value, field_type, created_at, updated_at)", "'x', 'w1', 'c2', 'f', 'v', 'text', now, now"),
            ("communication_logs (id, workspace_id, contact_id, type, content, timestamp)", "'x', 'w1', 'c2', 'note', '{}', now"),
            ("campaign_approvals (id, workspace_id, campaign_id, content_hash, created_at)", "'x', 'w1', 'k2', 'h', now"),
            ("campaign_recipients (id, workspace_id, campaign_id, channel, created_at, updated_at)", "'x', 'w1', 'k2', 'email', now, now"),
            ("import_rows (import_id, row_no, workspace_id, outcome)", "'i2', 1, 'w1', 'created'"),
        ] {
            let result = rows.insert(into, values).await;
            assert!(is_dangling(&result), "{into} {values}: {result:?}");
        }
    }

    async fn names_are_unique_where_they_must_be(db: TestDb) {
        let rows = Rows::of(&db).await;
        rows.put("workspace_email_provider (id, workspace_id, provider_type, config_json, is_default, created_at, updated_at)", "'p1', 'w1', 'practice', '{}', true, now, now").await;
        rows.put("custom_field_definitions (id, user_id, field_name, label, field_type, created_at)", "'d1', 'u1', 'plan', 'Plan', 'text', now").await;
        for (into, values) in [
            ("users (id, email, password_hash, name, created_at, updated_at)", "'u2', 'a@x.org', 'h', 'B', now, now"),
            ("workspaces (id, user_id, name, created_at, updated_at)", "'w3', 'u1', 'W1', now, now"),
            ("contact_lists (id, workspace_id, name, created_at)", "'x', 'w1', 's1', now"),
            ("templates (id, workspace_id, name, created_at, updated_at)", "'x', 'w1', 'T', now, now"),
            ("workspace_email_provider (id, workspace_id, provider_type, config_json, is_default, created_at, updated_at)", "'p2', 'w1', 'smtp', '{}', true, now, now"),
            ("custom_field_definitions (id, user_id, field_name, label, field_type, created_at)", "'d2', 'u1', 'plan', 'Plan', 'text', now"),
        ] {
            let result = rows.insert(into, values).await;
            assert!(is_duplicate(&result), "{into} {values}: {result:?}");
        }
        // The same field in a workspace is another one, and so is a provider that is no default.
        rows.put("custom_field_definitions (id, user_id, workspace_id, field_name, label, field_type, created_at)", "'d2', 'u1', 'w1', 'plan', 'Plan', 'text', now").await;
        rows.put("workspace_email_provider (id, workspace_id, provider_type, config_json, created_at, updated_at)", "'p2', 'w1', 'smtp', '{}', now, now").await;
    }

    async fn a_word_that_is_not_on_the_list_is_refused(db: TestDb) {
        let rows = Rows::of(&db).await;
        let result = rows.run("UPDATE campaigns SET status = 'done' WHERE id = 'k1'").await;
        assert!(is_not_allowed(&result, "campaigns_status"), "{result:?}");
        let result = rows.insert("communication_logs (id, workspace_id, contact_id, type, content, timestamp)", "'l', 'w1', 'c1', 'fax', '{}', now").await;
        assert!(is_not_allowed(&result, "communication_logs_type"), "{result:?}");
        let result = rows.insert("ai_insights (id, user_id, workspace_id, type, content, confidence, created_at)", "'a', 'u1', 'w1', 'usage', 'c', 1.1, now").await;
        assert!(is_not_allowed(&result, "ai_insights_confidence"), "{result:?}");
    }

    async fn a_field_value_has_a_length_both_databases_can_index(db: TestDb) {
        let rows = Rows::of(&db).await;
        let into = "custom_fields (id, workspace_id, contact_id, field_name, field_value, field_type, created_at, updated_at)";
        // Two bytes each, and no two alike in a row, so that compression does not hide the length.
        let long: String = ('\u{100}'..'\u{7ff}').filter(|letter| letter.is_alphabetic()).take(1001).collect();
        assert_eq!((long.chars().count(), long.len()), (1001, 2002));
        let result = rows.insert(into, &format!("'f', 'w1', 'c1', 'bio', '{long}', 'text', now, now")).await;
        assert!(is_not_allowed(&result, "custom_fields_field_value"), "{result:?}");
        let fits: String = long.chars().skip(1).collect();
        rows.put(into, &format!("'f', 'w1', 'c1', 'bio', '{fits}', 'text', now, now")).await;
    }
}

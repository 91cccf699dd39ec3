//! What outlives what, and the send ledger's own rules.

use super::rows::{Rows, is_duplicate};
use support::{TestDb, both_databases};

const RECIPIENT: &str = "campaign_recipients (id, workspace_id, campaign_id, contact_id, channel, address, created_at, updated_at)";
const LOG: &str = "communication_logs (id, workspace_id, contact_id, type, content, timestamp, campaign_recipient_id)";

both_databases! {
    async fn nobody_is_in_a_campaign_twice(db: TestDb) {
        let rows = Rows::of(&db).await;
        rows.contact("c3", "w1", "NULL", "NULL").await.unwrap();
        rows.contact("c4", "w1", "NULL", "NULL").await.unwrap();
        rows.put(RECIPIENT, "'r1', 'w1', 'k1', 'c1', 'email', 'a@x.org', now, now").await;
        assert!(is_duplicate(&rows.insert(RECIPIENT, "'r2', 'w1', 'k1', 'c1', 'email', NULL, now, now").await));
        assert!(is_duplicate(&rows.insert(RECIPIENT, "'r2', 'w1', 'k1', 'c3', 'email', 'a@x.org', now, now").await));
        // Those left out keep their place without an address.
        rows.put(RECIPIENT, "'r3', 'w1', 'k1', 'c3', 'email', NULL, now, now").await;
        rows.put(RECIPIENT, "'r4', 'w1', 'k1', 'c4', 'email', NULL, now, now").await;
    }

    async fn a_message_is_logged_once(db: TestDb) {
        let rows = Rows::of(&db).await;
        rows.put(RECIPIENT, "'r1', 'w1', 'k1', 'c1', 'email', 'a@x.org', now, now").await;
        rows.put(LOG, "'l1', 'w1', 'c1', 'email', '{}', now, 'r1'").await;
        assert!(is_duplicate(&rows.insert(LOG, "'l2', 'w1', 'c1', 'email', '{}', now, 'r1'").await));
        rows.put(LOG, "'l2', 'w1', 'c1', 'note', '{}', now, NULL").await;
        rows.put(LOG, "'l3', 'w1', 'c1', 'note', '{}', now, NULL").await;
    }

    async fn the_ledger_outlives_the_contact_and_the_timeline_does_not(db: TestDb) {
        let rows = Rows::of(&db).await;
        rows.assign("w1", "c1", "s11", true).await.unwrap();
        rows.put(RECIPIENT, "'r1', 'w1', 'k1', 'c1', 'email', 'a@x.org', now, now").await;
        rows.put(LOG, "'l1', 'w1', 'c1', 'email', '{}', now, 'r1'").await;
        rows.run("DELETE FROM base_contacts WHERE id = 'c1'").await.unwrap();

        assert_eq!(db.texts("SELECT address FROM campaign_recipients WHERE contact_id IS NULL").await, ["a@x.org"]);
        assert_eq!(db.count("SELECT count(*) FROM communication_logs").await, 0);
        assert_eq!(db.count("SELECT count(*) FROM contact_list_assignments").await, 0);
    }

    async fn a_campaign_outlives_its_template_and_its_author(db: TestDb) {
        let rows = Rows::of(&db).await;
        rows.put("users (id, email, password_hash, name, created_at, updated_at)", "'u2', 'b@x.org', 'h', 'B', now, now").await;
        rows.run("UPDATE campaigns SET created_by = 'u2', approved_by = 'u2' WHERE id = 'k1'").await.unwrap();
        rows.run("DELETE FROM templates WHERE id = 'm1'").await.unwrap();
        rows.run("DELETE FROM users WHERE id = 'u2'").await.unwrap();
        let alone = "SELECT workspace_id FROM campaigns WHERE id = 'k1' \
            AND template_id IS NULL AND created_by IS NULL AND approved_by IS NULL";
        assert_eq!(db.texts(alone).await, ["w1"]);
    }

    async fn a_workspace_goes_with_everything_in_it_but_the_audit(db: TestDb) {
        let rows = Rows::of(&db).await;
        rows.assign("w1", "c1", "s11", true).await.unwrap();
        rows.put(RECIPIENT, "'r1', 'w1', 'k1', 'c1', 'email', 'a@x.org', now, now").await;
        rows.put(LOG, "'l1', 'w1', 'c1', 'email', '{}', now, 'r1'").await;
        rows.put("import_rows (import_id, row_no, workspace_id, outcome)", "'i1', 1, 'w1', 'created'").await;
        rows.put("practice_messages (id, workspace_id, channel, to_address, campaign_id, contact_id, sent_at)", "'r1', 'w1', 'email', 'a@x.org', 'k1', 'c1', now").await;
        rows.put("audit_logs (id, seq, workspace_id, user_id, action, entity_type, timestamp, prev_hash, hash)", "'a1', 1, 'w1', 'u1', 'create', 'workspace', now, '', 'h'").await;

        let owner = rows.run("DELETE FROM users WHERE id = 'u1'").await;
        let refused = owner.expect_err("a user who owns a workspace stays").to_string().to_lowercase();
        assert!(refused.contains("foreign key constraint"), "{refused}");
        rows.run("DELETE FROM workspaces WHERE id = 'w1'").await.unwrap();

        for table in [
            "base_contacts", "contact_lists", "contact_list_assignments", "templates", "campaigns",
            "campaign_recipients", "communication_logs", "imports", "import_rows", "practice_messages",
        ] {
            let left = db.count(&format!("SELECT count(*) FROM {table} WHERE workspace_id = 'w1'")).await;
            assert_eq!(left, 0, "{table}");
        }
        assert_eq!(db.count("SELECT count(*) FROM base_contacts").await, 1);
        assert_eq!(db.texts("SELECT workspace_id FROM audit_logs").await, ["w1"]);
    }
}

//! Whatever somebody does to the log who owns the database shows, and is named.

use support::{PerBackend, both_databases};

use super::{Bench, unguard};

const USER: &str = "INSERT INTO users (id, email, password_hash, name, created_at, updated_at) \
    VALUES ('0190a8f0-0000-7000-8000-000000000001', 'a@x.org', 'h', 'A', '2026', '2026')";

/// Five entries, and nothing that guards them.
async fn five(bench: &Bench) {
    bench.entries(&["1", "2", "3", "4", "5"]).await;
    unguard(&bench.db).await;
    assert_eq!(bench.verdict().await.checked, 5);
    assert_eq!(bench.first_bad().await, None);
}

both_databases! {
    async fn a_changed_entry_is_named(bench: Bench) {
        five(&bench).await;
        for (column, value) in [
            ("action", "'thing.read'"),
            ("entity_type", "'other'"),
            ("entity_id", "'9'"),
            ("entity_id", "NULL"),
            ("workspace_id", "'w'"),
            ("ip_address", "'192.0.2.1'"),
            ("timestamp", "'2026-11-27T10:00:00.000Z'"),
            ("details", "'{\"actor\":\"test\",\"size\":4}'"),
            ("details", "NULL"),
            ("id", "'x'"),
            ("prev_hash", "'0'"),
            ("hash", "'0'"),
        ] {
            let keep = bench.db.texts(&format!("SELECT coalesce(CAST({column} AS text), '-') FROM audit_logs WHERE seq = 3")).await;
            bench.run(&format!("UPDATE audit_logs SET {column} = {value} WHERE seq = 3")).await;
            assert_eq!(bench.first_bad().await, Some(3), "{column} = {value}");
            let back = if keep[0] == "-" { "NULL".to_owned() } else { format!("'{}'", keep[0]) };
            bench.run(&format!("UPDATE audit_logs SET {column} = {back} WHERE seq = 3")).await;
            assert_eq!(bench.first_bad().await, None, "{column} back");
        }
    }

    async fn an_entry_removed_from_the_middle_is_named(bench: Bench) {
        five(&bench).await;
        bench.run("DELETE FROM audit_logs WHERE seq = 3").await;
        assert_eq!(bench.first_bad().await, Some(3));
        // Closing the gap does not help.
        bench.run("UPDATE audit_logs SET seq = seq - 1 WHERE seq = 4").await;
        assert_eq!(bench.first_bad().await, Some(3));
    }

    async fn entries_removed_from_either_end_are_named(bench: Bench) {
        five(&bench).await;
        bench.run("DELETE FROM audit_logs WHERE seq = 5").await;
        assert_eq!(bench.first_bad().await, Some(5));
        bench.run("DELETE FROM audit_logs WHERE seq = 4").await;
        assert_eq!(bench.first_bad().await, Some(4));
        // What is written afterwards does not hide it.
        bench.entries(&["6"]).await;
        assert_eq!(bench.first_bad().await, Some(4));
        bench.run("DELETE FROM audit_logs WHERE seq = 1").await;
        assert_eq!(bench.first_bad().await, Some(1));
        bench.run("DELETE FROM audit_logs").await;
        assert_eq!(bench.first_bad().await, Some(1));
    }

    async fn entries_in_another_order_are_named(bench: Bench) {
        five(&bench).await;
        for (seq, to) in [(2, 9), (4, 2), (9, 4)] {
            bench.run(&format!("UPDATE audit_logs SET seq = {to} WHERE seq = {seq}")).await;
        }
        assert_eq!(bench.first_bad().await, Some(2));
    }

    async fn a_log_whose_end_was_moved_or_taken_away_is_not_whole(bench: Bench) {
        five(&bench).await;
        bench.run("UPDATE audit_head SET seq = 4").await;
        assert_eq!(bench.first_bad().await, Some(5));
        bench.run("UPDATE audit_head SET seq = 5, hash = '0'").await;
        assert_eq!(bench.first_bad().await, Some(5));
        bench.run("DELETE FROM audit_head").await;
        assert_eq!(bench.first_bad().await, Some(5));
        // Nothing is written to a log that has no end.
        let tx = bench.ctx.db.begin().await.unwrap();
        let event = crm_core::AuditEvent::about("thing.changed", "thing");
        let refused = bench.ctx.audit.record(&tx, None, &crm_core::Actor::system("test"), event).await;
        assert!(refused.is_err());
    }

    async fn an_entry_given_to_somebody_else_is_named(bench: Bench) {
        bench.run(USER).await;
        five(&bench).await;
        bench.run("UPDATE audit_logs SET user_id = '0190a8f0-0000-7000-8000-000000000001' WHERE seq = 2").await;
        assert_eq!(bench.first_bad().await, Some(2));
    }

    async fn an_entry_taken_from_its_author_is_named_but_a_deleted_author_is_not(bench: Bench) {
        bench.run(USER).await;
        let author = crm_core::Actor::user("0190a8f0-0000-7000-8000-000000000001".parse().unwrap(), None);
        let tx = bench.ctx.db.begin().await.unwrap();
        let event = crm_core::AuditEvent::about("thing.changed", "thing");
        bench.ctx.audit.record(&tx, None, &author, event).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(bench.first_bad().await, None);

        unguard(&bench.db).await;
        bench.run("UPDATE audit_logs SET user_id = NULL").await;
        assert_eq!(bench.first_bad().await, Some(1));
        bench.run("DELETE FROM users").await;
        assert_eq!(bench.first_bad().await, None);
    }
}

#[tokio::test]
async fn an_empty_log_is_whole() {
    let bench = Bench::fresh(support::Backend::Sqlite).await;
    assert_eq!(bench.verdict().await, crm_audit::Verdict { ok: true, checked: 0, first_bad: None });
}

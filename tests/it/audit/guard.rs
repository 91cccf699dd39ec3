//! The database refuses to change or delete entries, whoever asks.

use support::{Backend, both_databases};

use super::Bench;

const USER: &str = "INSERT INTO users (id, email, password_hash, name, created_at, updated_at) \
    VALUES ('0190a8f0-0000-7000-8000-000000000001', 'a@x.org', 'h', 'A', '2026', '2026')";

both_databases! {
    async fn entries_cannot_be_changed_deleted_or_replaced(bench: Bench) {
        bench.entries(&["1", "2"]).await;
        for sql in [
            "UPDATE audit_logs SET action = 'thing.read' WHERE seq = 1",
            "UPDATE audit_logs SET timestamp = '2026' WHERE seq = 1",
            "UPDATE audit_logs SET details = NULL",
            "UPDATE audit_logs SET user_id = NULL",
        ] {
            assert!(bench.refusal(sql).await.contains("cannot be changed"), "{sql}");
        }
        for sql in ["DELETE FROM audit_logs WHERE seq = 2", "DELETE FROM audit_logs"] {
            assert!(bench.refusal(sql).await.contains("cannot be deleted"), "{sql}");
        }
        let columns = "id, seq, action, entity_type, timestamp, prev_hash, hash";
        let row = format!("INTO audit_logs ({columns}) VALUES ('x', 2, 'a', 'b', 'c', 'd', 'e')");
        match bench.db.backend() {
            Backend::Sqlite => {
                bench.refusal(&format!("INSERT OR REPLACE {row}")).await;
            }
            Backend::Postgres => {
                let row = format!("INSERT {row} ON CONFLICT (seq) DO UPDATE SET action = 'a'");
                assert!(bench.refusal(&row).await.contains("cannot be changed"));
                assert!(bench.refusal("TRUNCATE audit_logs").await.contains("cannot be deleted"));
            }
        }
        assert_eq!(bench.first_bad().await, None);
        assert_eq!(bench.verdict().await.checked, 2);
    }

    async fn the_end_moves_on_only(bench: Bench) {
        bench.entries(&["1", "2"]).await;
        for sql in ["UPDATE audit_head SET seq = 1", "UPDATE audit_head SET hash = '0'"] {
            assert!(bench.refusal(sql).await.contains("does not get shorter"), "{sql}");
        }
        assert!(bench.refusal("DELETE FROM audit_head").await.contains("cannot be deleted"));
        bench.refusal("INSERT INTO audit_head (id, seq, hash) VALUES (2, 9, 'x')").await;
        if bench.db.backend() == Backend::Sqlite {
            bench.refusal("INSERT OR REPLACE INTO audit_head (id, seq, hash) VALUES (1, 9, 'x')").await;
        }
        assert_eq!(bench.first_bad().await, None);
    }

    async fn a_deleted_user_leaves_what_they_did(bench: Bench) {
        bench.run(USER).await;
        let author = crm_core::Actor::user("0190a8f0-0000-7000-8000-000000000001".parse().unwrap(), None);
        let tx = bench.ctx.db.begin().await.unwrap();
        let event = crm_core::AuditEvent::about("thing.changed", "thing");
        bench.ctx.audit.record(&tx, None, &author, event).await.unwrap();
        tx.commit().await.unwrap();

        let refused = bench.refusal("UPDATE audit_logs SET user_id = NULL").await;
        assert!(refused.contains("cannot be changed"), "{refused}");
        bench.run("DELETE FROM users").await;
        assert_eq!(bench.db.count("SELECT count(*) FROM audit_logs WHERE user_id IS NULL").await, 1);
        assert_eq!(bench.first_bad().await, None);
    }
}

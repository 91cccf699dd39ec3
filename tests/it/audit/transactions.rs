//! A transaction that wrote something has an audit entry, or does not commit.

use crm_core::{StoreError, settings};
use support::both_databases;

use super::Bench;

const SETTINGS: &str = "SELECT count(*) FROM system_settings";

both_databases! {
    async fn what_was_written_without_an_entry_is_refused_and_gone(bench: Bench) {
        let tx = bench.ctx.db.begin().await.unwrap();
        settings::set(&bench.ctx, &tx, None, "colour", "red").await.unwrap();
        assert!(matches!(tx.commit().await, Err(StoreError::Unaudited)));
        assert_eq!(bench.db.count(SETTINGS).await, 0);
    }

    async fn with_an_entry_before_or_after_it_is_kept(bench: Bench) {
        let tx = bench.ctx.db.begin().await.unwrap();
        settings::set(&bench.ctx, &tx, None, "colour", "red").await.unwrap();
        bench.note(&tx, "1").await;
        tx.commit().await.unwrap();
        let tx = bench.ctx.db.begin().await.unwrap();
        bench.note(&tx, "2").await;
        settings::set(&bench.ctx, &tx, None, "size", "large").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(bench.db.count(SETTINGS).await, 2);
        assert_eq!(bench.db.count("SELECT count(*) FROM audit_logs").await, 2);
    }

    async fn with_a_reason_it_is_kept(bench: Bench) {
        let tx = bench.ctx.db.begin().await.unwrap();
        tx.unaudited("a test");
        settings::set(&bench.ctx, &tx, None, "colour", "red").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(bench.db.count(SETTINGS).await, 1);
    }

    async fn what_changed_nothing_needs_no_entry(bench: Bench) {
        let tx = bench.ctx.db.begin().await.unwrap();
        tx.serialize_on("test").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(bench.db.count("SELECT count(*) FROM audit_logs").await, 0);
    }
}

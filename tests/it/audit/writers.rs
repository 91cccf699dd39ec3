//! Many writers, one chain.

use support::both_databases;

use super::Bench;

both_databases! {
    async fn parallel_writers_keep_the_chain_whole_and_a_walk_beside_them_finds_no_fault(bench: Bench) {
        let bench = std::sync::Arc::new(bench);
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..8 {
            let bench = std::sync::Arc::clone(&bench);
            writers.spawn(async move {
                for entry in 0..10 {
                    let tx = bench.ctx.db.begin().await.unwrap();
                    bench.note(&tx, &format!("{writer}-{entry}")).await;
                    bench.note(&tx, &format!("{writer}-{entry} again")).await;
                    // Every third one changes its mind.
                    if entry % 3 == 0 { tx.rollback().await.unwrap() } else { tx.commit().await.unwrap() }
                }
            });
        }
        while !writers.is_empty() {
            assert_eq!(bench.first_bad().await, None);
            if let Some(done) = writers.try_join_next() {
                done.unwrap();
            }
        }
        let verdict = bench.verdict().await;
        assert_eq!((verdict.ok, verdict.checked), (true, 8 * 6 * 2));
        assert_eq!(bench.db.count("SELECT max(seq) FROM audit_logs").await, 8 * 6 * 2);
    }
}

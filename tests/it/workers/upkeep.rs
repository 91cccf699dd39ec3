//! What the queue leaves behind, and what it must leave alone.

use std::time::{Duration, Instant};

use sea_orm::sqlx;
use support::{Backend, PerBackend, both_databases, wait};
use web::workers::QueuePool;

use super::bench::{Bench, SOON};

/// The queue's own set-up would turn `synchronous` off, and a power cut would undo what was acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_settings_of_the_connection_are_as_they_were() {
    let bench = Bench::fresh(Backend::Sqlite).await;
    let workers = bench.start();
    let id = bench.import(5).await;
    bench.read(id).await;

    let QueuePool::Sqlite(pool) = bench.queue() else { panic!("this is SQLite") };
    assert_eq!(pool.options().get_max_connections(), 1, "asking one connection asks them all");
    let mut connection = pool.acquire().await.unwrap();
    for (pragma, expected) in [
        ("PRAGMA synchronous", "2"),
        ("PRAGMA cache_size", "-8000"),
        ("PRAGMA journal_mode", "wal"),
        ("PRAGMA foreign_keys", "1"),
        ("PRAGMA temp_store", "0"),
    ] {
        let row = sqlx::query(pragma).fetch_one(&mut *connection).await.unwrap();
        let value = sqlx::Row::try_get::<i64, _>(&row, 0)
            .map_or_else(|_| sqlx::Row::get::<String, _>(&row, 0), |number| number.to_string());
        assert_eq!(value, expected, "{pragma}");
    }
    drop(connection);
    workers.stop().await;
}

both_databases! {
    async fn a_stop_cuts_an_import_off_and_the_next_start_goes_on(bench: Bench) {
        const ROWS: i64 = 20_000;
        let workers = bench.start();
        let id = bench.import(ROWS).await;
        let begun = "SELECT count(*) FROM imports WHERE state = 'running' AND total > 0";
        bench.appears("some rows to be read", begun).await;

        let asked = Instant::now();
        workers.stop().await;
        assert!(asked.elapsed() < Duration::from_secs(10), "stopping took {:?}", asked.elapsed());
        assert_eq!(bench.state(id).await, "running");
        assert_eq!(bench.status(id).await, ["Pending"]);
        let held = format!("SELECT count(*) FROM {} WHERE lock_by IS NOT NULL AND status <> 'Done'", bench.jobs());
        assert_eq!(bench.db.count(&held).await, 0);

        // A stop is no crash: it may happen any number of times.
        let mut bench = bench;
        for _ in 0..3 {
            bench = bench.reboot().await;
            bench.start().stop().await;
        }
        let bench = bench.reboot().await;
        let workers = bench.start();
        bench.read(id).await;
        assert_eq!(bench.contacts().await, ROWS);
        workers.stop().await;
    }

    async fn a_finished_job_is_kept_for_a_week(bench: Bench) {
        let workers = bench.start();
        let (old, young) = (bench.import(2).await, bench.import(3).await);
        wait::until("both jobs to be done", SOON, || async {
            (bench.status(old).await == ["Done"] && bench.status(young).await == ["Done"]).then_some(())
        })
        .await;
        workers.stop().await;
        let then = match bench.db.backend() {
            Backend::Sqlite => "strftime('%s') - 8 * 24 * 3600",
            Backend::Postgres => "now() - interval '8 days'",
        };
        let (jobs, job) = (bench.jobs(), bench.job_of(old));
        bench.execute(&format!("UPDATE {jobs} SET done_at = {then} WHERE {job}")).await;

        let bench = bench.reboot().await;
        let workers = bench.start();
        wait::until("the old job to be forgotten", SOON, || async {
            bench.status(old).await.is_empty().then_some(())
        })
        .await;
        assert_eq!(bench.status(young).await, ["Done"]);
        workers.stop().await;
    }
}

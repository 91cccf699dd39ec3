//! Jobs that were in somebody's hands when their process was killed.

use std::time::Duration;

use crm_core::ImportId;
use support::process::Site;
use support::{Backend, both_databases, wait};

use super::bench::{Bench, people};

/// The queue as a process leaves it that is killed while it works on the job of `id`.
async fn killed_with(bench: &Bench, id: ImportId, silent_for: Duration) {
    let (jobs, workers) = (bench.jobs(), bench.workers());
    let seconds = silent_for.as_secs();
    let (now, then) = match bench.db.backend() {
        Backend::Sqlite => ("strftime('%s')".to_owned(), format!("strftime('%s') - {seconds}")),
        Backend::Postgres => ("now()".to_owned(), format!("now() - interval '{seconds} seconds'")),
    };
    bench
        .execute(&format!(
            "INSERT INTO {workers} (id, worker_type, storage_name, layers, last_seen) \
         VALUES ('run-import-killed-0', 'run-import', 'a', 'b', {then}) \
         ON CONFLICT (id) DO UPDATE SET last_seen = excluded.last_seen"
        ))
        .await;
    bench
        .execute(&format!(
            "UPDATE {jobs} SET status = 'Running', done_at = NULL, lock_at = {now}, \
         lock_by = 'run-import-killed-0' WHERE {}",
            bench.job_of(id)
        ))
        .await;
}

/// An import that has been read, the only one, its workers stopped.
async fn done(bench: &Bench) -> ImportId {
    let workers = bench.start();
    let id = bench.import(5).await;
    let row = format!(
        "SELECT count(*) FROM {} WHERE status = 'Done' AND {}",
        bench.jobs(),
        bench.job_of(id)
    );
    bench.appears("the job to be done", &row).await;
    workers.stop().await;
    id
}

const MINUTE: Duration = Duration::from_mins(1);

both_databases! {
    async fn a_job_that_gets_no_further_is_parked_after_three_crashes(bench: Bench) {
        let id = done(&bench).await;
        for status in ["Pending", "Pending", "Killed"] {
            killed_with(&bench, id, MINUTE).await;
            bench.prepare().await;
            assert_eq!(bench.status(id).await, [status]);
        }

        // It stays there while its import has read no more rows than at the first of these crashes, and the import says so.
        bench.execute(&format!("UPDATE {} SET lock_by = NULL", bench.jobs())).await;
        bench.execute("UPDATE imports SET total = 0, state = 'running', finished_at = NULL").await;
        let workers = bench.start();
        let other = bench.import(1).await;
        bench.read(other).await;
        assert_eq!(bench.status(id).await, ["Killed"]);
        assert_eq!(bench.state(id).await, "failed");
        let why = bench.db.texts("SELECT error FROM imports WHERE error IS NOT NULL").await;
        assert!(why.len() == 1 && why[0].contains("stopped three times"), "{why:?}");
        let audited = "SELECT count(*) FROM audit_logs WHERE action = 'import.failed'";
        assert_eq!(bench.db.count(audited).await, 1);
        workers.stop().await;
    }

    async fn an_import_that_gets_further_between_crashes_is_not_parked(bench: Bench) {
        let id = done(&bench).await;
        for _ in 0..3 {
            killed_with(&bench, id, MINUTE).await;
            bench.prepare().await;
        }
        assert_eq!(bench.status(id).await, ["Killed"]);

        // Its five rows are five more than were known of.
        let workers = bench.start();
        wait::until("the job to be done again", MINUTE, || async {
            (bench.status(id).await == ["Done"]).then_some(())
        })
        .await;
        workers.stop().await;

        // Now they are known of.
        for status in ["Pending", "Killed"] {
            killed_with(&bench, id, MINUTE).await;
            bench.prepare().await;
            assert_eq!(bench.status(id).await, [status]);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_a_living_sibling_keeps_its_job() {
    let bench = <Bench as support::PerBackend>::fresh(Backend::Postgres).await;
    let id = done(&bench).await;

    killed_with(&bench, id, Duration::ZERO).await;
    bench.prepare().await;
    assert_eq!(bench.status(id).await, ["Running"]);

    killed_with(&bench, id, MINUTE).await;
    bench.prepare().await;
    assert_eq!(bench.status(id).await, ["Pending"]);
}

both_databases! {
    async fn an_import_goes_on_after_a_kill(site: Site) {
        const ROWS: i64 = 20_000;
        let process = site.start().await;
        let owner = process.owner().await;
        let file = reqwest::multipart::Part::bytes(people(ROWS)).file_name("people.csv");
        let form = reqwest::multipart::Form::new().part("file", file);
        let answer = owner.upload("/api/import", form).await;
        answer.expect(202);
        let begun = "SELECT count(*) FROM imports WHERE state = 'running' AND total > 0";
        wait::until("some rows to be read", MINUTE, || async {
            (site.db.count(begun).await > 0).then_some(())
        })
        .await;
        process.kill();
        let left = site.db.count("SELECT count(*) FROM imports WHERE state = 'running'").await;
        assert_eq!(left, 1, "killed in the middle");

        let process = site.start().await;
        // On PostgreSQL the killed process may be a sibling that is only slow, so it is given time.
        let limit = match site.db.backend() {
            Backend::Sqlite => Duration::from_secs(10),
            Backend::Postgres => Duration::from_secs(40),
        };
        let going_on = format!(
            "SELECT count(*) FROM imports WHERE state = 'done' OR boot_id <> '{}'",
            site.db.texts("SELECT boot_id FROM imports").await.remove(0)
        );
        wait::until("the import to go on", limit, || async {
            (site.db.count(&going_on).await > 0).then_some(())
        })
        .await;
        wait::until("the import to be done", MINUTE, || async {
            (site.db.count("SELECT count(*) FROM imports WHERE state = 'done'").await > 0).then_some(())
        })
        .await;
        assert_eq!(site.db.count("SELECT count(*) FROM base_contacts").await, ROWS);
        drop(process);
    }
}

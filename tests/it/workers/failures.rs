//! A database that refuses a worker's statements: the worker ends, and another one takes its place.

use support::{Backend, both_databases};

use super::bench::Bench;

/// The database refuses to set a job to `status` until the refusal is taken back.
async fn refuse(bench: &Bench, status: &str) {
    let jobs = bench.jobs();
    match bench.db.backend() {
        Backend::Sqlite => {
            bench
                .execute(&format!(
                    "CREATE TRIGGER refuse BEFORE UPDATE ON {jobs} WHEN NEW.status = '{status}' \
                 BEGIN SELECT RAISE(ABORT, 'refused'); END"
                ))
                .await;
        }
        Backend::Postgres => {
            bench
                .execute(
                    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
                     $$ BEGIN RAISE EXCEPTION 'refused'; END $$",
                )
                .await;
            bench
                .execute(&format!(
                    "CREATE TRIGGER refuse BEFORE UPDATE ON {jobs} FOR EACH ROW \
                 WHEN (NEW.status = '{status}') EXECUTE FUNCTION refuse()"
                ))
                .await;
        }
    }
}

async fn allow(bench: &Bench) {
    match bench.db.backend() {
        Backend::Sqlite => bench.execute("DROP TRIGGER refuse").await,
        Backend::Postgres => {
            bench.execute(&format!("DROP TRIGGER refuse ON {}", bench.jobs())).await;
        }
    }
}

/// Waits for the second start of the worker that reads imports.
async fn started_again(bench: &Bench) {
    let sql = format!("SELECT count(*) FROM {} WHERE id LIKE 'run-import-%-1'", bench.workers());
    bench.appears("a second worker", &sql).await;
}

both_databases! {
    async fn a_worker_comes_back_after_an_error_of_the_database(bench: Bench) {
        refuse(&bench, "Queued").await;
        let workers = bench.start();
        let id = bench.import(5).await;
        started_again(&bench).await;
        assert_eq!(bench.state(id).await, "queued");

        allow(&bench).await;
        bench.read(id).await;
        assert_eq!(bench.contacts().await, 5);
        workers.stop().await;
    }

    async fn a_job_whose_end_could_not_be_noted_runs_again_and_changes_nothing(bench: Bench) {
        refuse(&bench, "Done").await;
        let workers = bench.start();
        let id = bench.import(5).await;
        bench.read(id).await;
        started_again(&bench).await;

        allow(&bench).await;
        let done = format!(
            "SELECT count(*) FROM {} WHERE status = 'Done' AND {}",
            bench.jobs(),
            bench.job_of(id)
        );
        bench.appears("the job to be done", &done).await;
        assert_eq!(bench.contacts().await, 5);
        workers.stop().await;
    }
}

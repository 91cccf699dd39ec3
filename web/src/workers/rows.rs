//! Our own statements on the queue's tables: what the queue's crates do not offer, or offer in a way that cannot be
//! used (their clean-up on SQLite deletes jobs that finished this second and then rewrites the whole file).
//!
//! Two things are kept in a job's metadata, as text: `crashes`, how many processes were killed with the job in hand,
//! and `progress`, how far its work had come when that was last looked at.

use crm_core::Timestamp;
use sea_orm::sqlx::{self, query, query_as};

use super::QueuePool;

/// One statement for both databases. Parameters are `$1`, `$2` on both.
struct Sql {
    sqlite: &'static str,
    postgres: &'static str,
}

type Result<T> = std::result::Result<T, sqlx::Error>;

/// Runs a statement that changes rows; the value is how many.
macro_rules! execute {
    ($pool:expr, $sql:expr $(, $value:expr)*) => {
        match $pool {
            QueuePool::Sqlite(pool) => {
                query($sql.sqlite)$(.bind($value))*.execute(pool).await?.rows_affected()
            }
            QueuePool::Postgres(pool) => {
                query($sql.postgres)$(.bind($value))*.execute(pool).await?.rows_affected()
            }
        }
    };
}

/// Runs a query; the value is its rows.
macro_rules! fetch {
    ($pool:expr, $sql:expr $(, $value:expr)*) => {
        match $pool {
            QueuePool::Sqlite(pool) => query_as($sql.sqlite)$(.bind($value))*.fetch_all(pool).await?,
            QueuePool::Postgres(pool) => query_as($sql.postgres)$(.bind($value))*.fetch_all(pool).await?,
        }
    };
}

/// A job put back after the third crash is parked as `Killed`, which no worker fetches. `run_at` goes back to the epoch:
/// a machine without a clock of its own may start in the past, and no job of ours waits for a time.
const RECOVER: Sql = Sql {
    sqlite: "
        UPDATE Jobs SET
            metadata = json_set(coalesce(metadata, '{}'), '$.crashes',
                CAST(coalesce(json_extract(metadata, '$.crashes'), 0) + 1 AS TEXT)),
            status = CASE WHEN coalesce(json_extract(metadata, '$.crashes'), 0) + 1 >= 3
                THEN 'Killed' ELSE 'Pending' END,
            done_at = CASE WHEN coalesce(json_extract(metadata, '$.crashes'), 0) + 1 >= 3
                THEN strftime('%s', 'now') END,
            run_at = 0, lock_at = NULL, lock_by = NULL
        WHERE status IN ('Queued', 'Running')",
    // The database's own clock on both sides of the comparison. Workers note that they live every five seconds.
    postgres: "
        WITH silent AS (
            SELECT jobs.id FROM apalis.jobs JOIN apalis.workers ON workers.id = jobs.lock_by
            WHERE jobs.status IN ('Queued', 'Running')
                AND workers.last_seen < now() - interval '15 seconds'
            FOR UPDATE OF jobs SKIP LOCKED
        )
        UPDATE apalis.jobs SET
            metadata = coalesce(metadata, ''::hstore)
                || hstore('crashes', (coalesce((metadata -> 'crashes')::int, 0) + 1)::text),
            status = CASE WHEN coalesce((metadata -> 'crashes')::int, 0) + 1 >= 3
                THEN 'Killed' ELSE 'Pending' END,
            done_at = CASE WHEN coalesce((metadata -> 'crashes')::int, 0) + 1 >= 3 THEN now() END,
            run_at = to_timestamp(0), lock_at = NULL, lock_by = NULL
        FROM silent WHERE jobs.id = silent.id",
};

/// On SQLite no worker is left after a start; finished jobs still point to theirs.
const UNLOCK_ALL: &str = "UPDATE Jobs SET lock_by = NULL WHERE lock_by IS NOT NULL";
const FORGET_ALL_WORKERS: &str = "DELETE FROM Workers";

/// Puts back the jobs that were in somebody's hands when their process was killed; returns how many there were.
///
/// On SQLite that is every job in anybody's hands, so this runs before the workers start; on PostgreSQL jobs of workers
/// that have been silent for 15 seconds.
pub(super) async fn recover(pool: &QueuePool) -> Result<u64> {
    match pool {
        QueuePool::Sqlite(pool) => {
            let mut tx = pool.begin().await?;
            let found = query(RECOVER.sqlite).execute(&mut *tx).await?.rows_affected();
            query(UNLOCK_ALL).execute(&mut *tx).await?;
            query(FORGET_ALL_WORKERS).execute(&mut *tx).await?;
            tx.commit().await?;
            Ok(found)
        }
        QueuePool::Postgres(pool) => {
            Ok(query(RECOVER.postgres).execute(pool).await?.rows_affected())
        }
    }
}

const RELEASE: Sql = Sql {
    sqlite: "
        UPDATE Jobs SET status = 'Pending', done_at = NULL, lock_at = NULL, lock_by = NULL
        WHERE status IN ('Queued', 'Running') AND lock_by LIKE $1",
    postgres: "
        UPDATE apalis.jobs SET status = 'Pending', done_at = NULL, lock_at = NULL, lock_by = NULL
        WHERE status IN ('Queued', 'Running') AND lock_by LIKE $1",
};

/// Gives back what workers hold whose names match the `LIKE` pattern: they have ended, and not by a crash.
pub(super) async fn release(pool: &QueuePool, workers: &str) -> Result<u64> {
    Ok(execute!(pool, RELEASE, workers))
}

/// A job that was there at a crash.
pub(super) struct Suspect {
    /// Its row.
    pub(super) id: String,
    /// The job as JSON.
    pub(super) payload: Vec<u8>,
    /// How far its work had come when it was last looked at.
    pub(super) progress: i64,
    /// Whether it is parked.
    pub(super) parked: bool,
}

const SUSPECTS: Sql = Sql {
    sqlite: "
        SELECT id, job AS payload,
            CAST(coalesce(json_extract(metadata, '$.progress'), 0) AS INTEGER) AS progress,
            status = 'Killed' AS parked
        FROM Jobs
        WHERE job_type = $1 AND status IN ('Pending', 'Killed')
            AND json_extract(metadata, '$.crashes') IS NOT NULL",
    postgres: "
        SELECT id, job AS payload, coalesce((metadata -> 'progress')::bigint, 0) AS progress,
            status = 'Killed' AS parked
        FROM apalis.jobs
        WHERE job_type = $1 AND status IN ('Pending', 'Killed') AND metadata ? 'crashes'",
};

/// The queue's jobs that were there at a crash and are not being run now.
pub(super) async fn suspects(pool: &QueuePool, queue: &str) -> Result<Vec<Suspect>> {
    let rows: Vec<(String, Vec<u8>, i64, bool)> = fetch!(pool, SUSPECTS, queue);
    let suspect = |(id, payload, progress, parked)| Suspect { id, payload, progress, parked };
    Ok(rows.into_iter().map(suspect).collect())
}

const SPARE: Sql = Sql {
    sqlite: "
        UPDATE Jobs SET status = 'Pending', done_at = NULL,
            metadata = json_set(metadata, '$.crashes', '1', '$.progress', CAST($2 AS TEXT))
        WHERE id = $1 AND status IN ('Pending', 'Killed')",
    postgres: "
        UPDATE apalis.jobs SET status = 'Pending', done_at = NULL,
            metadata = metadata || hstore('crashes', '1') || hstore('progress', $2::bigint::text)
        WHERE id = $1 AND status IN ('Pending', 'Killed')",
};

/// Begins a suspect's count anew, from the crash that has just been, and notes how far it has come.
pub(super) async fn spare(pool: &QueuePool, id: &str, progress: i64) -> Result<u64> {
    Ok(execute!(pool, SPARE, id, progress))
}

/// A job in the queue, done or not.
pub(super) struct Known {
    /// Its row.
    pub(super) id: String,
    status: String,
}

impl Known {
    /// Whether it still stands for its work: it waits, runs, or is parked.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "Pending" | "Queued" | "Running" | "Killed")
    }
}

const FIND: Sql = Sql {
    sqlite: "SELECT id, status FROM Jobs WHERE job_type = $1 AND job = $2 ORDER BY id DESC",
    postgres: "SELECT id, status FROM apalis.jobs WHERE job_type = $1 AND job = $2 ORDER BY id DESC",
};

/// The queue's jobs with this payload, newest first.
pub(super) async fn find(pool: &QueuePool, queue: &str, payload: &[u8]) -> Result<Vec<Known>> {
    let rows: Vec<(String, String)> = fetch!(pool, FIND, queue, payload);
    Ok(rows.into_iter().map(|(id, status)| Known { id, status }).collect())
}

const FORGET_JOBS: Sql = Sql {
    sqlite: "
        DELETE FROM Jobs WHERE id IN (
            SELECT id FROM Jobs
            WHERE status IN ('Done', 'Failed', 'Killed') AND done_at IS NOT NULL AND done_at < $1
            LIMIT 500
        )",
    postgres: "
        DELETE FROM apalis.jobs WHERE id IN (
            SELECT id FROM apalis.jobs
            WHERE status IN ('Done', 'Failed', 'Killed') AND done_at < to_timestamp($1)
            LIMIT 500
        )",
};

const FORGET_WORKERS: Sql = Sql {
    sqlite: "
        DELETE FROM Workers
        WHERE last_seen < $1 AND NOT EXISTS (SELECT 1 FROM Jobs WHERE lock_by = Workers.id)",
    postgres: "
        DELETE FROM apalis.workers WHERE last_seen < to_timestamp($1)
            AND NOT EXISTS (SELECT 1 FROM apalis.jobs WHERE lock_by = workers.id)",
};

/// Deletes some of the jobs finished before `before`, few enough not to hold up anybody, and the workers no job names.
pub(super) async fn forget(pool: &QueuePool, before: Timestamp) -> Result<u64> {
    let seconds = before.unix_millis() / 1000;
    let jobs = execute!(pool, FORGET_JOBS, seconds);
    execute!(pool, FORGET_WORKERS, seconds);
    Ok(jobs)
}

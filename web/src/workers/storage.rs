//! The queues on apalis, one for each kind of job: their tables, their workers, and how jobs get in.
//!
//! What is set here and why:
//!
//! - Only the crates' migrations run. Their `setup` turns `synchronous` off on SQLite: a power cut would undo commits.
//! - A worker takes one job at a time from the table (`batch_size`), because what it has taken beyond the one it runs is
//!   neither marked nor, if it dies, found again quickly.
//! - A worker's name is new at every start. A name that was seen lately is refused, and a restart is exactly that.
//! - The queue's own sweep for orphans is off. It believes the wall clock, so a clock that jumps would hand a running
//!   job out twice; orphans are found at the start and by the reconciler instead.
//! - Any database error ends a worker, so the monitor starts it anew, after a pause that grows.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use apalis::prelude::*;
use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use crm_campaigns::jobs::LookAtCampaign;
use crm_contacts::import::RunImport;
use crm_core::BootId;
use crm_core::outbox::Job;
use sea_orm::sqlx;

use super::pulse::{Pulse, Pulses};
use super::run_import::{self, Readers};
use super::{QueuePool, WorkerDeps, look_at_campaign, rows};

/// How often an idle worker asks for jobs.
const POLL: Duration = Duration::from_secs(1);
/// How often a worker notes that it lives. Each time is a write to the disk, and on SQLite nobody asks for it.
const HEARTBEAT_SQLITE: Duration = Duration::from_secs(30);
/// Here siblings take a worker's jobs after 15 seconds of silence.
const HEARTBEAT_POSTGRES: Duration = Duration::from_secs(5);
/// Never, in heartbeats (about ten years).
const NEVER: usize = 10_000_000;
/// Campaigns looked at side by side. Looking returns at once.
const CAMPAIGNS_AT_ONCE: usize = 4;
/// Imports read side by side: a second one would only wait for the first one's transactions.
const IMPORTS_AT_ONCE: usize = 1;
/// The longest pause before a failed worker is started again.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A worker that lived this long begins with the shortest pause again.
const SOUND: Duration = Duration::from_mins(2);

impl QueuePool {
    /// Whether other processes may work on the same queue.
    pub(super) const fn has_siblings(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

/// Creates or updates the queue's tables.
pub(super) async fn migrate(queue: &QueuePool) -> anyhow::Result<()> {
    match queue {
        QueuePool::Sqlite(pool) => SqliteStorage::migrations().run(pool).await?,
        QueuePool::Postgres(pool) => PostgresStorage::migrations().run(pool).await?,
    }
    Ok(())
}

/// Puts a job into its queue, unless one with this key is there.
pub(super) async fn push<J>(queue: &QueuePool, job: J, key: &str) -> anyhow::Result<()>
where
    J: Job + serde::de::DeserializeOwned + Send + Sync + Unpin + 'static,
{
    let task = TaskBuilder::new(job)
        .idempotency_key(key)
        // The handler never fails; what cannot even be decoded will not be better next time.
        .max_attempts(1)
        // No job waits for a time, so none has to trust the clock.
        .run_at_timestamp(0)
        .build();
    match queue {
        QueuePool::Sqlite(pool) => {
            SqliteStorage::new(pool).with_config(sqlite_config(J::NAME)).push_task(task).await?;
        }
        QueuePool::Postgres(pool) => {
            let mut storage = PostgresStorage::new(pool).with_config(postgres_config(J::NAME));
            match storage.push_task(task).await {
                // Here the crate does not ignore a known key by itself.
                Err(TaskSinkError::PushError(apalis_postgres::Error::Database(error)))
                    if is_duplicate(&error) => {}
                other => other?,
            }
        }
    }
    Ok(())
}

fn is_duplicate(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

fn sqlite_config(queue: &str) -> apalis_sqlite::Config {
    apalis_sqlite::Config::default()
        .queue(queue)
        .batch_size(1)
        .heartbeat_interval(HEARTBEAT_SQLITE)
        .missed_heartbeats(NEVER)
}

fn postgres_config(queue: &str) -> apalis_postgres::Config {
    apalis_postgres::Config::default()
        .queue(queue)
        .batch_size(1)
        .heartbeat_interval(HEARTBEAT_POSTGRES)
        .missed_heartbeats(NEVER)
}

/// Registers a worker on one storage. A macro, because the bounds a generic function would have to repeat are longer
/// than what it does.
macro_rules! worker {
    ($monitor:expr, $storage:ident, $config:ident, $pool:expr, $job:ty, $start:expr, $at_once:expr, $run:expr) => {{
        let (pool, start, run) = ($pool.clone(), Arc::new($start), $run);
        $monitor.register(move |restarts| {
            let (first, pulse) = (Arc::clone(&start), start.pulse.clone());
            let backend = $storage::<$job>::new(&pool)
                .with_config($config(<$job>::NAME))
                .poll_with_interval(POLL)
                .before_start(move |_| first.clone().before(restarts));
            WorkerBuilder::new(start.worker_name(restarts))
                .backend(backend)
                .concurrency($at_once)
                .catch_panic()
                .on_event(move |_, event| {
                    if matches!(event, Event::HeartBeat) {
                        pulse.beat();
                    }
                })
                .build(run.clone())
        })
    }};
}

/// The workers of all queues, not running yet.
pub(super) fn monitor(deps: &Arc<WorkerDeps>, readers: &Arc<Readers>, pulses: &Pulses) -> Monitor {
    let look_at = {
        let engine = Arc::clone(&deps.engine);
        move |job: LookAtCampaign| look_at_campaign::handle(Arc::clone(&engine), job)
    };
    let run_import = {
        let (imports, readers) = (Arc::clone(&deps.imports), Arc::clone(readers));
        move |job: RunImport| run_import::handle(Arc::clone(&imports), Arc::clone(&readers), job)
    };
    let start = |queue| Start {
        queue,
        boot_id: deps.boot_id,
        pool: deps.queue.clone(),
        pulse: pulses.add(queue),
        pauses: Pauses::default(),
    };
    let (campaigns, imports) = (start(LookAtCampaign::NAME), start(RunImport::NAME));
    let monitor = Monitor::new().should_restart(|worker, error| {
        tracing::warn!(worker = worker.name(), %error, "a queue's worker failed and is started again");
        true
    });
    match &deps.queue {
        QueuePool::Sqlite(pool) => {
            let monitor = worker!(
                monitor,
                SqliteStorage,
                sqlite_config,
                pool,
                LookAtCampaign,
                campaigns,
                CAMPAIGNS_AT_ONCE,
                look_at
            );
            worker!(
                monitor,
                SqliteStorage,
                sqlite_config,
                pool,
                RunImport,
                imports,
                IMPORTS_AT_ONCE,
                run_import
            )
        }
        QueuePool::Postgres(pool) => {
            let monitor = worker!(
                monitor,
                PostgresStorage,
                postgres_config,
                pool,
                LookAtCampaign,
                campaigns,
                CAMPAIGNS_AT_ONCE,
                look_at
            );
            worker!(
                monitor,
                PostgresStorage,
                postgres_config,
                pool,
                RunImport,
                imports,
                IMPORTS_AT_ONCE,
                run_import
            )
        }
    }
}

/// What each start of one queue's worker needs.
struct Start {
    queue: &'static str,
    boot_id: BootId,
    pool: QueuePool,
    pulse: Pulse,
    pauses: Pauses,
}

impl Start {
    fn worker_name(&self, restarts: usize) -> String {
        worker_name(self.queue, self.boot_id, restarts)
    }

    /// Waits where the worker has just failed, and gives back what the failed one held, which nobody else would do.
    async fn before<E: From<sqlx::Error>>(self: Arc<Self>, restarts: usize) -> Result<(), E> {
        if restarts > 0 {
            tokio::time::sleep(self.pauses.next()).await;
            rows::release(&self.pool, &format!("{}-{}-%", self.queue, self.boot_id)).await?;
        }
        Ok(())
    }
}

fn worker_name(queue: &str, boot_id: BootId, restarts: usize) -> String {
    format!("{queue}-{boot_id}-{restarts}")
}

/// Pauses between failures: 1, 2, 4 … 30 seconds, and from the beginning after a worker has been sound for a while.
#[derive(Default)]
struct Pauses(Mutex<Option<(Instant, Duration)>>);

impl Pauses {
    fn next(&self) -> Duration {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pause = match *last {
            Some((at, before)) if at.elapsed() < SOUND => (before * 2).min(LONGEST_PAUSE),
            _ => Duration::from_secs(1),
        };
        *last = Some((Instant::now(), pause));
        pause
    }
}

/// Wakes idle workers before their next turn.
pub(super) struct Wake {
    monitor: MonitorContext,
    names: [String; 2],
}

impl Wake {
    pub(super) fn new(monitor: &Monitor, boot_id: BootId) -> Self {
        // The monitor keeps a worker under its first name, whatever it is called after a restart.
        let names = [LookAtCampaign::NAME, RunImport::NAME];
        Self { monitor: monitor.context(), names: names.map(|name| worker_name(name, boot_id, 0)) }
    }

    /// Wakes all of them. One that is not there yet will look by itself when it starts.
    pub(super) fn all(&self) {
        for name in &self.names {
            if let Err(error) = self.monitor.wake_worker(name) {
                tracing::debug!(name, %error, "no such worker to wake");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_half_a_minute() {
        let pauses = Pauses::default();
        let seconds: Vec<_> = (0..7).map(|_| pauses.next().as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30]);
    }
}

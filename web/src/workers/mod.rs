//! Background work. apalis is the alarm clock and nothing more: a job row says "look at this campaign" or "read this
//! import", the tables of the domain hold the truth, and losing or doubling any job row is harmless.
//!
//! - [`relay`] hands jobs that were committed with a transaction to the queue.
//! - [`storage`] runs the queues' workers and starts them anew when they fail.
//! - [`bulk`] goes on with actions on many contacts.
//! - [`incoming_mail`] reads mailboxes whose time has come.
//! - [`polls`] asks providers what they cannot tell by themselves.
//! - [`bell`] rings by the clock, for [`backups`] and [`insights`].
//! - [`backups`] makes the backup of the day.
//! - [`insights`] takes the look of the week at each workspace.
//! - [`reconcile`] looks at the domain's tables every few seconds and wakes whatever the queue lost.
//! - [`rows`] holds the few statements of our own on the queue's tables, [`recover`] those for jobs a crash left behind.
//!
//! The queue's tables are called `Jobs` and `Workers` on SQLite and lie in the schema `apalis` on PostgreSQL.

mod backups;
mod bell;
mod bulk;
mod incoming_mail;
mod insights;
mod look_at_campaign;
mod polls;
mod pulse;
mod reconcile;
mod recover;
mod relay;
mod rows;
mod run_import;
mod storage;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::pulse::{Pulse, Pulses};
use self::run_import::Readers;

/// Each background loop gets this long to end its turn before it is cut off.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// The pool the queue lives in: the one sea-orm writes through, so that both queue for the same connection on SQLite.
#[derive(Clone)]
pub enum QueuePool {
    /// The write pool of one connection.
    Sqlite(apalis_sqlite::SqlitePool),
    /// The one pool there is.
    Postgres(apalis_postgres::PgPool),
}

/// What the background work works with.
pub struct WorkerDeps {
    /// Database, clock and ids.
    pub ctx: crm_core::Context,
    /// Sends campaigns.
    pub engine: Arc<dyn crm_campaigns::Engine>,
    /// Reads imports.
    pub imports: Arc<dyn crm_contacts::Imports>,
    /// Goes on with actions on many contacts.
    pub bulk: Arc<dyn crm_contacts::BulkActions>,
    /// Backs the installation up.
    pub backups: Arc<dyn crm_backup::Backups>,
    /// Looks at workspaces once a week.
    pub insights: Arc<dyn crm_ai::Insights>,
    /// Empties the trash.
    pub trash: Arc<dyn crm_contacts::Trash>,
    /// Reads the mailboxes of workspaces.
    pub incoming: Arc<dyn crm_campaigns::IncomingMail>,
    /// What comes in from outside.
    pub inbound: Arc<dyn crm_campaigns::Inbound>,
    /// Where the queue lives.
    pub queue: QueuePool,
    /// This run of the process: part of the workers' names, so that none is ever used twice.
    pub boot_id: crm_core::BootId,
}

/// Creates or updates the queue's tables and puts jobs back that a killed process was working on.
///
/// On SQLite one process owns the data folder, so every job in the hands of a worker was interrupted. On PostgreSQL
/// other processes may be at work: only jobs of workers that have fallen silent are taken.
///
/// # Errors
/// Where the database fails.
pub async fn prepare(queue: &QueuePool) -> anyhow::Result<()> {
    storage::migrate(queue).await.context("the queue's tables cannot be updated")?;
    let found = recover::interrupted(queue).await.context("interrupted jobs cannot be put back")?;
    if found > 0 {
        tracing::info!(jobs = found, "put back jobs that were interrupted");
    }
    Ok(())
}

/// Lets the engine recover and then starts relay, reconciler, heartbeat and the queues' workers. Returns at once. Needs
/// [`prepare`] to have run, and a tokio runtime.
pub fn start(deps: WorkerDeps) -> Workers {
    let deps = Arc::new(deps);
    let pulses = Arc::new(Pulses::default());
    let readers = Arc::new(Readers::default());
    let poke = Arc::new(Notify::new());
    let poke_bulk = Arc::new(Notify::new());
    let stop = CancellationToken::new();

    let recovered = CancellationToken::new();

    let monitor = storage::monitor(&deps, &readers, &pulses);
    let wake = storage::Wake::new(&monitor, deps.boot_id);
    let queues = tokio::spawn({
        let (deps, recovered) = (Arc::clone(&deps), recovered.clone());
        async move {
            recover::engine(&deps).await;
            recovered.cancel();
            // Before any job runs: afterwards one could be parked while it is running again.
            if let Err(error) = recover::spare_progress(&deps).await {
                tracing::error!(error = format!("{error:#}"), "crash counters were not checked");
            }
            if let Err(error) = monitor.run().await {
                tracing::error!(%error, "the queues' workers ended");
            }
        }
    });
    let relay =
        relay::run(Arc::clone(&deps), Arc::clone(&poke), wake, stop.clone(), pulses.add("relay"));
    let reconciler = reconcile::run(Arc::clone(&deps), stop.clone(), pulses.add("reconciler"));
    let heartbeat = heartbeat(Arc::clone(&deps), stop.clone(), pulses.add("heartbeat"));
    let bulk =
        bulk::run(Arc::clone(&deps), Arc::clone(&poke_bulk), stop.clone(), pulses.add("bulk"));
    let incoming = incoming_mail::run(Arc::clone(&deps), stop.clone());
    let polls = polls::run(Arc::clone(&deps), stop.clone());
    let daily = backups::run(Arc::clone(&deps), stop.clone());
    let weekly = insights::run(Arc::clone(&deps), stop.clone());
    let loops = vec![
        tokio::spawn(relay),
        tokio::spawn(bulk),
        tokio::spawn(after(recovered.clone(), stop.clone(), incoming)),
        tokio::spawn(after(recovered.clone(), stop.clone(), polls)),
        tokio::spawn(after(recovered.clone(), stop.clone(), weekly)),
        tokio::spawn(after(recovered.clone(), stop.clone(), daily)),
        tokio::spawn(after(recovered.clone(), stop.clone(), reconciler)),
        tokio::spawn(after(recovered, stop.clone(), heartbeat)),
    ];
    Workers { deps, queues, loops, readers, pulses, pokes: [poke, poke_bulk], stop }
}

/// The running background work.
pub struct Workers {
    deps: Arc<WorkerDeps>,
    queues: JoinHandle<()>,
    loops: Vec<JoinHandle<()>>,
    readers: Arc<Readers>,
    pulses: Arc<Pulses>,
    pokes: [Arc<Notify>; 2],
    stop: CancellationToken,
}

impl Workers {
    /// Stops all of it and gives unfinished jobs back to the queue. Takes at most a few seconds: an import is cut off
    /// between two of its batches and goes on after the next start. Campaigns are stopped by the engine, not here.
    pub async fn stop(self) {
        self.stop.cancel();
        for mut task in self.loops {
            if tokio::time::timeout(STOP_LIMIT, &mut task).await.is_err() {
                task.abort();
            }
        }
        // Not apalis' graceful way: that stops polling its own statement while a job runs, and on SQLite such a
        // statement may hold the only connection for writing, which the job and the engine wait for.
        self.queues.abort();
        let _ = self.queues.await;
        self.readers.stop().await;
        let ours = format!("%-{}-%", self.deps.boot_id);
        let given_back = rows::release(&self.deps.queue, &ours);
        match tokio::time::timeout(STOP_LIMIT, given_back).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "unfinished jobs were not given back"),
            Err(_) => tracing::warn!("unfinished jobs were not given back in time"),
        }
    }

    /// Whether every queue and every loop has shown life within the last 90 seconds.
    pub fn healthy(&self) -> bool {
        self.pulses.all_alive()
    }

    /// Hands committed jobs to the queue now instead of within a second: to be called after a request has enqueued one.
    pub fn poke(&self) {
        self.pokes.iter().for_each(|poke| poke.notify_one());
    }

    /// [`Self::poke`] as a value of its own, for those who do not own the workers.
    pub fn poker(&self) -> Arc<dyn Fn() + Send + Sync> {
        let pokes = self.pokes.clone();
        Arc::new(move || pokes.iter().for_each(|poke| poke.notify_one()))
    }
}

/// Runs `work` once `recovered` says so, or not at all where it is to stop before that.
async fn after(
    recovered: CancellationToken,
    stop: CancellationToken,
    work: impl Future<Output = ()>,
) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = recovered.cancelled() => work.await,
    }
}

/// How often the engine is told to note that this process is alive.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// A loop of its own: a slow reconciler must not make this process look dead to its siblings.
async fn heartbeat(deps: Arc<WorkerDeps>, stop: CancellationToken, pulse: Pulse) {
    while sleep_unless(&stop, HEARTBEAT).await {
        match deps.engine.heartbeat().await {
            Ok(()) => pulse.beat(),
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "no heartbeat"),
        }
    }
}

/// Waits for `duration`; false at once where the work is to stop.
async fn sleep_unless(stop: &CancellationToken, duration: Duration) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = tokio::time::sleep(duration) => true,
    }
}

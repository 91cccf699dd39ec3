//! Work by the clock: apalis-cron rings, and whoever is there takes a turn. The bell carries nothing: the turn itself finds
//! out what is due, so that a bell that was missed, or rung in two processes at once, is harmless.

use std::str::FromStr as _;
use std::sync::Arc;

use apalis::prelude::*;
use apalis_cron::{CronScheduler, Tick};
use cron::Schedule;
use tokio_util::sync::CancellationToken;

use super::WorkerDeps;

/// Takes turns until `stop`: one at once for what was missed, and then by the `bell`, in the notation of cron with seconds.
/// `name` is what the worker is called.
pub(super) async fn ring<T, F>(
    deps: Arc<WorkerDeps>,
    stop: CancellationToken,
    (name, bell): (&'static str, &'static str),
    turn: T,
) where
    T: Fn(Arc<WorkerDeps>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    tokio::select! {
        () = stop.cancelled() => return,
        () = turn(Arc::clone(&deps)) => {}
    }
    let schedule = match Schedule::from_str(bell) {
        Ok(schedule) => schedule,
        Err(error) => {
            tracing::error!(name, %error, "no bell will ring: the schedule is none");
            return;
        }
    };
    // The monitor hangs the bell up again where it broke.
    let monitor = Monitor::new()
        .should_restart(|worker, error| {
            tracing::warn!(worker = worker.name(), %error, "a bell broke");
            true
        })
        .register(move |restarts| {
            let (deps, turn) = (Arc::clone(&deps), turn.clone());
            WorkerBuilder::new(format!("{name}-{}-{restarts}", deps.boot_id))
                .backend(CronScheduler::new(schedule.clone()))
                .concurrency(1)
                .catch_panic()
                .build(move |_: Tick| turn(Arc::clone(&deps)))
        });
    tokio::select! {
        () = stop.cancelled() => {}
        ended = monitor.run() => {
            if let Err(error) = ended {
                tracing::error!(name, %error, "the bell rings no more");
            }
        }
    }
}

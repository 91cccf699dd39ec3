//! The backup of the day: apalis-cron rings every hour, and whoever is there asks how old the last one is. A bell that was
//! missed is harmless, and so is a backup that failed: the next bell tries again.

use std::str::FromStr as _;
use std::sync::Arc;

use apalis::prelude::*;
use apalis_cron::{CronScheduler, Tick};
use crm_backup::{BackupError, Standing};
use crm_core::Actor;
use cron::Schedule;
use tokio_util::sync::CancellationToken;

use super::WorkerDeps;

/// Every hour, in the notation of cron with seconds; not on the hour, when others ring.
const BELL: &str = "0 17 * * * *";

const ACTOR: Actor = Actor::system("schedule");

/// Backs up until `stop`: at once what was missed, and then by the bell.
pub(super) async fn run(deps: Arc<WorkerDeps>, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => return,
        () = turn(&deps) => {}
    }
    let schedule = match Schedule::from_str(BELL) {
        Ok(schedule) => schedule,
        Err(error) => {
            tracing::error!(%error, "nobody will make backups: the schedule is none");
            return;
        }
    };
    // The monitor hangs the bell up again where it broke.
    let monitor = Monitor::new()
        .should_restart(|worker, error| {
            tracing::warn!(worker = worker.name(), %error, "the bell of backups broke");
            true
        })
        .register(move |restarts| {
            let deps = Arc::clone(&deps);
            WorkerBuilder::new(format!("backups-{}-{restarts}", deps.boot_id))
                .backend(CronScheduler::new(schedule.clone()))
                .concurrency(1)
                .catch_panic()
                .build(move |_: Tick| ring(Arc::clone(&deps)))
        });
    tokio::select! {
        () = stop.cancelled() => {}
        ended = monitor.run() => {
            if let Err(error) = ended {
                tracing::error!(%error, "nobody makes backups any more");
            }
        }
    }
}

async fn ring(deps: Arc<WorkerDeps>) {
    turn(&deps).await;
}

/// Makes one where the last one is a day old.
async fn turn(deps: &WorkerDeps) {
    let done = match deps.backups.standing().await {
        Ok(Standing::Late { .. }) => deps.backups.create(&ACTOR).await.map(|_| ()),
        Ok(Standing::Elsewhere | Standing::Young | Standing::Good { .. }) => return,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => tracing::info!("the backup of the day is made and checked"),
        // Somebody makes one by hand.
        Err(BackupError::Busy) => {}
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "there is no backup of the day");
        }
    }
}

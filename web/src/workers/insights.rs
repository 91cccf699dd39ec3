//! The look of the week: apalis-cron rings every ten minutes, and whoever is there asks which workspaces have not been
//! looked at this week. The bell carries nothing: a row of the database says who took a look, so that a bell that was
//! missed, or rung in two processes at once, is harmless.

use std::str::FromStr as _;
use std::sync::Arc;

use apalis::prelude::*;
use apalis_cron::{CronScheduler, Tick};
use cron::Schedule;
use tokio_util::sync::CancellationToken;

use super::WorkerDeps;

/// Every ten minutes, in the notation of cron with seconds.
const BELL: &str = "0 */10 * * * *";

/// Looks until `stop`: at once for what was missed, and then by the bell.
pub(super) async fn run(deps: Arc<WorkerDeps>, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => return,
        () = turn(&deps) => {}
    }
    let schedule = match Schedule::from_str(BELL) {
        Ok(schedule) => schedule,
        Err(error) => {
            tracing::error!(%error, "nobody will look at the figures: the schedule is none");
            return;
        }
    };
    // The monitor hangs the bell up again where it broke.
    let monitor = Monitor::new()
        .should_restart(|worker, error| {
            tracing::warn!(worker = worker.name(), %error, "the bell of insights broke");
            true
        })
        .register(move |restarts| {
            let deps = Arc::clone(&deps);
            WorkerBuilder::new(format!("insights-{}-{restarts}", deps.boot_id))
                .backend(CronScheduler::new(schedule.clone()))
                .concurrency(1)
                .catch_panic()
                .build(move |_: Tick| ring(Arc::clone(&deps)))
        });
    tokio::select! {
        () = stop.cancelled() => {}
        ended = monitor.run() => {
            if let Err(error) = ended {
                tracing::error!(%error, "nobody looks at the figures any more");
            }
        }
    }
}

async fn ring(deps: Arc<WorkerDeps>) {
    turn(&deps).await;
}

/// Takes every look that is due, one after the other.
async fn turn(deps: &WorkerDeps) {
    let due = match deps.insights.due().await {
        Ok(due) => due,
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "nobody knows what to look at"
            );
            return;
        }
    };
    for workspace in due {
        if let Err(error) = deps.insights.weekly(workspace).await {
            let error = &error as &dyn std::error::Error;
            tracing::error!(%workspace, error, "a workspace was not looked at");
        }
    }
}

//! Actions on many contacts: goes on with what is unfinished, when a request has begun something and every ten seconds.
//!
//! There is no queue for them: every contact of an action is a row of its own table with what became of it, so that
//! nothing can be lost or done twice, and several processes may go on with one action at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::WorkerDeps;
use super::pulse::Pulse;

/// How often the table is looked at.
const EVERY: Duration = Duration::from_secs(10);

/// Goes on with actions until `stop`; one that is cut off then is gone on with after the next start.
pub(super) async fn run(
    deps: Arc<WorkerDeps>,
    poke: Arc<Notify>,
    stop: CancellationToken,
    pulse: Pulse,
) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = turn(&deps, &pulse) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = poke.notified() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn turn(deps: &WorkerDeps, pulse: &Pulse) {
    let found = match deps.bulk.unfinished().await {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "bulk actions were not read");
            return;
        }
    };
    pulse.beat();
    for (workspace_id, id) in found {
        if let Err(error) = deps.bulk.run(workspace_id, id).await {
            let error = &error as &dyn std::error::Error;
            tracing::error!(bulk = %id, error, "a bulk action could not be gone on with");
        }
        pulse.beat();
    }
}

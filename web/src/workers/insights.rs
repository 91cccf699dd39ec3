//! The look of the week: apalis-cron rings every ten minutes, and whoever is there asks which workspaces have not been
//! looked at this week. The bell carries nothing: a row of the database says who took a look, so that a bell that was
//! missed, or rung in two processes at once, is harmless.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{WorkerDeps, bell};

/// Every ten minutes, in the notation of cron with seconds.
const BELL: &str = "0 */10 * * * *";

/// Looks until `stop`: at once for what was missed, and then by the bell.
pub(super) async fn run(deps: Arc<WorkerDeps>, stop: CancellationToken) {
    bell::ring(deps, stop, ("insights", BELL), turn).await;
}

/// Takes every look that is due, one after the other.
async fn turn(deps: Arc<WorkerDeps>) {
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

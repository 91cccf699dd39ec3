//! The backup of the day: apalis-cron rings every hour, and whoever is there asks how old the last one is. A bell that was
//! missed is harmless, and so is a backup that failed: the next bell tries again.

use std::sync::Arc;

use crm_backup::{BackupError, Standing};
use crm_core::Actor;
use tokio_util::sync::CancellationToken;

use super::{WorkerDeps, bell};

/// Every hour, in the notation of cron with seconds; not on the hour, when others ring.
const BELL: &str = "0 17 * * * *";

const ACTOR: Actor = Actor::system("schedule");

/// Backs up until `stop`: at once what was missed, and then by the bell.
pub(super) async fn run(deps: Arc<WorkerDeps>, stop: CancellationToken) {
    bell::ring(deps, stop, ("backups", BELL), turn).await;
}

/// Makes one where the last one is a day old.
async fn turn(deps: Arc<WorkerDeps>) {
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

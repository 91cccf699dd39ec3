//! Jobs that were in the hands of a process when it was killed go back to the queue, but not for ever: one that was
//! there at three crashes without getting any further is taken to be the cause and is parked.
//!
//! The count is kept with the job and is ours. The queue's own `attempts` is no help: its sweep for orphans hands a job
//! out again whatever that number says.

use std::time::Duration;

use crm_contacts::import::RunImport;
use crm_core::Scope;
use crm_core::outbox::Job;

use super::{QueuePool, WorkerDeps, rows};

/// How long to wait where the engine could not recover.
const AGAIN: Duration = Duration::from_secs(2);

/// Lets the engine settle what was in flight in an earlier run, however long the database makes it wait: nothing may be
/// sent before.
pub(super) async fn engine(deps: &WorkerDeps) {
    while let Err(error) = deps.engine.recover().await {
        tracing::error!(error = &error as &dyn std::error::Error, "the engine could not recover");
        tokio::time::sleep(AGAIN).await;
    }
}

/// Puts interrupted jobs back and counts the crash, parking those with too many; returns how many jobs it found.
pub(super) async fn interrupted(queue: &QueuePool) -> anyhow::Result<u64> {
    Ok(rows::recover(queue).await?)
}

/// An import that got further between two crashes did not cause them (a long import on a machine with bad power):
/// its count begins anew, and it is taken out of the park where it was put there.
pub(super) async fn spare_progress(deps: &WorkerDeps) -> anyhow::Result<()> {
    for suspect in rows::suspects(&deps.queue, RunImport::NAME).await? {
        let Ok(job) = serde_json::from_slice::<RunImport>(&suspect.payload) else { continue };
        let scope = Scope::for_job(job.workspace_id, "job");
        let Some(import) = deps.imports.get(&scope, job.import_id).await? else { continue };
        let done = import.counts.total + import.undo.map_or(0, |undo| undo.total());
        let read = i64::try_from(done).unwrap_or(i64::MAX);
        if read > suspect.progress {
            rows::spare(&deps.queue, &suspect.id, read).await?;
        } else if suspect.parked {
            tracing::error!(
                import = %job.import_id,
                "gave up an import that was being read at every one of the last crashes"
            );
            deps.imports.give_up(job.workspace_id, job.import_id).await?;
        }
    }
    Ok(())
}

//! Looks at the domain's tables, at the start and every ten seconds, and wakes what should be running: whatever became
//! of the queue's rows, nothing stands still for longer than that.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crm_contacts::import::RunImport;
use crm_core::ImportId;
use crm_core::outbox::{self, Job};
use tokio_util::sync::CancellationToken;

use super::pulse::Pulse;
use super::{WorkerDeps, recover, relay, rows, sleep_unless, storage};

/// How often the tables are looked at.
const EVERY: Duration = Duration::from_secs(10);
/// How long a finished job stays, for people who want to know what happened.
const KEEP_FINISHED: Duration = Duration::from_hours(7 * 24);

/// Reconciles until `stop`.
pub(super) async fn run(deps: Arc<WorkerDeps>, stop: CancellationToken, pulse: Pulse) {
    loop {
        // Each by itself: one that fails must not keep the others from their turn.
        let turns = [
            ("campaigns", campaigns(&deps).await),
            ("silent workers", silent_workers(&deps).await),
            ("imports", imports(&deps).await),
            ("finished jobs", finished_jobs(&deps).await),
            ("trash", trash(&deps).await),
        ];
        let mut all_well = true;
        for (what, turn) in turns {
            if let Err(error) = turn {
                tracing::error!(what, error = format!("{error:#}"), "could not be reconciled");
                all_well = false;
            }
        }
        if all_well {
            pulse.beat();
        }
        if !sleep_unless(&stop, EVERY).await {
            return;
        }
    }
}

/// Goes to the engine and not through the queue: looking at a campaign returns at once and is harmless to repeat, so a
/// job would only cost a row every ten seconds and make sending depend on the queue's health.
async fn campaigns(deps: &WorkerDeps) -> anyhow::Result<()> {
    let mut outcome = Ok(());
    for (workspace_id, campaign_id) in deps.engine.due().await? {
        // One campaign that fails must not keep the ones after it waiting.
        if let Err(error) = deps.engine.look_at(workspace_id, campaign_id).await {
            outcome = Err(anyhow::Error::new(error).context(format!("campaign {campaign_id}")));
        }
    }
    outcome
}

/// Through the queue, which reads one import at a time.
async fn imports(deps: &WorkerDeps) -> anyhow::Result<()> {
    let unfinished = deps.imports.unfinished().await?;
    if unfinished.is_empty() {
        return Ok(());
    }
    // Asked in this order, a job on its way from the outbox to the queue is seen in one of the two.
    let waiting = waiting(deps).await?;
    for (workspace_id, import_id) in unfinished {
        let job = RunImport { workspace_id, import_id };
        let known = rows::find(&deps.queue, RunImport::NAME, &serde_json::to_vec(&job)?).await?;
        if waiting.contains(&import_id) || known.iter().any(rows::Known::is_open) {
            continue;
        }
        storage::push(&deps.queue, job, &key_after(import_id, known.first())).await?;
    }
    Ok(())
}

/// Imports whose job is still in the outbox.
async fn waiting(deps: &WorkerDeps) -> anyhow::Result<HashSet<ImportId>> {
    let waiting = outbox::pending(&deps.ctx, relay::BATCH).await?;
    let imports = waiting
        .iter()
        .filter(|pending| pending.name == RunImport::NAME)
        .filter_map(|pending| serde_json::from_str::<RunImport>(&pending.payload).ok());
    Ok(imports.map(|job| job.import_id).collect())
}

/// Equal for two processes that miss the same job at the same time, and new once that job has been done.
fn key_after(import_id: ImportId, newest: Option<&rows::Known>) -> String {
    let newest = newest.map_or("none", |known| known.id.as_str());
    format!("reconciled:{import_id}:after:{newest}")
}

/// Jobs of a sibling that was killed. SQLite has no siblings: there the start has put everything back.
async fn silent_workers(deps: &WorkerDeps) -> anyhow::Result<()> {
    if deps.queue.has_siblings() && recover::interrupted(&deps.queue).await? > 0 {
        recover::spare_progress(deps).await?;
    }
    Ok(())
}

/// Deleted contacts whose time is over.
async fn trash(deps: &WorkerDeps) -> anyhow::Result<()> {
    deps.trash.empty_due().await?;
    Ok(())
}

async fn finished_jobs(deps: &WorkerDeps) -> anyhow::Result<()> {
    let before = deps.ctx.now().minus(KEEP_FINISHED);
    rows::forget(&deps.queue, before).await?;
    Ok(())
}

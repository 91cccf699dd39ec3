//! Hands jobs over to the queue that were written with a transaction which has committed.
//!
//! A job is pushed first and marked afterwards. Killed in between, it is pushed again under the same key and the queue
//! ignores it. The key is the outbox row and not what the row's own key means: the outbox already refuses two rows that
//! mean the same, and a job may rightly come again after the first one has been done.

use std::sync::Arc;
use std::time::Duration;

use crm_campaigns::jobs::LookAtCampaign;
use crm_contacts::import::RunImport;
use crm_core::outbox::{self, Job, Pending};
use serde::de::DeserializeOwned;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::pulse::Pulse;
use super::storage::{self, Wake};
use super::{QueuePool, WorkerDeps};

/// How often the outbox is looked at without being asked to.
const EVERY: Duration = Duration::from_secs(1);
/// Jobs handed over in one go.
pub(super) const BATCH: u64 = 100;
/// How long a relayed job keeps a second one with the same meaning out.
const KEEP: Duration = Duration::from_hours(1);

/// Relays until `stop`.
pub(super) async fn run(
    deps: Arc<WorkerDeps>,
    poke: Arc<Notify>,
    wake: Wake,
    stop: CancellationToken,
    pulse: Pulse,
) {
    loop {
        match relay_all(&deps).await {
            Ok(0) => pulse.beat(),
            Ok(_) => {
                pulse.beat();
                wake.all();
            }
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "jobs could not be handed to the queue"
                );
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = poke.notified() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Hands over what is there; returns how many jobs that were.
async fn relay_all(deps: &WorkerDeps) -> anyhow::Result<usize> {
    let mut relayed = 0;
    loop {
        let waiting = outbox::pending(&deps.ctx, BATCH).await?;
        if waiting.is_empty() {
            return Ok(relayed);
        }
        for job in &waiting {
            push(&deps.queue, job).await?;
        }
        let ids: Vec<_> = waiting.iter().map(|job| job.id).collect();
        outbox::mark_relayed(&deps.ctx, &ids, deps.ctx.now().minus(KEEP)).await?;
        relayed += ids.len();
    }
}

async fn push(queue: &QueuePool, job: &Pending) -> anyhow::Result<()> {
    match job.name.as_str() {
        LookAtCampaign::NAME => push_as::<LookAtCampaign>(queue, job).await,
        RunImport::NAME => push_as::<RunImport>(queue, job).await,
        unknown => {
            // Left in the outbox it would stand before all later jobs.
            tracing::error!(
                name = unknown,
                key = job.idempotency_key,
                "dropped a job nobody knows"
            );
            Ok(())
        }
    }
}

async fn push_as<J>(queue: &QueuePool, job: &Pending) -> anyhow::Result<()>
where
    J: Job + DeserializeOwned + Send + Sync + Unpin + 'static,
{
    match serde_json::from_str::<J>(&job.payload) {
        Ok(payload) => storage::push(queue, payload, &job.id.to_string()).await,
        Err(error) => {
            tracing::error!(name = J::NAME, key = job.idempotency_key, %error, "dropped a damaged job");
            Ok(())
        }
    }
}

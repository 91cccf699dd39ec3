//! The send engine. The ledger (`campaign_recipients`) is the truth; the engine claims rows, sends, and records
//! outcomes, so that a kill or a power cut at any moment loses nobody and doubles nobody unasked.

mod active;
mod backoff;
mod book;
mod boots;
mod claim;
mod coordinator;
mod flight;
pub(crate) mod hold;
mod ledger_engine;
mod moves;
mod outcome;
mod prepare;
mod recover;
mod round;
pub(crate) mod seen;
mod slots;
mod streak;
mod window;

use async_trait::async_trait;
use crm_core::{CampaignId, StoreError, WorkspaceId};
use tokio_util::sync::CancellationToken;

pub use ledger_engine::{EngineDeps, LedgerEngine};
pub use seen::{Places, note_restored};

use crate::campaigns::deps::Deps;

/// What the engine's entries in the audit log are signed with.
const LABEL: &str = "engine";

/// What everything in the engine works with.
struct Core {
    deps: Deps,
    boot: boots::Boot,
    slots: slots::Slots,
    /// Set when the server stops: nothing more is claimed.
    stop: CancellationToken,
}

/// Why the engine could not go on. A caller may try again at any time.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The engine of this process.
#[async_trait]
pub trait Engine: Send + Sync {
    /// Once, before anything is sent: holds everything where this database was restored or copied, registers this boot,
    /// and settles rows that were in flight when an earlier process
    /// stopped (asks the provider where it can be asked, else `unknown`, or `queued` again where the workspace says
    /// `resend`).
    async fn recover(&self) -> Result<(), EngineError>;
    /// Campaigns of every workspace that have something to do now: sending ones, and scheduled ones that are due, as far
    /// as the clock can be believed.
    async fn due(&self) -> Result<Vec<(WorkspaceId, CampaignId)>, EngineError>;
    /// Looks at a campaign: starts sending it in this process unless that is happening already, and returns at once.
    /// Harmless to repeat.
    async fn look_at(
        &self,
        workspace_id: WorkspaceId,
        campaign_id: CampaignId,
    ) -> Result<(), EngineError>;
    /// How many other processes on the same database have shown within the last minute that they are alive.
    async fn others(&self) -> Result<usize, EngineError>;
    /// Notes that this process is alive.
    async fn heartbeat(&self) -> Result<(), EngineError>;
    /// Claims nothing more, waits until what is in flight has an outcome (at most 20 seconds), and returns.
    async fn stop(&self);
}

//! The engine of this process.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use crm_core::{BootId, CampaignId, StoreError, System, WorkspaceId};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::active::Active;
use super::boots::Boot;
use super::coordinator::Coordinator;
use super::seen::{Belief, Places, Seen};
use super::slots::Slots;
use super::{Core, Engine, EngineError, LABEL, hold, recover, round};
use crate::campaigns::Status;
use crate::campaigns::deps::Deps;
use crate::entity::campaigns;

/// How long messages in flight may take when the server stops.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// What the engine is built on.
pub struct EngineDeps {
    /// The services it shares with campaigns.
    pub campaigns: Deps,
    /// Stands for this run of the server; a new one each time.
    pub boot_id: BootId,
    /// Where signs of life are noted beside the database.
    pub places: Places,
}

/// The engine that works from the ledger in the database.
pub struct LedgerEngine {
    core: Arc<Core>,
    active: Arc<Active>,
}

impl LedgerEngine {
    /// An engine that sends nothing yet.
    pub fn new(deps: EngineDeps) -> Self {
        let core = Core {
            deps: deps.campaigns,
            boot: Boot::new(deps.boot_id, Seen::new(deps.places)),
            slots: Slots::default(),
            stop: CancellationToken::new(),
        };
        Self { core: Arc::new(core), active: Arc::default() }
    }
}

#[derive(FromQueryResult)]
struct Due {
    id: CampaignId,
    workspace_id: WorkspaceId,
    status: String,
    schedule_json: Option<sea_orm::JsonValue>,
}

#[async_trait]
impl Engine for LedgerEngine {
    async fn recover(&self) -> Result<(), EngineError> {
        hold::after_a_move(&self.core).await?;
        self.core.boot.register(&self.core.deps.ctx).await?;
        recover::all(&self.core).await?;
        Ok(())
    }

    async fn due(&self) -> Result<Vec<(WorkspaceId, CampaignId)>, EngineError> {
        let ctx = &self.core.deps.ctx;
        let wanted = [Status::Sending.as_str(), Status::Scheduled.as_str()];
        let select = campaigns::Entity::find()
            .select_only()
            .columns([
                campaigns::Column::Id,
                campaigns::Column::WorkspaceId,
                campaigns::Column::Status,
                campaigns::Column::ScheduleJson,
            ])
            .filter(campaigns::Column::Status.is_in(wanted));
        let rows: Vec<Due> = ctx.db.everywhere_as(System::task(LABEL), select).await?;
        let now = ctx.now();
        let behind = matches!(self.core.boot.seen().clock(ctx).await?, Belief::Behind(_));
        Ok(rows
            .into_iter()
            .filter(|row| {
                row.status == Status::Sending.as_str()
                    || (!behind && round::is_due(row.schedule_json.as_ref(), now))
            })
            .map(|row| (row.workspace_id, row.id))
            .collect())
    }

    async fn look_at(
        &self,
        workspace_id: WorkspaceId,
        campaign_id: CampaignId,
    ) -> Result<(), EngineError> {
        if self.core.stop.is_cancelled() {
            return Ok(());
        }
        self.active.look_at(campaign_id, |handle| {
            let (core, active) = (Arc::clone(&self.core), Arc::clone(&self.active));
            Coordinator::start(core, active, handle, workspace_id, campaign_id)
        });
        Ok(())
    }

    async fn others(&self) -> Result<usize, EngineError> {
        let boot = &self.core.boot;
        let alive = boot.alive(&self.core.deps.ctx).await?;
        Ok(alive.into_iter().filter(|id| *id != boot.id()).count())
    }

    async fn heartbeat(&self) -> Result<(), EngineError> {
        let ctx = &self.core.deps.ctx;
        if self.core.boot.is_due(ctx) {
            let tx = ctx.db.begin().await?;
            tx.unaudited("a server shows that it runs");
            let at = self.core.boot.beat(ctx, &tx).await?;
            tx.commit().await?;
            self.core.boot.beaten(at);
        }
        // Other processes on the same database may have died; on SQLite there are none.
        if !ctx.db.is_sqlite() {
            recover::all(&self.core).await?;
        }
        Ok(())
    }

    async fn stop(&self) {
        self.core.stop.cancel();
        let deadline = Instant::now() + STOP_LIMIT;
        for mut task in self.active.drain() {
            if tokio::time::timeout_at(deadline, &mut task).await.is_err() {
                // What it had in flight is settled like after a crash.
                task.abort();
                // Its tasks end with it; whether by that or by themselves makes no difference here.
                let _ = task.await;
            }
        }
        if let Err(error) = self.core.boot.stopped(&self.core.deps.ctx).await {
            tracing::warn!("the end of this run was not noted: {}", described(&error));
        }
    }
}

fn described(error: &StoreError) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    format!("{error}: {cause}")
}

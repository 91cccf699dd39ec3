//! [`BulkActions`] on the database.

use std::sync::Arc;

use async_trait::async_trait;
use crm_core::{BulkId, Context, Scope, Vault, WorkspaceId};

use super::{
    Action, Bulk, BulkActions, Filter, Result, Selected, Selection, get, run, select, start, undo,
};
use crate::ledger::CampaignLedger;
use crate::merge::SeaMerges;
use crate::segments::saved::SeaSavedSegments;
use crate::trash::SeaTrash;

/// [`BulkActions`] on the database.
#[derive(Clone)]
pub struct SeaBulkActions {
    pub(super) ctx: Context,
    pub(super) ledger: Arc<dyn CampaignLedger>,
    pub(super) vault: Vault,
    pub(super) merges: SeaMerges,
    pub(super) trash: SeaTrash,
    pub(super) segments: SeaSavedSegments,
}

impl SeaBulkActions {
    /// Actions on this context. `vault` signs selections.
    pub fn new(ctx: Context, ledger: Arc<dyn CampaignLedger>, vault: Vault) -> Self {
        Self {
            merges: SeaMerges::new(ctx.clone(), Arc::clone(&ledger)),
            trash: SeaTrash::new(ctx.clone(), Arc::clone(&ledger)),
            segments: SeaSavedSegments::new(ctx.clone()),
            ledger,
            vault,
            ctx,
        }
    }
}

#[async_trait]
impl BulkActions for SeaBulkActions {
    async fn select(&self, scope: &Scope, filter: Filter) -> Result<Selected> {
        select::run(self, scope, filter).await
    }

    async fn start(&self, scope: &Scope, action: Action, on: Selection) -> Result<Bulk> {
        Box::pin(start::start(self, scope, action, on)).await
    }

    async fn get(&self, scope: &Scope, id: BulkId) -> Result<Option<Bulk>> {
        get::one(self, scope, id).await
    }

    async fn recent(&self, scope: &Scope) -> Result<Vec<Bulk>> {
        get::recent(self, scope).await
    }

    async fn undo(&self, scope: &Scope, id: BulkId) -> Result<Bulk> {
        Box::pin(undo::start(self, scope, id)).await
    }

    async fn run(&self, workspace_id: WorkspaceId, id: BulkId) -> Result<()> {
        Box::pin(run::to_end(self, workspace_id, id)).await
    }

    async fn unfinished(&self) -> Result<Vec<(WorkspaceId, BulkId)>> {
        get::unfinished(self).await
    }
}

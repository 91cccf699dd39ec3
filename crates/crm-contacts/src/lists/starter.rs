//! The stages a new workspace starts with.

use async_trait::async_trait;
use crm_core::accounts::WorkspaceSeed;
use crm_core::{Context, ListId, Scope, StoreError, Tx};
use sea_orm::Set;

use crate::entity::contact_lists;

/// In pipeline order.
const STAGES: [&str; 6] = ["New", "Contacted", "Qualified", "Proposal", "Won", "Lost"];

/// Puts a pipeline into every new workspace.
#[derive(Clone)]
pub struct StarterLists {
    ctx: Context,
}

impl StarterLists {
    /// Starter lists with ids and times from this context.
    pub const fn new(ctx: Context) -> Self {
        Self { ctx }
    }
}

#[async_trait]
impl WorkspaceSeed for StarterLists {
    async fn seed(&self, tx: &Tx, scope: &Scope) -> Result<(), StoreError> {
        let stages = (1_i64..).zip(STAGES).map(|(place, name)| contact_lists::ActiveModel {
            id: Set(self.ctx.id(ListId::from_uuid)),
            workspace_id: Set(scope.workspace_id()),
            name: Set(name.to_owned()),
            is_primary: Set(true),
            position: Set(place),
            color: Set(Some(place.to_string())),
            created_at: Set(self.ctx.now()),
            version: Set(1),
        });
        tx.insert_many(scope, stages.collect()).await
    }
}

//! Writing entries.

use std::sync::Arc;

use async_trait::async_trait;
use crm_core::{
    Actor, AuditEvent, AuditId, AuditLog, Clock, IdGen, StoreError, System, Tx, WorkspaceId,
};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect, Set, TryIntoModel};

use crate::chain::{GENESIS, entry_hash};
use crate::entity::{ActiveModel, Column, Entity};

const SYSTEM: System = System::task("audit");

/// The audit log in the database, one chain for the whole installation.
#[derive(Clone)]
pub struct ChainedAuditLog {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
}

impl ChainedAuditLog {
    /// An audit log that takes its times and ids from here.
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdGen>) -> Self {
        Self { clock, ids }
    }
}

#[async_trait]
impl AuditLog for ChainedAuditLog {
    async fn record(
        &self,
        tx: &Tx,
        workspace_id: Option<WorkspaceId>,
        actor: &Actor,
        event: AuditEvent,
    ) -> Result<(), StoreError> {
        // The chain has one end: whoever appends to it waits for the one before to commit.
        tx.serialize_on("audit").await?;
        let select = Entity::find().order_by_desc(Column::Seq).limit(1);
        let last = tx.everywhere(SYSTEM, select).await?.pop();
        let (seq, prev_hash) =
            last.map_or_else(|| (1, GENESIS.to_owned()), |last| (last.seq + 1, last.hash));
        let mut details = event.details;
        let who = actor.user_id.map_or_else(|| actor.label.to_owned(), |id| id.to_string());
        details.insert("actor".to_owned(), who.into());
        let mut row = ActiveModel {
            id: Set(AuditId::from_uuid(self.ids.uuid())),
            user_id: Set(actor.user_id),
            workspace_id: Set(workspace_id),
            action: Set(event.action.to_owned()),
            entity_type: Set(event.entity_type.to_owned()),
            entity_id: Set(event.entity_id),
            details: Set(details.into()),
            ip_address: Set(actor.ip_address.clone()),
            timestamp: Set(self.clock.now()),
            seq: Set(seq),
            prev_hash: Set(prev_hash),
            hash: Set(String::new()),
        };
        let model = row.clone().try_into_model()?;
        row.hash = Set(entry_hash(&model));
        tx.insert_system(SYSTEM, row).await?;
        Ok(())
    }
}

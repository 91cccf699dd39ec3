//! Writing entries.

use std::sync::Arc;

use async_trait::async_trait;
use crm_core::{
    Actor, AuditEvent, AuditId, AuditLog, Clock, IdGen, StoreError, System, Tx, WorkspaceId,
};
use sea_orm::Set;

use crate::chain::{ACTOR, Said, entry_hash};
use crate::entity::audit_logs::ActiveModel;
use crate::head;

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
        let end = head::read_in(tx).await?;
        let seq = end.seq + 1;
        let mut details = event.details;
        let who = actor.user_id.map_or_else(|| actor.label.to_owned(), |id| id.to_string());
        details.insert(ACTOR.to_owned(), who.into());
        if let Some(key) = actor.key_id {
            details.insert("api_key_id".to_owned(), key.to_string().into());
        }
        let id = AuditId::from_uuid(self.ids.uuid());
        let now = self.clock.now();
        let details = details.into();
        let hash = entry_hash(
            &end.hash,
            &Said {
                id: &id.to_string(),
                seq,
                workspace_id: workspace_id.map(|id| id.to_string()).as_deref(),
                action: event.action,
                entity_type: event.entity_type,
                entity_id: event.entity_id.as_deref(),
                details: &details,
                ip_address: actor.ip_address.as_deref(),
                timestamp: &now.to_string(),
            },
        );
        let row = ActiveModel {
            id: Set(id),
            user_id: Set(actor.user_id),
            workspace_id: Set(workspace_id),
            action: Set(event.action.to_owned()),
            entity_type: Set(event.entity_type.to_owned()),
            entity_id: Set(event.entity_id),
            details: Set(details),
            ip_address: Set(actor.ip_address.clone()),
            timestamp: Set(now),
            seq: Set(seq),
            prev_hash: Set(end.hash),
            hash: Set(hash.clone()),
        };
        tx.insert_system(SYSTEM, row).await?;
        head::advance(tx, seq, &hash).await
    }
}

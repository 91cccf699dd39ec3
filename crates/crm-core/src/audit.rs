//! The audit port: services report mutations here, in the mutation's own transaction. `crm-audit` implements it.

use async_trait::async_trait;
use serde::Serialize;

use crate::{Actor, StoreError, Tx, WorkspaceId};

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct AuditEvent {
    /// What was done, as `entity.verb` in the past: `contact.created`.
    pub action: &'static str,
    /// What it was done to: `contact`.
    pub entity_type: &'static str,
    /// Which one; `None` for what concerns many.
    pub entity_id: Option<String>,
    /// More about it, as a JSON object. Never holds a secret.
    pub details: serde_json::Map<String, serde_json::Value>,
}

impl AuditEvent {
    /// An event about one entity.
    pub fn new(
        action: &'static str,
        entity_type: &'static str,
        entity_id: impl std::fmt::Display,
    ) -> Self {
        Self {
            action,
            entity_type,
            entity_id: Some(entity_id.to_string()),
            details: serde_json::Map::new(),
        }
    }

    /// An event about many entities at once, or none.
    pub fn about(action: &'static str, entity_type: &'static str) -> Self {
        Self { action, entity_type, entity_id: None, details: serde_json::Map::new() }
    }

    /// The same with one more detail. A value that cannot be written as JSON is left out.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.details.insert(name.to_owned(), value);
        }
        self
    }
}

/// Takes audit entries.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Writes `event` by `actor` into `tx`. `workspace_id` is `None` for what happens outside workspaces.
    async fn record(
        &self,
        tx: &Tx,
        workspace_id: Option<WorkspaceId>,
        actor: &Actor,
        event: AuditEvent,
    ) -> Result<(), StoreError>;
}

//! Writing entries inside the transaction they belong to.

use crm_core::{Context, LogId, Scope, StoreError, Tx};
use sea_orm::Set;

use super::{LogContent, NewLogEntry};
use crate::entity::communication_logs;

impl LogContent {
    /// The word of the `status` column: where a message stands; anything else is done once it is written down.
    pub(super) fn status(&self) -> &str {
        match self {
            Self::Email { status, .. } | Self::Text { status, .. } => status,
            _ => "done",
        }
    }
}

pub(crate) async fn run(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    entries: Vec<NewLogEntry>,
) -> Result<(), StoreError> {
    let rows = entries.iter().map(|entry| row(ctx, scope, entry));
    tx.insert_many(scope, rows.collect::<Result<Vec<_>, _>>()?).await
}

pub(crate) fn row(
    ctx: &Context,
    scope: &Scope,
    entry: &NewLogEntry,
) -> Result<communication_logs::ActiveModel, StoreError> {
    Ok(communication_logs::ActiveModel {
        id: Set(ctx.id(LogId::from_uuid)),
        workspace_id: Set(scope.workspace_id()),
        contact_id: Set(entry.contact_id),
        kind: Set(entry.content.kind().to_owned()),
        status: Set(Some(entry.content.status().to_owned())),
        content: Set(serde_json::to_value(&entry.content)?),
        timestamp: Set(entry.timestamp),
        actor_id: Set(scope.user_id()),
        campaign_recipient_id: Set(entry.campaign_recipient_id),
        version: Set(1),
    })
}

//! Beginning an action.

use crm_core::{AuditEvent, BulkId, Scope, StoreError};
use sea_orm::Set;

use super::rows::number;
use super::{
    AT_ONCE, Action, Bulk, BulkError, Result, SeaBulkActions, Selection, check, get, run, select,
};
use crate::entity::{bulk_actions as actions, bulk_rows as rows};

pub(super) async fn start(
    service: &SeaBulkActions,
    scope: &Scope,
    action: Action,
    on: Selection,
) -> Result<Bulk> {
    let ctx = &service.ctx;
    let tx = ctx.db.begin().await?;
    check::run(&tx, scope, &action).await?;
    let mut ids = select::ids(service, &tx, scope, on).await?;
    if let Action::Merge { target_id, .. } = &action {
        ids.retain(|id| id != target_id);
    }
    if ids.is_empty() {
        return Err(BulkError::Nothing);
    }
    let id = ctx.id(BulkId::from_uuid);
    let total = ids.len();
    let row = actions::ActiveModel {
        id: Set(id),
        workspace_id: Set(scope.workspace_id()),
        user_id: Set(scope.user_id()),
        action: Set(action.as_str().to_owned()),
        params: Set(serde_json::to_value(&action).map_err(StoreError::from)?),
        state: Set("queued".to_owned()),
        total: Set(number(total)),
        done: Set(0),
        changed: Set(0),
        undone: Set(0),
        error: Set(None),
        created_at: Set(ctx.now()),
        finished_at: Set(None),
        boot_id: Set(None),
    };
    tx.insert(scope, row).await?;
    let contacts = ids.into_iter().enumerate().map(|(at, contact_id)| rows::ActiveModel {
        bulk_id: Set(id),
        row_no: Set(number(at)),
        workspace_id: Set(scope.workspace_id()),
        contact_id: Set(contact_id),
        state: Set("waiting".to_owned()),
        reason: Set(None),
        before: Set(None),
    });
    tx.insert_many(scope, contacts.collect()).await?;
    let event = AuditEvent::new("contacts.bulk", "bulk", id)
        .with("action", &action)
        .with("contacts", total);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    if total <= AT_ONCE {
        Box::pin(run::batch(service, &tx, scope, id, AT_ONCE)).await?;
    }
    tx.commit().await?;
    get::one(service, scope, id).await?.ok_or(BulkError::UnknownBulk)
}

//! Changing and deleting what a person wrote themselves.

use crm_core::{AuditEvent, Context, LogId, Scope, StoreError, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;

use super::{LogChange, LogContent, LogEntry, Result, TimelineError, add, page};
use crate::entity::communication_logs::{Column, Entity};

/// The entry, where the caller may change it.
async fn own(tx: &Tx, scope: &Scope, id: LogId) -> Result<Option<LogEntry>> {
    let Some(row) = tx.one(scope, Entity::find_by_id(id)).await? else { return Ok(None) };
    let entry = page::entry(row)?;
    if entry.is_of(scope.user_id()) { Ok(Some(entry)) } else { Err(TimelineError::NotYours) }
}

/// The content with these fields in place of its own; its type stays.
fn merged(content: &LogContent, fields: serde_json::Map<String, Value>) -> Result<LogContent> {
    let mut whole = serde_json::to_value(content).map_err(StoreError::from)?;
    if let Value::Object(stored) = &mut whole {
        for (name, value) in fields {
            if !content.fields().contains(&name.as_str()) {
                let text = format!("a {} has no field \"{name}\" to change", content.kind());
                return Err(TimelineError::InvalidContent(text));
            }
            stored.insert(name, value);
        }
    }
    serde_json::from_value(whole).map_err(|err| TimelineError::InvalidContent(err.to_string()))
}

pub(crate) async fn run(
    ctx: &Context,
    scope: &Scope,
    id: LogId,
    version: Option<i64>,
    change: LogChange,
) -> Result<Option<LogEntry>> {
    let tx = ctx.db.begin().await?;
    let Some(mut entry) = own(&tx, scope, id).await? else { return Ok(None) };
    let seen = entry.version;
    if version.is_some_and(|version| version != seen) {
        return Err(TimelineError::Stale);
    }
    entry.content = add::check(merged(&entry.content, change.content)?)?;
    if let Some(at) = change.timestamp {
        entry.timestamp = add::passed(ctx, at)?;
    }
    entry.version += 1;
    let content = serde_json::to_value(&entry.content).map_err(StoreError::from)?;
    let update = Entity::update_many()
        .col_expr(Column::Content, Expr::value(content))
        .col_expr(Column::Timestamp, Expr::value(entry.timestamp))
        .col_expr(Column::Version, Expr::value(entry.version))
        .filter(Column::Id.eq(id))
        // On PostgreSQL two callers may have read the same version.
        .filter(Column::Version.eq(seen));
    if tx.update_many(scope, update).await? == 0 {
        return Err(TimelineError::Stale);
    }
    let event = event("log.updated", &entry);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(Some(entry))
}

pub(crate) async fn delete(ctx: &Context, scope: &Scope, id: LogId) -> Result<bool> {
    let tx = ctx.db.begin().await?;
    let Some(entry) = own(&tx, scope, id).await? else { return Ok(false) };
    if tx.delete_many(scope, Entity::delete_many().filter(Column::Id.eq(id))).await? == 0 {
        return Ok(false);
    }
    let event = event("log.deleted", &entry);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(true)
}

/// What the audit log keeps of an entry: whose it is and its type, never what it says.
fn event(action: &'static str, entry: &LogEntry) -> AuditEvent {
    AuditEvent::new(action, "log", entry.id)
        .with("contact_id", entry.contact_id)
        .with("type", entry.content.kind())
}

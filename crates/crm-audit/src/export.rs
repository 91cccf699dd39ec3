//! The audit log as a CSV file, a stretch at a time, so that a long log needs no more memory than a short one.

use crm_core::{AuditEvent, Context, Cursor, Db, Scope, StoreError, sheet};

use crate::list::{AuditEntry, AuditFilter, Outside, list};

/// The columns.
const HEADER: [&str; 10] = [
    "number",
    "when",
    "user_id",
    "workspace_id",
    "action",
    "about",
    "id",
    "from",
    "details",
    "entry_id",
];

/// Notes in the log that it is being exported, and by what filter. Comes before the first row leaves.
///
/// # Errors
/// [`StoreError`] where that cannot be written; then nothing may leave.
pub async fn note_export(
    ctx: &Context,
    scope: &Scope,
    filter: &AuditFilter,
) -> Result<(), StoreError> {
    let event = AuditEvent::new("audit.exported", "audit", "log")
        .with("entity_type", &filter.entity_type)
        .with("entity_id", &filter.entity_id)
        .with("action", &filter.action)
        .with("by", filter.user_id.map(|id| id.to_string()));
    let tx = ctx.db.begin().await?;
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await
}

/// The rows of one page of the log, newest first, with the header before the first; and where the next page begins.
///
/// # Errors
/// [`StoreError`] where the log cannot be read.
pub async fn export(
    db: &Db,
    scope: &Scope,
    outside: Outside,
    filter: AuditFilter,
) -> Result<(Vec<u8>, Option<Cursor>), StoreError> {
    let first = filter.page.cursor.is_none();
    let page = list(db, scope, outside, filter).await?;
    let harmless = |cell: String| sheet::harmless(&cell).into_owned();
    let rows = page.items.iter().map(|entry| cells(entry).map(harmless));
    let text = sheet::rows(first.then_some(HEADER.as_slice()), rows)?;
    Ok((text, page.next))
}

fn cells(entry: &AuditEntry) -> [String; 10] {
    let id = |id: Option<String>| id.unwrap_or_default();
    [
        entry.seq.to_string(),
        entry.timestamp.to_string(),
        id(entry.user_id.map(|id| id.to_string())),
        id(entry.workspace_id.map(|id| id.to_string())),
        entry.action.clone(),
        entry.entity_type.clone(),
        id(entry.entity_id.clone()),
        id(entry.ip_address.clone()),
        entry.details.to_string(),
        entry.id.to_string(),
    ]
}

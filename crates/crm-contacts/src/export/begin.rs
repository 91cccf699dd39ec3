//! Beginning an export: what goes into it, how many contacts that are, and the entry in the audit log.

use crm_core::{AuditEvent, Context, PageRequest, Scope, StoreError};

use super::{Export, Format, Result, Stretch, columns};
use crate::contacts::{ContactQuery, definitions, list};
use crate::door::Door;

/// Notes in the audit log that these contacts leave, and then answers with the first of them. `names` are the columns;
/// none are all.
///
/// # Errors
/// [`super::ExportError`] where a column is unknown, or the contacts cannot be read, or the note cannot be written: then
/// nothing has left.
pub async fn begin(
    ctx: &Context,
    scope: &Scope,
    query: ContactQuery,
    names: &[String],
    format: Format,
) -> Result<(Export, Stretch)> {
    let customs = definitions::load(Door::Db(&ctx.db), scope).await?;
    let columns = columns::chosen(names, &customs)?;
    let people = crm_core::workspace::members(&ctx.db, scope).await?.into_iter().collect();
    let page = PageRequest { limit: crm_core::paging::MAX_LIMIT, cursor: None };
    let query = ContactQuery { page, ..query };
    let page = list::run(ctx, scope, query.clone()).await?;
    let count = if page.total_exact { page.total } else { list::count(ctx, scope, &query).await? };
    let headers: Vec<String> = columns.iter().map(columns::Column::name).collect();
    note(ctx, scope, &query, &headers, format, count).await?;
    let (ctx, scope) = (ctx.clone(), scope.clone());
    let export = Export { ctx, scope, query, format, columns, people, count };
    let first = export.stretch(page, true)?;
    Ok((export, first))
}

async fn note(
    ctx: &Context,
    scope: &Scope,
    query: &ContactQuery,
    columns: &[String],
    format: Format,
    count: u64,
) -> std::result::Result<(), StoreError> {
    let mut event = AuditEvent::about("contacts.exported", "contact")
        .with("contacts", count)
        .with("format", format.as_str())
        .with("columns", columns)
        .with("sort", query.sort.as_str());
    if !query.search.trim().is_empty() {
        event = event.with("q", &query.search);
    }
    if let Some(list_id) = query.list_id {
        event = event.with("list_id", list_id);
    }
    if let Some(segment) = &query.segment {
        event = event.with("segment", segment);
    }
    let tx = ctx.db.begin().await?;
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await
}

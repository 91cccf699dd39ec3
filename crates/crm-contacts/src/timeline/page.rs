//! Reading a timeline page by page, newest first.

use crm_core::paging::page_of;
use crm_core::{
    ContactId, Context, Cursor, LogId, Page, PageRequest, Scope, StoreError, Timestamp,
};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoSimpleExpr, Order, QueryFilter, QueryOrder, QuerySelect,
};

use super::{KINDS, LogEntry, Result, TimelineError};
use crate::entity::base_contacts;
use crate::entity::communication_logs::{Column, Entity, Model};

/// Status of entries written before there was one.
const DONE: &str = "done";

pub(crate) async fn run(
    ctx: &Context,
    scope: &Scope,
    contact_id: ContactId,
    kind: Option<&str>,
    page: PageRequest,
) -> Result<Page<LogEntry>> {
    let seen = page.cursor.as_ref().map(seen).transpose()?;
    let contact = ctx.db.one(scope, base_contacts::Entity::find_by_id(contact_id)).await?;
    contact.ok_or(TimelineError::UnknownContact)?;
    let mut select = Entity::find().filter(Column::ContactId.eq(contact_id));
    if let Some(kind) = kind {
        if !KINDS.contains(&kind) {
            return Err(TimelineError::UnknownType);
        }
        select = select.filter(Column::Kind.eq(kind));
    }
    let total = ctx.db.count_capped(scope, select.clone()).await?;

    let backwards = page.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
    if let Some((timestamp, id)) = seen {
        let here =
            Expr::tuple([Column::Timestamp.into_simple_expr(), Column::Id.into_simple_expr()]);
        let there = Expr::tuple([Expr::val(timestamp), Expr::val(id)]);
        select = select.filter(if backwards { here.gt(there) } else { here.lt(there) });
    }
    let order = if backwards { Order::Asc } else { Order::Desc };
    let select = select
        .order_by(Column::Timestamp, order.clone())
        .order_by(Column::Id, order)
        .limit(page.limit() + 1);
    let rows = ctx.db.all(scope, select).await?;
    let entries = rows.into_iter().map(entry).collect::<Result<Vec<_>>>()?;
    Ok(page_of(entries, &page, total, |entry| (entry.timestamp.to_string(), entry.id.to_string())))
}

fn seen(cursor: &Cursor) -> Result<(Timestamp, LogId)> {
    match (cursor.key.parse(), cursor.id.parse()) {
        (Ok(timestamp), Ok(id)) => Ok((timestamp, id)),
        _ => Err(TimelineError::InvalidCursor),
    }
}

pub(super) fn entry(row: Model) -> Result<LogEntry> {
    Ok(LogEntry {
        id: row.id,
        contact_id: row.contact_id,
        content: serde_json::from_value(row.content).map_err(StoreError::from)?,
        timestamp: row.timestamp,
        status: row.status.unwrap_or_else(|| DONE.to_owned()),
        actor_id: row.actor_id,
        campaign_recipient_id: row.campaign_recipient_id,
    })
}

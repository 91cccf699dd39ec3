//! Reading a timeline page by page, newest first.

use crm_core::paging::page_of;
use crm_core::{
    ContactId, Context, Cursor, LogId, Page, PageRequest, Scope, StoreError, Timestamp,
};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoSimpleExpr, Order, QueryFilter, QueryOrder, QuerySelect,
};

use super::{KINDS, LogEntry, LogFilter, Result, TimelineError};
use crate::entity::base_contacts;
use crate::entity::communication_logs::{Column, Entity, Model};

/// Status of entries written before there was one.
const DONE: &str = "done";

pub(crate) async fn run(
    ctx: &Context,
    scope: &Scope,
    contact_id: ContactId,
    filter: &LogFilter,
    page: PageRequest,
) -> Result<Page<LogEntry>> {
    let seen = page.cursor.as_ref().map(seen).transpose()?;
    let contact = ctx.db.one(scope, base_contacts::Entity::find_by_id(contact_id)).await?;
    contact.ok_or(TimelineError::UnknownContact)?;
    let mut select = Entity::find().filter(Column::ContactId.eq(contact_id));
    if filter.kinds.iter().any(|kind| !KINDS.contains(&kind.as_str())) {
        return Err(TimelineError::UnknownType);
    }
    if !filter.kinds.is_empty() {
        select = select.filter(Column::Kind.is_in(filter.kinds.iter().map(String::as_str)));
    }
    if let Some(actor) = filter.actor_id {
        select = select.filter(Column::ActorId.eq(actor));
    }
    if let Some(since) = filter.since {
        select = select.filter(Column::Timestamp.gte(since));
    }
    if let Some(until) = filter.until {
        select = select.filter(Column::Timestamp.lt(until));
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
        version: row.version,
    })
}

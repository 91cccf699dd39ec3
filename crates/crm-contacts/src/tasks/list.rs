//! One page of tasks, the most urgent first; of those that are done, the last one done.

use crm_core::paging::page_of;
use crm_core::{Context, Cursor, Page, Scope, StoreError, TaskId, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoSimpleExpr, Order, QueryFilter, QueryOrder, QuerySelect,
};

use super::{Result, Task, TaskFilter, TaskKind, TasksError};
use crate::entity::tasks::{Column, Entity, Model};

/// When tasks without a time are due: after all others, in a form that sorts like a time on both databases.
const SOME_TIME: &str = "9999-12-31T23:59:59.999Z";

pub(super) async fn run(ctx: &Context, scope: &Scope, filter: TaskFilter) -> Result<Page<Task>> {
    let page = &filter.page;
    let seen = page.cursor.as_ref().map(seen).transpose()?;
    let mut select = Entity::find();
    if let Some(id) = filter.assignee_id {
        select = select.filter(Column::AssigneeId.eq(id));
    }
    if let Some(id) = filter.contact_id {
        select = select.filter(Column::ContactId.eq(id));
    }
    if let Some(moment) = filter.due_before {
        select = select.filter(Column::DueAt.lt(moment));
    }
    match filter.done {
        Some(true) => select = select.filter(Column::DoneAt.is_not_null()),
        Some(false) => select = select.filter(Column::DoneAt.is_null()),
        None => {}
    }
    let total = ctx.db.count_capped(scope, select.clone()).await?;
    let backwards = page.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
    let by_done = filter.done == Some(true);
    let due = || -> Expr {
        let column = if by_done { Column::DoneAt } else { Column::DueAt };
        Func::coalesce([column.into_simple_expr(), Expr::val(SOME_TIME)]).into()
    };
    let descending = by_done != backwards;
    if let Some((key, id)) = seen {
        let here = Expr::tuple([due(), Column::Id.into_simple_expr()]);
        let there = Expr::tuple([Expr::val(key), Expr::val(id)]);
        select = select.filter(if descending { here.lt(there) } else { here.gt(there) });
    }
    let order = if descending { Order::Desc } else { Order::Asc };
    let select =
        select.order_by(due(), order.clone()).order_by(Column::Id, order).limit(page.limit() + 1);
    let rows = ctx.db.all(scope, select).await?;
    let tasks = rows.into_iter().map(task).collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(page_of(tasks, page, total, |task| {
        let at = if by_done { task.done_at } else { task.due_at };
        let due = at.map_or_else(|| SOME_TIME.to_owned(), |at| at.to_string());
        (due, task.id.to_string())
    }))
}

fn seen(cursor: &Cursor) -> Result<(String, TaskId)> {
    match (cursor.key.parse::<Timestamp>(), cursor.id.parse()) {
        (Ok(due), Ok(id)) => Ok((due.to_string(), id)),
        _ => Err(TasksError::InvalidCursor),
    }
}

/// A row as callers see it.
pub(crate) fn task(row: Model) -> std::result::Result<Task, StoreError> {
    Ok(Task {
        id: row.id,
        contact_id: row.contact_id,
        assignee_id: row.assignee_id,
        kind: TaskKind::parse(&row.kind)?,
        title: row.title,
        due_at: row.due_at,
        done_at: row.done_at,
        created_by: row.created_by,
        created_at: row.created_at,
        version: row.version,
    })
}

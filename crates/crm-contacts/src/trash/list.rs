//! What is in the trash.

use std::time::Duration;

use crm_core::paging::page_of;
use crm_core::{ContactId, Page, PageRequest, Scope, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{EntityTrait, FromQueryResult, IntoSimpleExpr, Order, QueryOrder, QuerySelect};

use super::{DAYS, Deleted, Result, SeaTrash, TrashError};
use crate::entity::contact_trash::{Column, Entity};

/// How long contacts stay.
pub(super) const KEPT: Duration = Duration::from_hours(DAYS * 24);

/// A row without its snapshot, which may be long.
#[derive(FromQueryResult)]
struct Row {
    contact_id: ContactId,
    name: String,
    deleted_by: Option<crm_core::UserId>,
    deleted_at: Timestamp,
}

pub(super) async fn run(
    service: &SeaTrash,
    scope: &Scope,
    request: PageRequest,
) -> Result<Page<Deleted>> {
    let db = &service.ctx.db;
    let total = db.count_capped(scope, Entity::find()).await?;
    let mut select = Entity::find().select_only().columns([
        Column::ContactId,
        Column::Name,
        Column::DeletedBy,
        Column::DeletedAt,
    ]);
    let backwards = request.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
    if let Some(cursor) = &request.cursor {
        let seen = (cursor.key.parse::<Timestamp>(), cursor.id.parse::<ContactId>());
        let (Ok(at), Ok(id)) = seen else { return Err(TrashError::InvalidCursor) };
        let here = Expr::tuple([
            Column::DeletedAt.into_simple_expr(),
            Column::ContactId.into_simple_expr(),
        ]);
        let there = Expr::tuple([Expr::val(at), Expr::val(id)]);
        let beyond = if backwards { here.gt(there) } else { here.lt(there) };
        select = sea_orm::QueryFilter::filter(select, beyond);
    }
    let order = if backwards { Order::Asc } else { Order::Desc };
    let select = select
        .order_by(Column::DeletedAt, order.clone())
        .order_by(Column::ContactId, order)
        .limit(request.limit() + 1);
    let rows: Vec<Row> = db.all_as(scope, select).await?;
    let items = rows.into_iter().map(|row| Deleted {
        id: row.contact_id,
        name: row.name,
        deleted_by: row.deleted_by,
        deleted_at: row.deleted_at,
        gone_at: row.deleted_at.plus(KEPT),
    });
    Ok(page_of(items.collect(), &request, total, |row| {
        (row.deleted_at.to_string(), row.id.to_string())
    }))
}

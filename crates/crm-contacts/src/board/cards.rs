//! One page of a column. The index of a stage's contacts by when they entered it is walked from the last one seen; what
//! the cards say is read for those of the page only.

use std::collections::HashMap;

use crm_core::paging::page_of;
use crm_core::{ContactId, Context, Cursor, ListId, Page, PageRequest, Scope, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, FromQueryResult, IntoSimpleExpr, Order, QueryFilter, QueryOrder, QuerySelect,
};

use super::{BoardError, BoardFilter, BoardOrder, Card, Result, filter};
use crate::contacts::load;
use crate::door::Door;
use crate::entity::contact_list_assignments::Column;
use crate::tasks::next;

/// A contact in the stage.
#[derive(Debug, FromQueryResult)]
struct Place {
    contact_id: ContactId,
    assigned_at: Timestamp,
}

fn seen(cursor: &Cursor) -> Result<(Timestamp, ContactId)> {
    match (cursor.key.parse(), cursor.id.parse()) {
        (Ok(since), Ok(id)) => Ok((since, id)),
        _ => Err(BoardError::InvalidCursor),
    }
}

pub(super) async fn run(
    ctx: &Context,
    scope: &Scope,
    stage: ListId,
    wanted: &BoardFilter,
    order: BoardOrder,
    page: PageRequest,
) -> Result<Page<Card>> {
    let seen = page.cursor.as_ref().map(seen).transpose()?;
    let mut select = filter::stages(ctx, scope, wanted).await?.filter(Column::ListId.eq(stage));
    let backwards = page.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
    let descending = (order == BoardOrder::NewestFirst) != backwards;
    if let Some((since, id)) = seen {
        let here = Expr::tuple([
            Column::AssignedAt.into_simple_expr(),
            Column::ContactId.into_simple_expr(),
        ]);
        let there = Expr::tuple([Expr::val(since), Expr::val(id)]);
        select = select.filter(if descending { here.lt(there) } else { here.gt(there) });
    }
    let order = if descending { Order::Desc } else { Order::Asc };
    let select = select
        .select_only()
        .column(Column::ContactId)
        .column(Column::AssignedAt)
        .order_by(Column::AssignedAt, order.clone())
        .order_by(Column::ContactId, order)
        .limit(page.limit() + 1);
    let places = ctx.db.all_as::<_, Place>(scope, select).await?;
    let ids: Vec<ContactId> = places.iter().map(|place| place.contact_id).collect();
    let contacts = load::by_ids(Door::Db(&ctx.db), scope, &ids).await?;
    let mut contacts: HashMap<ContactId, _> =
        contacts.into_iter().map(|contact| (contact.id, contact)).collect();
    let mut next = next::run(ctx, scope, &ids).await?;
    let cards = places.into_iter().filter_map(|place| {
        let contact = contacts.remove(&place.contact_id)?;
        Some(Card {
            id: contact.id,
            name: contact.display_name(),
            next: next.remove(&contact.id),
            company: contact.company,
            value_minor: contact.value_minor,
            owner_id: contact.owner_id,
            since: place.assigned_at,
        })
    });
    let cards: Vec<Card> = cards.collect();
    Ok(page_of(cards, &page, (0, false), |card| (card.since.to_string(), card.id.to_string())))
}

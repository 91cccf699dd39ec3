//! Lists with how many contacts are in each and what those are worth: three queries, however many lists there are.

use std::collections::HashMap;

use crm_core::{Context, ListId, Scope, StoreError};
use sea_orm::sea_query::{Alias, Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, IntoSimpleExpr, JoinType, QueryFilter, QuerySelect,
    RelationTrait,
};

use super::{List, Result};
use crate::entity::{base_contacts, contact_list_assignments as assignments, contact_lists};

#[derive(Debug, FromQueryResult)]
struct Count {
    list_id: ListId,
    contacts: i64,
}

/// The sum is read as a floating number, because one of whole numbers could overflow and fail the whole page.
#[derive(Debug, FromQueryResult)]
struct Worth {
    list_id: Option<ListId>,
    worth: Option<f64>,
}

/// Stages in pipeline order, then tags by name.
pub(super) async fn all(ctx: &Context, scope: &Scope) -> Result<Vec<List>> {
    let mut lists = counted(ctx, scope).await?;
    lists.sort_by_cached_key(|list| {
        let name = list.name.to_lowercase();
        if list.is_primary { (false, list.position, name) } else { (true, 0, name) }
    });
    Ok(lists)
}

/// Every list, in no particular order.
pub(crate) async fn counted(
    ctx: &Context,
    scope: &Scope,
) -> std::result::Result<Vec<List>, StoreError> {
    let rows = ctx.db.all(scope, contact_lists::Entity::find()).await?;
    with_tallies(ctx, scope, rows, None).await
}

/// One list.
pub(super) async fn one(ctx: &Context, scope: &Scope, id: ListId) -> Result<Option<List>> {
    let Some(row) = ctx.db.one(scope, contact_lists::Entity::find_by_id(id)).await? else {
        return Ok(None);
    };
    Ok(with_tallies(ctx, scope, vec![row], Some(id)).await?.pop())
}

async fn with_tallies(
    ctx: &Context,
    scope: &Scope,
    rows: Vec<contact_lists::Model>,
    only: Option<ListId>,
) -> std::result::Result<Vec<List>, StoreError> {
    let mut counts = assignments::Entity::find()
        .select_only()
        .column(assignments::Column::ListId)
        .expr_as(assignments::Column::ContactId.into_simple_expr().count(), "contacts")
        .group_by(assignments::Column::ListId);
    // Most contacts have no value. The outer join makes both databases begin with those that have one, instead of
    // looking up the contact of every assignment.
    let value = base_contacts::Column::ValueMinor.into_simple_expr();
    let mut worths = base_contacts::Entity::find()
        .select_only()
        .column(assignments::Column::ListId)
        .expr_as(Expr::expr(value.cast_as(Alias::new("double precision"))).sum(), "worth")
        .join_rev(JoinType::LeftJoin, assignments::Relation::Contact.def())
        .filter(base_contacts::Column::ValueMinor.is_not_null())
        .group_by(assignments::Column::ListId);
    if let Some(id) = only {
        counts = counts.filter(assignments::Column::ListId.eq(id));
        worths = worths.filter(assignments::Column::ListId.eq(id));
    }
    let counts = ctx.db.all_as::<_, Count>(scope, counts).await?;
    let counts: HashMap<ListId, i64> =
        counts.into_iter().map(|row| (row.list_id, row.contacts)).collect();
    let worths = ctx.db.all_as::<_, Worth>(scope, worths).await?;
    let worths: HashMap<ListId, f64> =
        worths.into_iter().filter_map(|row| row.list_id.zip(row.worth)).collect();
    let lists = rows.into_iter().map(|row| {
        let contacts = counts.get(&row.id).copied().unwrap_or(0);
        let worth = worths.get(&row.id).copied().unwrap_or(0.0);
        list(row, contacts, worth)
    });
    lists.collect()
}

fn list(
    row: contact_lists::Model,
    contacts: i64,
    worth: f64,
) -> std::result::Result<List, StoreError> {
    let contacts = u64::try_from(contacts);
    Ok(List {
        id: row.id,
        name: row.name,
        is_primary: row.is_primary,
        position: row.position,
        color: contact_lists::color(row.color.as_deref()),
        created_at: row.created_at,
        version: row.version,
        contacts: contacts.map_err(|_| StoreError::Corrupt("a negative count".to_owned()))?,
        value_minor: whole(worth),
    })
}

/// The nearest whole number, at the edge of the range where there is none.
pub(crate) fn whole(number: f64) -> i64 {
    let edge = if number < 0.0 { i64::MIN } else { i64::MAX };
    format!("{number:.0}").parse().unwrap_or(edge)
}

//! How many contacts are in each stage and what they are worth.

use std::collections::HashMap;

use crm_core::{Context, ListId, Scope};
use sea_orm::sea_query::{Alias, Expr, ExprTrait};
use sea_orm::{ColumnTrait, FromQueryResult, IntoSimpleExpr, QuerySelect};

use super::{BoardFilter, Result, Total, filter};
use crate::entity::base_contacts;
use crate::entity::contact_list_assignments as assignments;
use crate::lists::read;

/// The sum is read as a floating number, because one of whole numbers could overflow and fail the whole page.
#[derive(Debug, FromQueryResult)]
struct Row {
    list_id: ListId,
    contacts: i64,
    worth: Option<f64>,
}

pub(super) async fn run(
    ctx: &Context,
    scope: &Scope,
    wanted: &BoardFilter,
) -> Result<HashMap<ListId, Total>> {
    if wanted.is_empty() {
        // Of everybody, lists are counted without looking at each contact.
        let lists = read::counted(ctx, scope).await?;
        let totals = lists.into_iter().filter(|list| list.is_primary).map(|list| {
            (list.id, Total { contacts: list.contacts, value_minor: list.value_minor })
        });
        return Ok(totals.collect());
    }
    let value = base_contacts::Column::ValueMinor.into_simple_expr();
    let select = filter::stages(ctx, scope, wanted)
        .await?
        .select_only()
        .column(assignments::Column::ListId)
        .expr_as(assignments::Column::ContactId.count(), "contacts")
        .expr_as(Expr::expr(value.cast_as(Alias::new("double precision"))).sum(), "worth")
        .group_by(assignments::Column::ListId);
    let rows = ctx.db.all_as::<_, Row>(scope, select).await?;
    let totals = rows.into_iter().map(|row| {
        let contacts = u64::try_from(row.contacts).unwrap_or_default();
        (row.list_id, Total { contacts, value_minor: read::whole(row.worth.unwrap_or(0.0)) })
    });
    Ok(totals.collect())
}

//! For how long the contacts of each stage have been there, on average. It is exact, and read from an index alone, which
//! holds when each of them entered its stage.

use std::collections::HashMap;
use std::time::Duration;

use crm_core::{Context, ListId, Scope};
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, FromQueryResult, QuerySelect};

use super::{BoardFilter, Result, filter};
use crate::entity::contact_list_assignments::{Column, Entity};

/// The mean of the moments they entered, in seconds since 1970.
#[derive(Debug, FromQueryResult)]
struct Row {
    list_id: ListId,
    entered: Option<f64>,
}

pub(super) async fn run(
    ctx: &Context,
    scope: &Scope,
    wanted: &BoardFilter,
) -> Result<HashMap<ListId, Duration>> {
    // The index does not say what a stage is, so the tags come along.
    let select =
        if wanted.is_empty() { Entity::find() } else { filter::stages(ctx, scope, wanted).await? };
    let entered = if ctx.db.is_sqlite() {
        "AVG((julianday(\"contact_list_assignments\".\"assigned_at\") - 2440587.5) * 86400.0)"
    } else {
        "CAST(AVG(EXTRACT(EPOCH FROM CAST(\"contact_list_assignments\".\"assigned_at\" AS timestamptz))) \
         AS double precision)"
    };
    let select = select
        .select_only()
        .column(Column::ListId)
        .expr_as(Expr::cust(entered), "entered")
        .group_by(Column::ListId);
    let now = Duration::from_millis(u64::try_from(ctx.now().unix_millis()).unwrap_or_default());
    let rows = ctx.db.all_as::<_, Row>(scope, select).await?;
    let stays = rows.into_iter().filter_map(|row| {
        let entered = Duration::try_from_secs_f64(row.entered?).ok()?;
        Some((row.list_id, now.saturating_sub(entered)))
    });
    Ok(stays.collect())
}

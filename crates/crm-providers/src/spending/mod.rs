//! What text messages cost in a calendar month (UTC): counted in parts, as providers charge them, and kept in the database over
//! restarts. A limit is never passed, not by a campaign, a message to one person or a test.

mod capped;
mod price;

use crm_core::{Context, ProviderId, Scope, StoreError, Timestamp};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, Set};

pub(crate) use capped::Capped;
pub use price::Price;

use crate::entity::text_spending::{ActiveModel, Column, Entity};

/// The kind of a refusal of our own: the limit of the month is reached.
pub const SPENT: &str = "spending limit";

/// What text messages of a provider cost this month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spending {
    /// Parts that were sent, or may have been.
    pub parts: u64,
    /// Most parts in a month; `None` is no limit.
    pub most: Option<u32>,
    /// What one part costs, where somebody has entered it.
    pub price: Option<Price>,
}

impl Spending {
    /// Parts that are left this month; `None` without a limit.
    pub fn left(&self) -> Option<u64> {
        self.most.map(|most| u64::from(most).saturating_sub(self.parts))
    }
}

/// The month of a moment, `2026-11`.
fn month(at: Timestamp) -> String {
    at.to_string().chars().take(7).collect()
}

/// Parts of a provider in this month.
pub(crate) async fn used(ctx: &Context, scope: &Scope, id: ProviderId) -> Result<u64, StoreError> {
    let select = Entity::find_by_id((id, month(ctx.now())));
    let row = ctx.db.one(scope, select).await?;
    Ok(row.map_or(0, |row| u64::try_from(row.parts).unwrap_or(0)))
}

/// Takes parts from the limit of this month, before they leave: what a crash interrupts stays counted. The parts that were
/// used before are the error where they would pass it.
async fn take(
    ctx: &Context,
    scope: &Scope,
    id: ProviderId,
    (parts, most): (i64, Option<u32>),
) -> Result<Result<String, i64>, StoreError> {
    let month = month(ctx.now());
    let over = add(ctx, scope, (id, &month), (parts, most)).await?;
    Ok(over.map_or(Ok(month), Err))
}

/// Gives parts back that surely did not leave.
async fn give_back(
    ctx: &Context,
    scope: &Scope,
    of: (ProviderId, &str),
    parts: i64,
) -> Result<(), StoreError> {
    add(ctx, scope, of, (-parts, None)).await.map(drop)
}

/// Adds parts; gives those there are where they would pass the limit.
async fn add(
    ctx: &Context,
    scope: &Scope,
    (id, month): (ProviderId, &str),
    (parts, most): (i64, Option<u32>),
) -> Result<Option<i64>, StoreError> {
    let tx = ctx.db.begin().await?;
    // Two processes must not both see the last part; the second waits for the first to commit.
    tx.serialize_on(&format!("text spending {id}")).await?;
    let row = tx.one(scope, Entity::find_by_id((id, month.to_owned()))).await?;
    let used = row.map_or(0, |row| row.parts);
    let then = used.saturating_add(parts).max(0);
    if most.is_some_and(|most| then > i64::from(most)) {
        return Ok(Some(used));
    }
    let row = ActiveModel {
        workspace_id: Set(scope.workspace_id()),
        provider_id: Set(id),
        month: Set(month.to_owned()),
        parts: Set(then),
    };
    let rule = OnConflict::columns([Column::ProviderId, Column::Month])
        .update_column(Column::Parts)
        .to_owned();
    tx.insert_many_on_conflict(scope, vec![row], rule).await?;
    tx.unaudited("a text message is paid for");
    tx.commit().await?;
    Ok(None)
}

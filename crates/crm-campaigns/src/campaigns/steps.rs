//! Pausing, going on and stopping for good.

use crm_core::{CampaignId, Scope};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, UpdateMany};

use super::deps::{Deps, event};
use super::status::{self, Move};
use super::{Campaign, RecipientState, Result, SkipReason, ledger, start, store};
use crate::entity::campaign_recipients::{self, Column as R};
use crate::entity::campaigns::{Column, Entity};

pub(super) async fn pause(deps: &Deps, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>> {
    if store::row(deps, scope, id).await?.is_none() {
        return Ok(None);
    }
    let tx = deps.ctx.db.begin().await?;
    if status::apply(&deps.ctx, &tx, scope, id, Move::Pause, no_reason).await?.is_none() {
        return Ok(None);
    }
    deps.record(&tx, scope, event("campaign.paused", id)).await?;
    tx.commit().await?;
    store::get(deps, scope, id).await
}

pub(super) async fn resume(deps: &Deps, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>> {
    if store::row(deps, scope, id).await?.is_none() {
        return Ok(None);
    }
    let tx = deps.ctx.db.begin().await?;
    if status::apply(&deps.ctx, &tx, scope, id, Move::Resume, no_reason).await?.is_none() {
        return Ok(None);
    }
    if let Some(row) = tx.one(scope, Entity::find_by_id(id)).await? {
        start::look_at(deps, &tx, scope, id, row.version).await?;
    }
    deps.record(&tx, scope, event("campaign.resumed", id)).await?;
    tx.commit().await?;
    store::get(deps, scope, id).await
}

/// Whoever waits is skipped; what is in flight gets its outcome from the engine.
pub(super) async fn cancel(deps: &Deps, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>> {
    if store::row(deps, scope, id).await?.is_none() {
        return Ok(None);
    }
    let now = deps.ctx.now();
    let tx = deps.ctx.db.begin().await?;
    let stop = |update: UpdateMany<Entity>| {
        no_reason(update).col_expr(Column::FinishedAt, Expr::value(now))
    };
    if status::apply(&deps.ctx, &tx, scope, id, Move::Cancel, stop).await?.is_none() {
        return Ok(None);
    }
    let skip = campaign_recipients::Entity::update_many()
        .col_expr(R::State, Expr::value(RecipientState::Skipped.as_str()))
        .col_expr(R::Reason, Expr::value(SkipReason::Cancelled.as_str()))
        .col_expr(R::NextAttemptAt, Expr::value(None::<String>))
        .col_expr(R::UpdatedAt, Expr::value(now))
        .filter(R::CampaignId.eq(id))
        .filter(R::State.is_in(RecipientState::WAITING));
    let skipped = tx.update_many(scope, skip).await?;
    ledger::refresh(&tx, scope, id).await?;
    deps.record(&tx, scope, event("campaign.cancelled", id).with("skipped", skipped)).await?;
    tx.commit().await?;
    store::get(deps, scope, id).await
}

fn no_reason(update: UpdateMany<Entity>) -> UpdateMany<Entity> {
    update.col_expr(Column::PauseReason, Expr::value(None::<String>))
}

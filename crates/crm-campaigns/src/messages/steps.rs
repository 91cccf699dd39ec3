//! Taking a message back, letting one go, and settling one in doubt.

use crm_core::{AuditEvent, RecipientId, Scope};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, UpdateMany};

use super::look::{find, one};
use super::{Message, MessagesError, Result};
use crate::campaigns::deps::Deps;
use crate::campaigns::status::{self, Move};
use crate::campaigns::{RecipientState, SkipReason, UnknownDecision, ledger, start, unknown};
use crate::entity::{campaign_recipients as row, campaigns};

fn no_reason(update: UpdateMany<campaigns::Entity>) -> UpdateMany<campaigns::Entity> {
    update.col_expr(campaigns::Column::PauseReason, Expr::value(None::<String>))
}

/// Of an undo and the engine's claim exactly one finds the message waiting.
pub(super) async fn undo(deps: &Deps, scope: &Scope, id: RecipientId) -> Result<Option<Message>> {
    let Some((found, campaign)) = find(deps, scope, id).await? else {
        return Ok(None);
    };
    let ctx = &deps.ctx;
    let now = ctx.now();
    let tx = ctx.db.begin().await?;
    // Everybody who writes both takes the campaign first, so that nobody waits in a circle.
    let lock = campaigns::Entity::find_by_id(campaign.id).lock(LockType::NoKeyUpdate);
    if tx.one(scope, lock).await?.is_none() {
        return Ok(None);
    }
    let skip = row::Entity::update_many()
        .col_expr(row::Column::State, Expr::value(RecipientState::Skipped.as_str()))
        .col_expr(row::Column::Reason, Expr::value(SkipReason::Cancelled.as_str()))
        .col_expr(row::Column::NextAttemptAt, Expr::value(None::<String>))
        .col_expr(row::Column::UpdatedAt, Expr::value(now))
        .filter(row::Column::Id.eq(id))
        .filter(row::Column::State.is_in(RecipientState::WAITING));
    if tx.update_many(scope, skip).await? == 0 {
        return Err(MessagesError::InvalidState("the message has left already"));
    }
    let stop = |update: UpdateMany<campaigns::Entity>| {
        no_reason(update).col_expr(campaigns::Column::FinishedAt, Expr::value(now))
    };
    status::apply(ctx, &tx, scope, campaign.id, Move::Cancel, stop).await?;
    ledger::refresh(&tx, scope, campaign.id).await?;
    let event =
        AuditEvent::new("message.undone", "message", id).with("contact_id", found.contact_id);
    deps.record(&tx, scope, event).await?;
    tx.commit().await?;
    one(deps, scope, id).await
}

pub(super) async fn release(
    deps: &Deps,
    scope: &Scope,
    id: RecipientId,
) -> Result<Option<Message>> {
    let Some((found, campaign)) = find(deps, scope, id).await? else {
        return Ok(None);
    };
    let tx = deps.ctx.db.begin().await?;
    let resumed = status::apply(&deps.ctx, &tx, scope, campaign.id, Move::Resume, no_reason).await;
    match resumed {
        Ok(Some(())) => {}
        Ok(None) => return Ok(None),
        Err(_) => return Err(MessagesError::InvalidState("the message is not stopped")),
    }
    start::look_at(deps, &tx, scope, campaign.id, campaign.version + 1).await?;
    let event =
        AuditEvent::new("message.released", "message", id).with("contact_id", found.contact_id);
    deps.record(&tx, scope, event).await?;
    tx.commit().await?;
    one(deps, scope, id).await
}

pub(super) async fn decide(
    deps: &Deps,
    scope: &Scope,
    id: RecipientId,
    decision: UnknownDecision,
) -> Result<Option<Message>> {
    let Some((found, campaign)) = find(deps, scope, id).await? else {
        return Ok(None);
    };
    if found.state != RecipientState::Unknown.as_str() {
        return Err(MessagesError::InvalidState("the message is not in doubt"));
    }
    if unknown::settle(deps, scope, &campaign, &[found], decision).await? == 0 {
        return Err(MessagesError::InvalidState("somebody else has settled the message"));
    }
    one(deps, scope, id).await
}

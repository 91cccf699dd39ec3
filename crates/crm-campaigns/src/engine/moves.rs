//! The moves of a campaign the engine makes by itself: to paused, to sent, to failed. Each happens once, whoever else
//! tries.

use crm_core::{CampaignId, Scope, StoreError, Timestamp, Tx};
use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, UpdateMany,
};

use super::outcome::Growth;
use crate::campaigns::deps::{Deps, engine_event};
use crate::campaigns::status::{self, Move};
use crate::campaigns::{CampaignsError, RecipientState, Variant};
use crate::entity::{campaign_recipients as row, campaigns};
use crate::templates::Channel;

/// What a transaction must know of its campaign before it writes anything.
#[derive(Debug, FromQueryResult)]
pub(super) struct Head {
    /// A word of [`crate::campaigns::Status`].
    pub(super) status: String,
    /// What was approved.
    pub(super) content_hash: Option<String>,
    /// A word of [`Channel`].
    channel: String,
    /// When its audience was resolved.
    pub(super) started_at: Option<Timestamp>,
    subject_winner: Option<String>,
}

impl Head {
    /// The better of two subjects, once it is decided.
    pub(super) fn winner(&self) -> Option<Variant> {
        self.subject_winner.as_deref().and_then(Variant::parse)
    }

    /// The channel it is sent on.
    pub(super) fn channel(&self) -> Result<Channel, StoreError> {
        let unknown = || StoreError::Corrupt(format!("a campaign of the channel {}", self.channel));
        Channel::parse(&self.channel).ok_or_else(unknown)
    }
}

/// Reads the campaign and keeps others from moving it until the transaction ends. Everybody who writes both the campaign
/// and its ledger takes the campaign first, so that nobody waits in a circle.
pub(super) async fn head(
    tx: &Tx,
    scope: &Scope,
    id: CampaignId,
) -> Result<Option<Head>, StoreError> {
    let select = campaigns::Entity::find_by_id(id)
        .select_only()
        .columns([
            campaigns::Column::Status,
            campaigns::Column::ContentHash,
            campaigns::Column::StartedAt,
            campaigns::Column::SubjectWinner,
        ])
        .column_as(campaigns::Column::Channel, "channel")
        .lock(LockType::NoKeyUpdate);
    tx.one_as(scope, select).await
}

/// Pauses a campaign that is being sent, and says why; nothing happens where it is not.
pub(super) async fn pause(
    deps: &Deps,
    tx: &Tx,
    scope: &Scope,
    id: CampaignId,
    reason: &str,
) -> Result<(), StoreError> {
    let why = |update: UpdateMany<campaigns::Entity>| {
        update.col_expr(campaigns::Column::PauseReason, Expr::value(reason))
    };
    if go(deps, tx, scope, id, Move::Pause, why).await? {
        let event = engine_event(tx, scope, id, ("campaign.paused", "message.held")).await?;
        deps.record(tx, scope, event.with("reason", reason)).await?;
    }
    Ok(())
}

/// What is left of a campaign that has nothing to send now.
pub(super) enum Left {
    /// Nothing: it was finished.
    Nothing,
    /// Rows that wait for another attempt, the first of them until then.
    Until(Timestamp),
    /// Rows in the hands of somebody else, or that became ready in the meantime.
    Others,
}

/// Finishes a campaign whose every row has a final state.
pub(super) async fn finish(
    deps: &Deps,
    tx: &Tx,
    scope: &Scope,
    id: CampaignId,
) -> Result<Left, StoreError> {
    for state in [RecipientState::Queued, RecipientState::Sending] {
        if first_in(tx, scope, id, state).await?.is_some() {
            return Ok(Left::Others);
        }
    }
    if let Some(waiting) = first_in(tx, scope, id, RecipientState::RetryWait).await? {
        return Ok(waiting.next_attempt_at.map_or(Left::Others, Left::Until));
    }
    let now = deps.ctx.now();
    let when = |update: UpdateMany<campaigns::Entity>| {
        update.col_expr(campaigns::Column::FinishedAt, Expr::value(now))
    };
    if go(deps, tx, scope, id, Move::Finish, when).await? {
        let event = engine_event(tx, scope, id, ("campaign.sent", "message.finished")).await?;
        deps.record(tx, scope, event).await?;
    }
    Ok(Left::Nothing)
}

#[derive(FromQueryResult)]
struct First {
    next_attempt_at: Option<Timestamp>,
}

async fn first_in(
    tx: &Tx,
    scope: &Scope,
    id: CampaignId,
    state: RecipientState,
) -> Result<Option<First>, StoreError> {
    let select = row::Entity::find()
        .select_only()
        .column(row::Column::NextAttemptAt)
        .filter(row::Column::CampaignId.eq(id))
        .filter(row::Column::State.eq(state.as_str()))
        .order_by_asc(row::Column::NextAttemptAt)
        .limit(1);
    tx.one_as(scope, select).await
}

/// Adds to the campaign's counters what its ledger gained in the same transaction.
pub(super) async fn grow(
    tx: &Tx,
    scope: &Scope,
    id: CampaignId,
    growth: Growth,
) -> Result<(), StoreError> {
    if growth == Growth::default() {
        return Ok(());
    }
    let plus = |column, by| Expr::col(column).add(by);
    let update = campaigns::Entity::update_many()
        .col_expr(campaigns::Column::CountSent, plus(campaigns::Column::CountSent, growth.sent))
        .col_expr(
            campaigns::Column::CountFailed,
            plus(campaigns::Column::CountFailed, growth.failed),
        )
        .col_expr(
            campaigns::Column::CountSkipped,
            plus(campaigns::Column::CountSkipped, growth.skipped),
        )
        .col_expr(
            campaigns::Column::CountUnknown,
            plus(campaigns::Column::CountUnknown, growth.unknown),
        )
        .filter(campaigns::Column::Id.eq(id));
    tx.update_many(scope, update).await.map(drop)
}

/// Makes a move where the campaign stands at its beginning; `false` where it stands elsewhere.
pub(super) async fn go(
    deps: &Deps,
    tx: &Tx,
    scope: &Scope,
    id: CampaignId,
    go: Move,
    change: impl FnOnce(UpdateMany<campaigns::Entity>) -> UpdateMany<campaigns::Entity>,
) -> Result<bool, StoreError> {
    match status::apply(&deps.ctx, tx, scope, id, go, change).await {
        Ok(moved) => Ok(moved.is_some()),
        Err(CampaignsError::Store(error)) => Err(error),
        Err(_) => Ok(false),
    }
}

//! What a provider tells of a message it took, later. Providers tell it in any order and more than once: a message only
//! goes forward.

use crm_core::{AuditEvent, RecipientId, Scope, Timestamp, Tx};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::sea::SeaInbound;
use super::{Delivery, InboundError, Refusal, Result};
use crate::campaigns::{CampaignsError, RecipientState, UnknownDecision, unknown};
use crate::entity::{campaign_recipients as row, campaigns};
use crate::suppressions::{self, Reason};
use crate::templates::Channel;

pub(super) async fn run(
    on: &SeaInbound,
    scope: &Scope,
    id: RecipientId,
    told: Delivery,
    at: Timestamp,
) -> Result<bool> {
    let settled = settle_doubt(on, scope, id).await?;
    let tx = on.deps.campaigns.ctx.db.begin().await?;
    if !apply(on, &tx, scope, id, &told, at).await? {
        return Ok(settled);
    }
    tx.commit().await?;
    Ok(true)
}

/// Whoever tells of a message has taken it: what nobody could tell is known now.
pub(super) async fn settle_doubt(on: &SeaInbound, scope: &Scope, id: RecipientId) -> Result<bool> {
    let found = on.deps.campaigns.ctx.db.one(scope, row::Entity::find_by_id(id)).await?;
    match found {
        Some(found) if found.state == RecipientState::Unknown.as_str() => {
            settle(on, scope, &found).await
        }
        _ => Ok(false),
    }
}

/// Notes inside `tx` what was told; `false` where that changes nothing.
pub(super) async fn apply(
    on: &SeaInbound,
    tx: &Tx,
    scope: &Scope,
    id: RecipientId,
    told: &Delivery,
    at: Timestamp,
) -> Result<bool> {
    let deps = &on.deps.campaigns;
    let Some(found) = tx.one(scope, row::Entity::find_by_id(id).lock(LockType::Update)).await?
    else {
        return Ok(false);
    };
    let is_over = found.delivered_at.is_some() || found.bounced_at.is_some();
    let update = row::Entity::update_many().filter(row::Column::Id.eq(id));
    let (update, action) = match told {
        Delivery::UnderWay => return Ok(false),
        _ if is_over => return Ok(false),
        Delivery::Delivered => {
            (update.col_expr(row::Column::DeliveredAt, Expr::value(at)), "message.delivered")
        }
        Delivery::Failed { message, .. } => (
            update
                .col_expr(row::Column::BouncedAt, Expr::value(at))
                .col_expr(row::Column::Error, Expr::value(message.as_str())),
            "message.bounced",
        ),
    };
    tx.update_many(scope, update).await?;
    if let Delivery::Failed { message, suppress } = told {
        if let (Some(refusal), Some(address), Some(channel)) =
            (suppress, &found.address, Channel::parse(&found.channel))
        {
            let reason = match refusal {
                Refusal::OptedOut => Reason::Unsubscribed,
                Refusal::Dead => Reason::Bounced,
            };
            suppressions::insert(&deps.ctx, tx, scope, channel, address, reason).await?;
        }
        let event = AuditEvent::new(action, "message", id)
            .with("campaign_id", found.campaign_id)
            .with("error", message);
        on.record(tx, scope, event).await?;
    } else {
        tx.unaudited("a provider delivered a message");
    }
    Ok(true)
}

/// Counts a message in doubt as sent.
async fn settle(on: &SeaInbound, scope: &Scope, found: &row::Model) -> Result<bool> {
    let deps = &on.deps.campaigns;
    let campaign = campaigns::Entity::find_by_id(found.campaign_id);
    let Some(campaign) = deps.ctx.db.one(scope, campaign).await? else { return Ok(false) };
    let rows = std::slice::from_ref(found);
    match unknown::settle(deps, scope, &campaign, rows, UnknownDecision::MarkSent).await {
        Ok(settled) => Ok(settled > 0),
        Err(CampaignsError::Store(err)) => Err(err.into()),
        // Somebody decided meanwhile.
        Err(_) => Ok(false),
    }
}

impl From<CampaignsError> for InboundError {
    fn from(err: CampaignsError) -> Self {
        match err {
            CampaignsError::Store(err) => err.into(),
            other => crm_core::StoreError::Corrupt(other.to_string()).into(),
        }
    }
}

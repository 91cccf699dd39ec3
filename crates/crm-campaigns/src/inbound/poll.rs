//! Asking providers what they cannot tell by themselves, where nobody outside can reach this installation: the same is done
//! with it as if they had told it.

use std::time::Duration;

use crm_core::{RecipientId, Scope, StoreError, Timestamp};
use crm_providers::ProvidersError;
use crm_providers::polling::{ListedText, Polled, PolledKind};
use crm_providers::twilio;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, Set};

use super::sea::SeaInbound;
use super::{InboundError, MailEvent, ReceivedText, Result, delivery, event, text};
use crate::entity::campaign_recipients as row;
use crate::entity::provider_polls::{ActiveModel, Column, Entity};
use crate::mailbox;
use crate::templates::Channel;

/// How often a provider is asked.
const EVERY: Duration = Duration::from_mins(3);
/// The longest wait after failures in a row.
const LONGEST: Duration = Duration::from_hours(1);
/// How far back the first look goes: what the smallest plan of Mailgun keeps.
const BACK: Duration = Duration::from_hours(24);
/// What is listed may be late by this much: each look begins so long before the one before it. What was heard is not heard
/// twice.
const OVERLAP: Duration = Duration::from_mins(30);
/// Pages of one look, so that one full list does not keep the others waiting.
const PAGES: usize = 40;

/// Why a look ended early.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Provider(#[from] ProvidersError),
    #[error(transparent)]
    Inbound(#[from] InboundError),
}

/// Asks every provider whose time has come; how many there were.
pub(super) async fn run(on: &SeaInbound) -> Result<usize> {
    let deps = &on.deps.campaigns;
    let polled = deps.providers.polled().await.map_err(|error| match error {
        ProvidersError::Store(error) => error,
        other => StoreError::Corrupt(other.to_string()),
    })?;
    let mut count = 0;
    for of in polled {
        if deps.providers.is_reachable() && !mailbox::is_closed(&deps.ctx, &of.scope).await? {
            continue;
        }
        let begun = deps.ctx.now();
        let Some((since, failures)) = claim(on, &of).await? else { continue };
        let look = match of.kind {
            PolledKind::Mailgun => Box::pin(mailgun(on, &of, since)).await,
            PolledKind::Twilio => Box::pin(twilio(on, &of, since)).await,
        };
        match look {
            // There is more: the next look goes on there, at once.
            Ok(Some(so_far)) => end(on, &of, (so_far, begun, 0)).await?,
            Ok(None) => end(on, &of, (begun.minus(OVERLAP), begun.plus(EVERY), 0)).await?,
            Err(Broken::Inbound(error)) => return Err(error),
            Err(Broken::Provider(error)) => {
                tracing::warn!(provider = %of.id, %error, "a provider could not be asked");
                end(on, &of, (since, again(begun, failures), failures.saturating_add(1))).await?;
            }
        }
        count += 1;
    }
    Ok(count)
}

/// When to ask again after so many failures before this one: each waits twice as long, up to an hour.
fn again(now: Timestamp, failures: i64) -> Timestamp {
    let doubled = u32::try_from(failures.clamp(0, 10)).unwrap_or(0);
    now.plus(EVERY.saturating_mul(2_u32.saturating_pow(doubled)).min(LONGEST))
}

/// Takes the turn to ask, where its time has come and nobody else has it; since when, and after how many failures. Whoever
/// is killed while asking lets the next turn begin where this one did.
async fn claim(
    on: &SeaInbound,
    of: &Polled,
) -> std::result::Result<Option<(Timestamp, i64)>, StoreError> {
    let ctx = &on.deps.campaigns.ctx;
    let now = ctx.now();
    let Some(known) = ctx.db.one(&of.scope, Entity::find_by_id(of.id)).await? else {
        begin(on, of, now).await?;
        return Ok(None);
    };
    // A clock that was set back must not stop it for ever.
    let last = now.plus(LONGEST).plus(EVERY);
    if known.next_at > now && known.next_at <= last {
        return Ok(None);
    }
    let tx = ctx.db.begin().await?;
    tx.unaudited("providers are asked");
    let due = Condition::any().add(Column::NextAt.lte(now)).add(Column::NextAt.gt(last));
    let update = Entity::update_many()
        .col_expr(Column::NextAt, Expr::value(now.plus(EVERY)))
        .filter(Column::ProviderId.eq(of.id))
        .filter(due);
    if tx.update_many(&of.scope, update).await? == 0 {
        return Ok(None);
    }
    let row = tx.one(&of.scope, Entity::find_by_id(of.id)).await?;
    tx.commit().await?;
    Ok(row.map(|row| (row.since, row.failures)))
}

/// Somebody new is asked after a while: nothing can have become of anything yet.
async fn begin(
    on: &SeaInbound,
    of: &Polled,
    now: Timestamp,
) -> std::result::Result<(), StoreError> {
    let tx = on.deps.campaigns.ctx.db.begin().await?;
    tx.unaudited("providers are asked");
    let new = ActiveModel {
        provider_id: Set(of.id),
        workspace_id: Set(of.scope.workspace_id()),
        since: Set(now.minus(BACK)),
        next_at: Set(now.plus(EVERY)),
        failures: Set(0),
    };
    let rule = OnConflict::column(Column::ProviderId).do_nothing().to_owned();
    tx.insert_many_on_conflict(&of.scope, vec![new], rule).await?;
    tx.commit().await
}

async fn end(
    on: &SeaInbound,
    of: &Polled,
    (since, next, failures): (Timestamp, Timestamp, i64),
) -> std::result::Result<(), StoreError> {
    let tx = on.deps.campaigns.ctx.db.begin().await?;
    tx.unaudited("providers are asked");
    let update = Entity::update_many()
        .col_expr(Column::Since, Expr::value(since))
        .col_expr(Column::NextAt, Expr::value(next))
        .col_expr(Column::Failures, Expr::value(failures))
        .filter(Column::ProviderId.eq(of.id));
    tx.update_many(&of.scope, update).await?;
    tx.commit().await
}

/// Reads what happened at Mailgun; how far it came where there is more.
async fn mailgun(
    on: &SeaInbound,
    of: &Polled,
    since: Timestamp,
) -> std::result::Result<Option<Timestamp>, Broken> {
    let deps = &on.deps.campaigns;
    let (mut next, mut so_far) = (None, since);
    for _ in 0..PAGES {
        let page = deps.providers.mailgun_events(of, since, next.as_deref()).await?;
        for told in page.items {
            so_far = so_far.max(told.at.min(deps.ctx.now()));
            let (Some(recipient_id), Some(what)) = (told.recipient_id, told.told) else { continue };
            let heard = MailEvent {
                provider_id: of.id,
                external_id: told.id,
                token: None,
                recipient_id,
                told: what,
                at: deps.ctx.now(),
            };
            event::run(on, &of.scope, heard).await?;
        }
        next = page.next;
        if next.is_none() {
            return Ok(None);
        }
    }
    // Without a step forward it would begin there for ever.
    Ok((so_far > since).then_some(so_far))
}

/// Reads Twilio's list: what came in, and what became of ours.
async fn twilio(
    on: &SeaInbound,
    of: &Polled,
    since: Timestamp,
) -> std::result::Result<Option<Timestamp>, Broken> {
    let deps = &on.deps.campaigns;
    let mut next = None;
    for _ in 0..PAGES {
        let page = deps.providers.twilio_texts(of, since, next.as_deref()).await?;
        for listed in page.items {
            match listed {
                ListedText::Received { sid, from, body, at } => {
                    let at = at.unwrap_or_else(|| deps.ctx.now()).min(deps.ctx.now());
                    let received = ReceivedText { from, body, external_id: sid, keyword: None, at };
                    text::run(on, &of.scope, received).await?;
                }
                ListedText::Sent { sid, status, error } => {
                    let told = twilio::delivery(&status, error);
                    let Some(id) = sent(on, of, &sid).await.map_err(InboundError::from)? else {
                        continue;
                    };
                    delivery::run(on, &of.scope, id, told, deps.ctx.now()).await?;
                }
            }
        }
        next = page.next;
        if next.is_none() {
            return Ok(None);
        }
    }
    Ok(None)
}

/// The ledger row of a text that was sent, where it is not decided yet what became of it.
async fn sent(
    on: &SeaInbound,
    of: &Polled,
    sid: &str,
) -> std::result::Result<Option<RecipientId>, StoreError> {
    let scope: &Scope = &of.scope;
    let select = row::Entity::find()
        .filter(row::Column::ExternalId.eq(sid))
        .filter(row::Column::ProviderId.eq(of.id))
        .filter(row::Column::Channel.eq(Channel::Text.as_str()))
        .filter(row::Column::DeliveredAt.is_null())
        .filter(row::Column::BouncedAt.is_null())
        .limit(1);
    Ok(on.deps.campaigns.ctx.db.one(scope, select).await?.map(|row| row.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_fails_waits_longer_each_time() {
        let now: Timestamp = "2026-11-28T09:00:00.000Z".parse().unwrap();
        assert_eq!(again(now, 0).since(now), EVERY);
        assert_eq!(again(now, 2).since(now), EVERY * 4);
        assert_eq!(again(now, i64::MAX).since(now), LONGEST);
    }
}

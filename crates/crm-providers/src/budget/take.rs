//! Taking from the budget.

use std::time::Duration;

use crm_core::{Context, ProviderId, Scope, StoreError, Tx};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, Set};

use super::window::Window;
use super::{Grant, Limits};
use crate::entity::provider_budgets::{ActiveModel, Column, Entity};

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

pub(super) async fn run(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    provider_id: ProviderId,
    limits: Limits,
    wanted: u32,
) -> Result<Grant, StoreError> {
    if wanted == 0 || limits == Limits::default() {
        return Ok(Grant { messages: wanted, next_at: None });
    }
    // Two processes must not both see the last message of a minute; the second waits for the first to commit.
    tx.serialize_on(&format!("provider budget {provider_id}")).await?;
    let now = ctx.now();
    let row = tx.one(scope, Entity::find_by_id(provider_id)).await?;
    let stored = row.as_ref();
    let mut minute = Window::at(
        now,
        stored.and_then(|row| row.minute_start),
        stored.map_or(0, |row| row.minute_used),
        MINUTE,
    );
    let mut day = Window::at(
        now,
        stored.and_then(|row| row.day_start),
        stored.map_or(0, |row| row.day_used),
        DAY,
    );
    // A day begins with its first message, so that days without one warm nobody up.
    let begun = day.used == 0;
    let days = stored.map_or(0, |row| row.days_sent) + i64::from(begun);
    let per_day = limits.on_day(days);
    let messages = wanted.min(minute.left(limits.per_minute)).min(day.left(per_day));
    minute.take(messages);
    day.take(messages);
    let next_at =
        (messages < wanted).then(|| if day.left(per_day) == 0 { day.end() } else { minute.end() });
    if messages > 0 {
        let row = ActiveModel {
            provider_id: Set(provider_id),
            workspace_id: Set(scope.workspace_id()),
            minute_start: Set(Some(minute.start)),
            minute_used: Set(minute.used),
            day_start: Set(Some(day.start)),
            day_used: Set(day.used),
            days_sent: Set(days),
            last_sent_at: Set(Some(now)),
        };
        let rule = OnConflict::column(Column::ProviderId)
            .update_columns([
                Column::MinuteStart,
                Column::MinuteUsed,
                Column::DayStart,
                Column::DayUsed,
                Column::DaysSent,
                Column::LastSentAt,
            ])
            .to_owned();
        tx.insert_many_on_conflict(scope, vec![row], rule).await?;
    }
    Ok(Grant { messages, next_at })
}

//! The sending budget of a provider: how many messages a minute and a day, kept in the database over restarts and
//! shared by everything that sends through it.

mod take;
mod window;

use crm_core::{Context, ProviderId, Scope, StoreError, Timestamp, Tx};

/// How much a provider may be given. `None` is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Messages in a minute.
    pub per_minute: Option<u32>,
    /// Messages in a day.
    pub per_day: Option<u32>,
    /// Messages on the first day of sending, of a sender nobody knows yet: each further day of sending half as many
    /// more, until the limit of a day is reached or a month of days is over.
    pub warm_up_from: Option<u32>,
}

/// Days of sending after which a sender is warm.
const WARM_AFTER: i64 = 30;

impl Limits {
    /// Messages on day number `day` of sending, from 1.
    fn on_day(&self, day: i64) -> Option<u32> {
        let Some(first) = self.warm_up_from.filter(|_| day <= WARM_AFTER) else {
            return self.per_day;
        };
        let warm = (1..day).fold(first, |limit, _| limit.saturating_add((limit / 2).max(1)));
        Some(self.per_day.map_or(warm, |most| most.min(warm)))
    }
}

/// What was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// Messages that may be sent now.
    pub messages: u32,
    /// Where fewer were granted than asked for: when to ask again.
    pub next_at: Option<Timestamp>,
}

/// Takes up to `wanted` messages from the budget inside `tx`, the transaction that claims them: if it does not commit,
/// nothing was taken.
///
/// # Errors
/// [`StoreError`] where the budget cannot be read or written.
pub async fn take(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    provider_id: ProviderId,
    limits: Limits,
    wanted: u32,
) -> Result<Grant, StoreError> {
    take::run(ctx, tx, scope, provider_id, limits, wanted).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_sender_warms_up_to_its_limit() {
        let limits = Limits { warm_up_from: Some(50), per_day: Some(400), ..Limits::default() };
        let days: Vec<_> = (1..=8).filter_map(|day| limits.on_day(day)).collect();
        assert_eq!(days, [50, 75, 112, 168, 252, 378, 400, 400]);
        let open = Limits { warm_up_from: Some(1), ..Limits::default() };
        assert_eq!(open.on_day(3), Some(3));
        assert_eq!(open.on_day(WARM_AFTER + 1), None, "warm");
        assert!(Limits { warm_up_from: Some(u32::MAX), ..Limits::default() }.on_day(30).is_some());
        assert_eq!(Limits::default().on_day(1), None);
    }
}

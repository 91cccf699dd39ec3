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

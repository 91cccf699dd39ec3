//! Claiming rows of the ledger: from here on they are in flight, also for whoever looks after a crash.

use std::collections::BTreeMap;

use crm_core::{
    BootId, CampaignId, ContactId, Context, ProviderId, RecipientId, Scope, StoreError, Timestamp,
    Tx,
};
use crm_providers::budget::{self, Limits};
use sea_orm::sea_query::{Expr, ExprTrait, Func, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::outcome::Growth;
use crate::campaigns::{RecipientState, SkipReason, Variant};
use crate::entity::campaign_recipients as row;
use crate::quiet::Quiet;
use crate::suppressions::{self, Reason};
use crate::templates::Channel;

/// Most rounds of leaving people out in one transaction, so that it stays short.
const MAX_ROUNDS: usize = 50;

/// How many rows are looked at together where some may have to wait for their morning.
const SLEEPERS: usize = 200;

/// What is noted beside a row that waits for the morning.
const QUIET: &str = "quiet hours where they are: it leaves when those are over";

/// A row that is ours to send.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub(super) recipient_id: RecipientId,
    pub(super) token: String,
    pub(super) contact_id: ContactId,
    pub(super) address: String,
    pub(super) message_id: String,
    /// Which of two subjects it gets.
    pub(super) variant: Option<Variant>,
}

/// What a transaction claimed.
#[derive(Debug, Default)]
pub(super) struct Claimed {
    pub(super) claims: Vec<Claim>,
    /// People who turned out to be left out, or gone.
    pub(super) growth: Growth,
    /// When the budget allows more, where it allowed less than was wanted.
    pub(super) budget_at: Option<Timestamp>,
    /// Whether every row that could be sent now has been looked at.
    pub(super) drained: bool,
}

/// A row that could be sent now.
#[derive(FromQueryResult)]
struct Candidate {
    id: RecipientId,
    contact_id: Option<ContactId>,
    address: Option<String>,
    message_id: Option<String>,
    variant: Option<String>,
}

/// Who claims what, in which transaction.
pub(super) struct Claimer<'a> {
    pub(super) ctx: &'a Context,
    pub(super) tx: &'a Tx,
    pub(super) scope: &'a Scope,
    pub(super) campaign_id: CampaignId,
    pub(super) boot_id: BootId,
    pub(super) channel: Channel,
    pub(super) provider_id: ProviderId,
    pub(super) limits: Limits,
    /// The better of two subjects, for those who waited for it.
    pub(super) winner: Option<Variant>,
    /// Whether it is not decided yet: then nobody who waits for it is taken, whatever the clock says by now.
    pub(super) undecided: bool,
    /// When people are not to be disturbed.
    pub(super) quiet: Option<&'a Quiet>,
    /// Whether the one person it is to may have unsubscribed.
    pub(super) despite_unsubscribed: bool,
}

impl Claimer<'_> {
    /// Claims up to `wanted` rows: those due for another attempt (where `retries` asks for them) before those that
    /// wait for their first, and nobody whose address is suppressed at this moment.
    pub(super) async fn run(&self, wanted: usize, retries: bool) -> Result<Claimed, StoreError> {
        let mut claimed = Claimed::default();
        for _ in 0..MAX_ROUNDS {
            let missing = wanted.saturating_sub(claimed.claims.len());
            if missing == 0 {
                return Ok(claimed);
            }
            // Of many who sleep, many are set aside at once.
            let looked_at = if self.quiet.is_some() { missing.max(SLEEPERS) } else { missing };
            let found = self.candidates(looked_at, retries).await?;
            if found.is_empty() {
                claimed.drained = true;
                return Ok(claimed);
            }
            let mut found = self.awake(found).await?;
            found.truncate(missing);
            let claims = self.eligible(found, &mut claimed.growth).await?;
            let granted = self.grant(claims.len(), &mut claimed.budget_at).await?;
            let claims: Vec<Claim> = claims.into_iter().take(granted).collect();
            self.mark(&claims).await?;
            claimed.claims.extend(claims);
            if claimed.budget_at.is_some() {
                return Ok(claimed);
            }
        }
        Ok(claimed)
    }

    /// Sets aside those who are in their quiet hours, as rows that are due later.
    async fn awake(&self, found: Vec<Candidate>) -> Result<Vec<Candidate>, StoreError> {
        let Some(quiet) = self.quiet else { return Ok(found) };
        let now = self.ctx.now();
        let mut awake = Vec::new();
        let mut later: BTreeMap<Timestamp, Vec<RecipientId>> = BTreeMap::new();
        for row in found {
            match row.address.as_deref().and_then(|number| quiet.until(number, now)) {
                Some(at) => later.entry(at).or_default().push(row.id),
                None => awake.push(row),
            }
        }
        for (at, ids) in later {
            let update = row::Entity::update_many()
                .col_expr(row::Column::State, Expr::value(RecipientState::RetryWait.as_str()))
                .col_expr(row::Column::NextAttemptAt, Expr::value(at))
                .col_expr(row::Column::Error, Expr::value(QUIET))
                .col_expr(row::Column::UpdatedAt, Expr::value(now))
                .filter(row::Column::Id.is_in(ids));
            self.tx.update_many(self.scope, update).await?;
        }
        Ok(awake)
    }

    /// Reads in the order of the index, so that the cost does not grow with the audience; rows enter it in order of id.
    async fn candidates(&self, limit: usize, retries: bool) -> Result<Vec<Candidate>, StoreError> {
        let mut found = Vec::new();
        if retries {
            found = self.due(limit).await?;
        }
        let missing = limit - found.len().min(limit);
        if missing > 0 {
            let queued = self.rows(RecipientState::Queued, missing);
            found.extend(self.tx.all_as::<_, Candidate>(self.scope, queued).await?);
        }
        if found.is_empty() && !retries {
            found = self.due(limit).await?;
        }
        Ok(found)
    }

    async fn due(&self, limit: usize) -> Result<Vec<Candidate>, StoreError> {
        let due = self
            .rows(RecipientState::RetryWait, limit)
            .filter(row::Column::NextAttemptAt.lte(self.ctx.now()));
        self.tx.all_as(self.scope, due).await
    }

    fn rows(&self, state: RecipientState, limit: usize) -> Select<row::Entity> {
        let rows = row::Entity::find()
            .select_only()
            .columns([
                row::Column::Id,
                row::Column::ContactId,
                row::Column::Address,
                row::Column::MessageId,
                row::Column::Variant,
            ])
            .filter(row::Column::CampaignId.eq(self.campaign_id))
            .filter(row::Column::State.eq(state.as_str()))
            .order_by_asc(row::Column::NextAttemptAt)
            .limit(u64::try_from(limit).unwrap_or(u64::MAX))
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        if self.undecided { rows.filter(row::Column::Variant.is_not_null()) } else { rows }
    }

    /// Leaves out whoever is suppressed or gone; the others become claims.
    async fn eligible(
        &self,
        found: Vec<Candidate>,
        growth: &mut Growth,
    ) -> Result<Vec<Claim>, StoreError> {
        let addresses = found.iter().filter_map(|row| row.address.as_deref());
        let but = self.despite_unsubscribed.then_some(Reason::Unsubscribed);
        let (ctx, tx, scope) = (self.ctx, self.tx, self.scope);
        let suppressed =
            suppressions::among_but(ctx, tx, scope, self.channel, addresses, but).await?;
        // One token a claim is enough: with the row's id it is unique.
        let token = self.ctx.ids.uuid().to_string();
        let (mut claims, mut left_out, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for row in found {
            match (row.contact_id, row.address) {
                (Some(_), Some(address)) if suppressed.contains(&address) => left_out.push(row.id),
                (Some(contact_id), Some(address)) => claims.push(Claim {
                    recipient_id: row.id,
                    token: token.clone(),
                    contact_id,
                    address,
                    message_id: row.message_id.unwrap_or_default(),
                    variant: row.variant.as_deref().and_then(Variant::parse).or(self.winner),
                }),
                _ => gone.push(row.id),
            }
        }
        growth.skipped += self.leave_out(left_out).await?;
        growth.failed += self.gone(gone).await?;
        Ok(claims)
    }

    async fn leave_out(&self, ids: Vec<RecipientId>) -> Result<i64, StoreError> {
        if ids.is_empty() {
            return Ok(0);
        }
        let update = row::Entity::update_many()
            .col_expr(row::Column::State, Expr::value(RecipientState::Skipped.as_str()))
            .col_expr(row::Column::Reason, Expr::value(SkipReason::Suppressed.as_str()))
            .col_expr(row::Column::UpdatedAt, Expr::value(self.ctx.now()))
            .filter(row::Column::Id.is_in(ids));
        let changed = self.tx.update_many(self.scope, update).await?;
        Ok(i64::try_from(changed).unwrap_or(0))
    }

    async fn gone(&self, ids: Vec<RecipientId>) -> Result<i64, StoreError> {
        if ids.is_empty() {
            return Ok(0);
        }
        let update = row::Entity::update_many()
            .col_expr(row::Column::State, Expr::value(RecipientState::Failed.as_str()))
            .col_expr(row::Column::Error, Expr::value("the contact was deleted"))
            .col_expr(row::Column::UpdatedAt, Expr::value(self.ctx.now()))
            .filter(row::Column::Id.is_in(ids));
        let changed = self.tx.update_many(self.scope, update).await?;
        Ok(i64::try_from(changed).unwrap_or(0))
    }

    /// How many of `wanted` messages the budget allows. It is taken for messages that leave, not for people left out.
    async fn grant(
        &self,
        wanted: usize,
        next_at: &mut Option<Timestamp>,
    ) -> Result<usize, StoreError> {
        if wanted == 0 || self.limits == Limits::default() {
            return Ok(wanted);
        }
        let asked = u32::try_from(wanted).unwrap_or(u32::MAX);
        let (scope, limits) = (self.scope, self.limits);
        let grant = budget::take(self.ctx, self.tx, scope, self.provider_id, limits, asked).await?;
        if grant.messages < asked {
            // Without a time we ask again soon.
            *next_at = Some(grant.next_at.unwrap_or_else(|| self.ctx.now()));
        }
        Ok(usize::try_from(grant.messages).unwrap_or(wanted).min(wanted))
    }

    async fn mark(&self, claims: &[Claim]) -> Result<(), StoreError> {
        let Some(first) = claims.first() else { return Ok(()) };
        let now = self.ctx.now();
        let update = row::Entity::update_many()
            .col_expr(row::Column::State, Expr::value(RecipientState::Sending.as_str()))
            .col_expr(row::Column::ClaimToken, Expr::value(first.token.as_str()))
            .col_expr(row::Column::BootId, Expr::value(self.boot_id))
            .col_expr(row::Column::ClaimedAt, Expr::value(now))
            .col_expr(row::Column::ProviderId, Expr::value(self.provider_id))
            .col_expr(row::Column::Attempts, Expr::col(row::Column::Attempts).add(1))
            .col_expr(row::Column::UpdatedAt, Expr::value(now));
        let update = match self.winner {
            Some(winner) => update.col_expr(
                row::Column::Variant,
                Func::coalesce([Expr::col(row::Column::Variant), Expr::val(winner.as_str())])
                    .into(),
            ),
            None => update,
        };
        let update = update
            .filter(row::Column::Id.is_in(claims.iter().map(|claim| claim.recipient_id)))
            .filter(row::Column::State.is_in(RecipientState::WAITING));
        let changed = self.tx.update_many(self.scope, update).await?;
        if usize::try_from(changed).ok() != Some(claims.len()) {
            // The rows are locked by this transaction, so this cannot be; sending anyway could double somebody.
            return Err(StoreError::Corrupt(
                "claimed rows changed while they were locked".to_owned(),
            ));
        }
        Ok(())
    }
}

//! Writing down what became of claimed rows: the row, its timeline entry and its suppression in one transaction.

use std::collections::HashMap;
use std::time::Duration;

use crm_contacts::Timeline;
use crm_contacts::timeline::NewLogEntry;
use crm_core::{CampaignId, ContactId, Context, RecipientId, Scope, StoreError, Timestamp, Tx};
use crm_providers::email::OPTED_OUT;
use sea_orm::sea_query::{CaseStatement, Expr, LockType, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, UpdateMany};

use super::backoff::{self, MAX_ATTEMPTS};
use crate::campaigns::{RecipientState, SkipReason, content};
use crate::entity::campaign_recipients as row;
use crate::suppressions::{self, Reason};
use crate::templates::Channel;

/// A sent message as the contact's timeline tells it.
#[derive(Debug, Clone)]
pub(super) struct SentText {
    pub(super) subject: String,
    pub(super) body: String,
}

/// What became of a claimed row.
#[derive(Debug, Clone)]
pub(super) enum Verdict {
    /// The provider took it. The text is absent where it could not be put together again after a crash.
    Sent { log: Option<SentText>, external_id: Option<String> },
    /// Surely not taken; to be tried again while attempts are left.
    Retry { kind: String, message: String, retry_after: Option<Duration> },
    /// Refused for good by the provider.
    Failed { kind: String, message: String, suppress: bool },
    /// Cannot be sent for a reason of our own.
    Undeliverable { message: String },
    /// Must not be sent.
    Skipped(SkipReason),
    /// The provider does not let us in: the row waits for better times.
    Blocked { kind: String, message: String },
    /// Nobody can tell whether it was taken.
    Unknown { message: String },
    /// Surely not taken through no fault of anybody. `counted` keeps the attempt: a message that brings the program
    /// down must not do so for ever.
    Requeue { counted: bool },
}

/// What became of one claimed row, not written yet.
#[derive(Debug, Clone)]
pub(super) struct Done {
    pub(super) recipient_id: RecipientId,
    /// The claim it was sent under: without it nothing is written.
    pub(super) claim_token: String,
    pub(super) at: Timestamp,
    pub(super) verdict: Verdict,
}

/// By how much the final states of a campaign grew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Growth {
    pub(super) sent: i64,
    pub(super) failed: i64,
    pub(super) skipped: i64,
    pub(super) unknown: i64,
}

impl Growth {
    /// Adds another growth to this one.
    pub(super) const fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.unknown += other.unknown;
    }
}

/// A row that is still ours to settle.
#[derive(FromQueryResult)]
struct Owned {
    id: RecipientId,
    contact_id: Option<ContactId>,
    address: Option<String>,
    attempts: i64,
    claim_token: Option<String>,
}

/// Where everything is written.
pub(super) struct Ledger<'a> {
    pub(super) ctx: &'a Context,
    pub(super) timeline: &'a dyn Timeline,
    pub(super) tx: &'a Tx,
    pub(super) scope: &'a Scope,
    pub(super) campaign_id: CampaignId,
    pub(super) channel: Channel,
    /// Whether the campaign was cancelled: then nobody waits for another attempt.
    pub(super) cancelled: bool,
}

impl Ledger<'_> {
    /// Writes what became of rows that are still in the claim they were sent under; of others nothing, since somebody
    /// else has settled them.
    pub(super) async fn apply(&self, dones: &[Done]) -> Result<Growth, StoreError> {
        let mut growth = Growth::default();
        if dones.is_empty() {
            return Ok(growth);
        }
        let owned = self.owned(dones).await?;
        let mut sent = Vec::new();
        for done in dones {
            match owned.get(&done.recipient_id) {
                Some(row) if row.claim_token.as_deref() == Some(done.claim_token.as_str()) => {
                    if let Verdict::Sent { log, .. } = &done.verdict {
                        sent.push((done, row, log.as_ref()));
                    } else {
                        self.settle(done, row, &mut growth).await?;
                    }
                }
                _ => tracing::warn!(
                    recipient = %done.recipient_id,
                    "an outcome came too late: the row was settled by somebody else"
                ),
            }
        }
        self.sent(&sent, &mut growth).await?;
        Ok(growth)
    }

    async fn owned(&self, dones: &[Done]) -> Result<HashMap<RecipientId, Owned>, StoreError> {
        let select = row::Entity::find()
            .select_only()
            .columns([
                row::Column::Id,
                row::Column::ContactId,
                row::Column::Address,
                row::Column::Attempts,
                row::Column::ClaimToken,
            ])
            .filter(row::Column::Id.is_in(dones.iter().map(|done| done.recipient_id)))
            .filter(row::Column::CampaignId.eq(self.campaign_id))
            .filter(row::Column::State.eq(RecipientState::Sending.as_str()))
            .lock(LockType::Update);
        let rows: Vec<Owned> = self.tx.all_as(self.scope, select).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    /// All messages taken, in one statement and one batch of timeline entries.
    async fn sent(
        &self,
        sent: &[(&Done, &Owned, Option<&SentText>)],
        growth: &mut Growth,
    ) -> Result<(), StoreError> {
        if sent.is_empty() {
            return Ok(());
        }
        let (mut sent_at, mut external) = (CaseStatement::new(), CaseStatement::new());
        let (mut entries, mut named) = (Vec::new(), false);
        for (done, row, text) in sent {
            let is_it = || row::Column::Id.eq(done.recipient_id);
            sent_at = sent_at.case(is_it(), Expr::value(done.at));
            if let Verdict::Sent { external_id: Some(id), .. } = &done.verdict {
                external = external.case(is_it(), Expr::value(shortened(id)));
                named = true;
            }
            if let (Some(contact_id), Some(text)) = (row.contact_id, text) {
                entries.push(NewLogEntry {
                    contact_id,
                    content: content::log(self.channel, text.subject.clone(), text.body.clone()),
                    timestamp: done.at,
                    campaign_recipient_id: Some(done.recipient_id),
                });
            }
        }
        let update = self
            .to_state(RecipientState::Sent)
            .col_expr(row::Column::SentAt, sent_at.into())
            .col_expr(row::Column::Error, null())
            .filter(row::Column::Id.is_in(sent.iter().map(|(done, ..)| done.recipient_id)));
        let update =
            if named { update.col_expr(row::Column::ExternalId, external.into()) } else { update };
        let changed = self.tx.update_many(self.scope, update).await?;
        growth.sent += i64::try_from(changed).unwrap_or(0);
        if entries.is_empty() {
            return Ok(());
        }
        self.timeline.record(self.tx, self.scope, entries).await
    }

    /// A row whose message was not taken, or of which that cannot be told.
    async fn settle(
        &self,
        done: &Done,
        row: &Owned,
        growth: &mut Growth,
    ) -> Result<(), StoreError> {
        match &done.verdict {
            Verdict::Sent { .. } => Ok(()),
            Verdict::Retry { .. } | Verdict::Blocked { .. } | Verdict::Requeue { .. }
                if self.cancelled =>
            {
                self.skip(done, SkipReason::Cancelled, growth).await
            }
            Verdict::Skipped(reason) => self.skip(done, *reason, growth).await,
            Verdict::Retry { message, retry_after, .. } => {
                if let Some(wait) = backoff::wait(row.id, row.attempts, *retry_after) {
                    return self.retry(done, message, done.at.plus(wait)).await;
                }
                let message = format!("given up after {} attempts: {message}", row.attempts);
                self.fail(done, &message, growth).await
            }
            Verdict::Failed { kind, message, suppress } => {
                self.fail(done, message, growth).await?;
                match &row.address {
                    Some(address) if *suppress => self.suppress(done, address, kind).await,
                    _ => Ok(()),
                }
            }
            Verdict::Undeliverable { message } => self.fail(done, message, growth).await,
            Verdict::Unknown { message } => {
                growth.unknown += 1;
                let update = self
                    .to_state(RecipientState::Unknown)
                    .col_expr(row::Column::Error, Expr::value(message.as_str()));
                self.one(done, update).await
            }
            Verdict::Blocked { message, .. } => {
                self.requeue(done, row.attempts - 1, Some(message)).await
            }
            Verdict::Requeue { counted: false } => self.requeue(done, row.attempts - 1, None).await,
            Verdict::Requeue { counted: true } if row.attempts >= MAX_ATTEMPTS => {
                let message = format!("interrupted {} times while it was sent", row.attempts);
                self.fail(done, &message, growth).await
            }
            Verdict::Requeue { counted: true } => self.requeue(done, row.attempts, None).await,
        }
    }

    async fn skip(
        &self,
        done: &Done,
        reason: SkipReason,
        growth: &mut Growth,
    ) -> Result<(), StoreError> {
        growth.skipped += 1;
        let update = self
            .to_state(RecipientState::Skipped)
            .col_expr(row::Column::Reason, Expr::value(reason.as_str()));
        self.one(done, update).await
    }

    async fn fail(&self, done: &Done, error: &str, growth: &mut Growth) -> Result<(), StoreError> {
        growth.failed += 1;
        let update =
            self.to_state(RecipientState::Failed).col_expr(row::Column::Error, Expr::value(error));
        self.one(done, update).await
    }

    async fn retry(&self, done: &Done, error: &str, at: Timestamp) -> Result<(), StoreError> {
        let update = released(self.to_wait(RecipientState::RetryWait, Some(at)))
            .col_expr(row::Column::Error, Expr::value(error));
        self.one(done, update).await
    }

    async fn requeue(
        &self,
        done: &Done,
        attempts: i64,
        error: Option<&str>,
    ) -> Result<(), StoreError> {
        let update = released(self.to_state(RecipientState::Queued))
            .col_expr(row::Column::Attempts, Expr::value(attempts.max(0)))
            .col_expr(row::Column::Error, Expr::value(error.map(ToOwned::to_owned)));
        self.one(done, update).await
    }

    /// Nobody writes to a dead address again.
    async fn suppress(&self, done: &Done, address: &str, kind: &str) -> Result<(), StoreError> {
        let (reason, column) = if kind == OPTED_OUT {
            (Reason::Unsubscribed, row::Column::UnsubscribedAt)
        } else {
            (Reason::Bounced, row::Column::BouncedAt)
        };
        suppressions::insert(self.ctx, self.tx, self.scope, self.channel, address, reason).await?;
        let update = row::Entity::update_many()
            .col_expr(column, Expr::value(done.at))
            .filter(row::Column::Id.eq(done.recipient_id));
        self.tx.update_many(self.scope, update).await.map(drop)
    }

    /// An update of rows in flight; which ones, the caller adds.
    fn to_state(&self, state: RecipientState) -> UpdateMany<row::Entity> {
        self.to_wait(state, None)
    }

    /// The same with the time of the next attempt.
    fn to_wait(&self, state: RecipientState, next: Option<Timestamp>) -> UpdateMany<row::Entity> {
        row::Entity::update_many()
            .col_expr(row::Column::State, Expr::value(state.as_str()))
            .col_expr(row::Column::NextAttemptAt, Expr::value(next))
            .col_expr(row::Column::UpdatedAt, Expr::value(self.ctx.now()))
            .filter(row::Column::CampaignId.eq(self.campaign_id))
            .filter(row::Column::State.eq(RecipientState::Sending.as_str()))
    }

    async fn one(&self, done: &Done, update: UpdateMany<row::Entity>) -> Result<(), StoreError> {
        let update = update
            .filter(row::Column::Id.eq(done.recipient_id))
            .filter(row::Column::ClaimToken.eq(done.claim_token.as_str()));
        self.tx.update_many(self.scope, update).await.map(drop)
    }
}

/// Nobody's claim any more.
fn released(update: UpdateMany<row::Entity>) -> UpdateMany<row::Entity> {
    update
        .col_expr(row::Column::ClaimToken, null())
        .col_expr(row::Column::BootId, null())
        .col_expr(row::Column::ClaimedAt, null())
}

/// A provider's id, no longer than ids are: an SMTP server answers with a text at times.
fn shortened(id: &str) -> String {
    id.chars().take(200).collect()
}

fn null() -> SimpleExpr {
    Expr::value(None::<String>)
}

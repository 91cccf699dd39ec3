//! Starting a campaign: its audience is resolved once, into the ledger, in one transaction.

use std::time::Duration;

use crm_contacts::SegmentError;
use crm_core::{CampaignId, ContactId, RecipientId, Scope, Tx, outbox};
use crm_providers::ProvidersError;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter, Set};

use super::audience::{PAGE, Sieve, Verdict};
use super::content::{self, Compiled, PinnedContent};
use super::current::{is_other, stored_template};
use super::deps::{Deps, Imprint, event};
use super::status::{self, Move};
use super::{
    Campaign, CampaignsError, RecipientState, Result, SkipReason, Status, edit, ledger, policy,
    store,
};
use crate::consents;
use crate::engine::{hold, seen};
use crate::entity::campaign_recipients;
use crate::entity::campaigns::{Column, Model};
use crate::jobs::LookAtCampaign;
use crate::suppressions;
use crate::templates::RenderContext;

/// A scheduled campaign whose time was missed by more waits for a person.
const MOST_LATE: Duration = Duration::from_hours(24);

/// One that starts later than this has it noted.
const NOTABLY_LATE: Duration = Duration::from_mins(5);

pub(super) async fn schedule(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
) -> Result<Option<Campaign>> {
    let Some(row) = store::row(deps, scope, id).await? else {
        return Ok(None);
    };
    let stands = status::status(&row.status)?;
    if !Move::Schedule.is_possible(stands) {
        return Err(Move::Schedule.refused(stands));
    }
    let send_at = store::schedule(&row)?.send_at.filter(|at| *at > deps.ctx.now());
    let Some(send_at) = send_at else {
        let words = "set a time in the future to start at";
        return Err(CampaignsError::InvalidSchedule(words.to_owned()));
    };
    let tx = deps.ctx.db.begin().await?;
    let same = |update: sea_orm::UpdateMany<_>| {
        update
            .col_expr(Column::PauseReason, Expr::value(None::<String>))
            .filter(Column::Version.eq(row.version))
    };
    if status::apply(&deps.ctx, &tx, scope, id, Move::Schedule, same).await?.is_none() {
        return Ok(None);
    }
    deps.record(&tx, scope, event("campaign.scheduled", id).with("send_at", send_at)).await?;
    seen::confirm_clock(&deps.ctx, &tx).await?;
    tx.commit().await?;
    store::get(deps, scope, id).await
}

pub(super) async fn send(deps: &Deps, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>> {
    if Box::pin(run(deps, scope, id, None)).await?.is_none() {
        return Ok(None);
    }
    store::get(deps, scope, id).await
}

/// Starts a scheduled campaign whose time has come, for the engine. What keeps it from starting is recorded, so that
/// it is not tried for ever: it fails with the reason, or is back in draft where its approval no longer holds.
///
/// # Errors
/// Those of the database, wherever it was asked: then it may be tried again.
pub(crate) async fn start_due(deps: &Deps, scope: &Scope, id: CampaignId) -> Result<()> {
    let Some(row) = store::row(deps, scope, id).await? else {
        return Ok(());
    };
    let send_at = store::schedule(&row)?.send_at.unwrap_or(deps.ctx.now());
    if status::status(&row.status)? != Status::Scheduled || send_at > deps.ctx.now() {
        return Ok(());
    }
    let late = deps.ctx.now().since(send_at);
    if late > MOST_LATE {
        let reason = format!(
            "It should have started at {send_at}, when this server was not running. Send it now or choose another time."
        );
        return Ok(hold::unschedule(deps, scope, id, &reason).await?);
    }
    match Box::pin(run(deps, scope, id, Some(late))).await {
        Ok(_)
        | Err(
            CampaignsError::InvalidState { .. }
            | CampaignsError::ApprovalWithdrawn(_)
            | CampaignsError::Stale,
        ) => Ok(()),
        Err(
            CampaignsError::Store(err)
            | CampaignsError::Segment(SegmentError::Store(err))
            | CampaignsError::Provider(ProvidersError::Store(err)),
        ) => Err(err.into()),
        Err(err) => fail(deps, scope, id, &err.to_string()).await,
    }
}

async fn fail(deps: &Deps, scope: &Scope, id: CampaignId, reason: &str) -> Result<()> {
    let tx = deps.ctx.db.begin().await?;
    let note = |update: sea_orm::UpdateMany<_>| {
        update
            .col_expr(Column::PauseReason, Expr::value(reason))
            .col_expr(Column::FinishedAt, Expr::value(deps.ctx.now()))
    };
    match status::apply(&deps.ctx, &tx, scope, id, Move::Fail, note).await {
        Ok(Some(())) => {
            deps.record(&tx, scope, event("campaign.failed", id).with("reason", reason)).await?;
            Ok(tx.commit().await?)
        }
        // Somebody else moved it in the meantime.
        Ok(None) | Err(CampaignsError::InvalidState { .. }) => Ok(()),
        Err(err) => Err(err),
    }
}

/// Starts an approved or scheduled campaign now, whatever time its schedule names, and `late` by so much where nobody is
/// there to start it. `None` where it is not in this workspace.
///
/// # Errors
/// [`CampaignsError::ApprovalWithdrawn`] where content, sender or audience are no longer what was approved,
/// [`CampaignsError::Blocked`] where nobody would get it, [`CampaignsError::InvalidState`] from another status.
async fn run(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
    late: Option<Duration>,
) -> Result<Option<()>> {
    let Some(row) = store::row(deps, scope, id).await? else {
        return Ok(None);
    };
    let stands = status::status(&row.status)?;
    if !Move::Start.is_possible(stands) {
        return Err(Move::Start.refused(stands));
    }
    let Some(pinned) = PinnedContent::of(&row)? else {
        return Err(crm_core::StoreError::Corrupt(
            "an approved campaign has no content".to_owned(),
        )
        .into());
    };
    if let Some(reason) = changed(deps, scope, &row, &pinned).await? {
        return withdrawn(deps, scope, id, reason).await;
    }
    let policy = policy::get(&deps.ctx, scope).await?;
    if policy.lacks_address(pinned.channel) == Some(true) {
        return Err(CampaignsError::Blocked(policy::NO_ADDRESS.to_owned()));
    }
    let max_drift = policy.max_drift_percent;
    let asks_consent = policy.asks_consent(pinned.channel);
    let compiled = pinned.compile()?;
    let imprint = deps.imprint(scope).await?;
    let audience =
        Start { deps, scope, id, pinned: &pinned, compiled: &compiled, imprint, asks_consent };

    let ctx = &deps.ctx;
    let now = ctx.now();
    let tx = ctx.db.begin().await?;
    let begin = |update: sea_orm::UpdateMany<_>| {
        update
            .col_expr(Column::StartedAt, Expr::value(now))
            .col_expr(Column::PauseReason, Expr::value(None::<String>))
            .filter(Column::Version.eq(row.version))
    };
    if status::apply(ctx, &tx, scope, id, Move::Start, begin).await?.is_none() {
        return Ok(None);
    }
    audience.resolve(&tx).await?;
    let counts = ledger::refresh(&tx, scope, id).await?;
    let waiting = counts.queued + counts.retry_wait;
    if waiting == 0 {
        tx.rollback().await?;
        return Err(CampaignsError::Blocked("nobody would get it".to_owned()));
    }
    if drifted(pinned.audience_count, waiting, max_drift) {
        tx.rollback().await?;
        let reason = format!(
            "the audience changed from {} to {} people since it was approved",
            pinned.audience_count, waiting
        );
        return withdrawn(deps, scope, id, reason).await;
    }
    look_at(deps, &tx, scope, id, row.version + 1).await?;
    let audit = event("campaign.started", id)
        .with("recipients", waiting)
        .with("skipped", counts.skipped)
        .with("content_hash", &row.content_hash);
    let audit = match late {
        None => {
            seen::confirm_clock(ctx, &tx).await?;
            audit
        }
        Some(late) if late >= NOTABLY_LATE => audit.with("minutes_late", late.as_secs() / 60),
        Some(_) => audit,
    };
    deps.record(&tx, scope, audit).await?;
    tx.commit().await?;
    Ok(Some(()))
}

/// Tells the engine to look at a campaign once `tx` has committed. `version` makes it one job for one move.
pub(crate) async fn look_at(
    deps: &Deps,
    tx: &Tx,
    scope: &Scope,
    id: CampaignId,
    version: i64,
) -> Result<()> {
    let job = LookAtCampaign { workspace_id: scope.workspace_id(), campaign_id: id };
    Ok(outbox::enqueue(&deps.ctx, tx, &job, &format!("{id}:{version}")).await?)
}

/// What is no longer as it was approved, in words.
async fn changed(
    deps: &Deps,
    scope: &Scope,
    row: &Model,
    pinned: &PinnedContent,
) -> Result<Option<String>> {
    if Some(pinned.hash()?) != row.content_hash {
        return Ok(Some("the stored content is not what was approved".to_owned()));
    }
    // A deleted template leaves what was approved as it is.
    let template = match pinned.template_id {
        Some(id) => stored_template(deps, scope, id).await?,
        None => None,
    };
    if template.is_some_and(|template| is_other(&template, &pinned.template)) {
        return Ok(Some("the template was changed after the approval".to_owned()));
    }
    let Some(provider) = deps.providers.open(scope, pinned.provider_id).await? else {
        return Ok(Some("the provider it was approved for is gone".to_owned()));
    };
    if content::PinnedSender::of(&provider) != pinned.sender {
        return Ok(Some("the sender was changed after the approval".to_owned()));
    }
    Ok(None)
}

async fn withdrawn<T>(deps: &Deps, scope: &Scope, id: CampaignId, reason: String) -> Result<T> {
    edit::withdraw(deps, scope, id, Some(&reason)).await?;
    Err(CampaignsError::ApprovalWithdrawn(format!("{reason}; submit it again")))
}

/// Whether an audience is off by more than `percent` of what was approved.
fn drifted(approved: u64, now: u64, percent: u32) -> bool {
    approved.abs_diff(now).saturating_mul(100) > approved.saturating_mul(u64::from(percent))
}

struct Start<'a> {
    deps: &'a Deps,
    scope: &'a Scope,
    id: CampaignId,
    pinned: &'a PinnedContent,
    compiled: &'a Compiled,
    imprint: Imprint,
    /// Whether it takes a consent to be written to.
    asks_consent: bool,
}

impl Start<'_> {
    /// Writes everybody of the audience into the ledger, page by page.
    async fn resolve(&self, tx: &Tx) -> Result<()> {
        let (scope, channel) = (self.scope, self.pinned.channel);
        // Which link it is makes no difference to whether somebody gets the message.
        let context = RenderContext {
            workspace_name: self.imprint.name.clone(),
            postal_address: self.imprint.postal_address.clone(),
            unsubscribe_url: "mailto:".to_owned(),
        };
        let mut sieve = Sieve::new(channel, Some(self.compiled), &context, self.asks_consent);
        let mut after = None;
        let mut number = 0;
        loop {
            let segments = &self.deps.segments;
            let page = segments.audience_in(tx, scope, &self.pinned.segment, after, PAGE).await?;
            let addresses = page.iter().filter_map(|contact| sieve.address(contact));
            let suppressed =
                suppressions::among_in(&self.deps.ctx, tx, scope, channel, addresses).await?;
            let ids: Vec<ContactId> = page.iter().map(|contact| contact.id).collect();
            let said = consents::consent_channel(channel);
            let said = crm_contacts::consents::states_in(tx, scope, said, &ids).await?;
            let rows = page
                .iter()
                .map(|contact| {
                    let verdict = sieve.judge(contact, &suppressed, &said);
                    self.row(contact, verdict, &mut number)
                })
                .collect();
            tx.insert_many(scope, rows).await?;
            after = page.last().map(|contact| contact.id);
            if u64::try_from(page.len()).unwrap_or(PAGE) < PAGE {
                return Ok(());
            }
        }
    }

    fn row(
        &self,
        contact: &crm_contacts::Contact,
        verdict: Verdict,
        number: &mut u64,
    ) -> campaign_recipients::ActiveModel {
        let ctx = &self.deps.ctx;
        let now = ctx.now();
        let id = ctx.id(RecipientId::from_uuid);
        let (state, reason, address): (_, Option<SkipReason>, _) = match verdict {
            Verdict::Send(address) => (RecipientState::Queued, None, Some(address)),
            Verdict::LeaveOut(reason, address) => (RecipientState::Skipped, Some(reason), address),
        };
        let (mut state, mut next_attempt_at, mut variant) = (state, None, None);
        if let (Some(test), RecipientState::Queued) = (&self.pinned.subject_test, state) {
            variant = test.variant_of(*number);
            *number += 1;
            if variant.is_none() {
                // The others wait as rows that are due later, until the better subject is known.
                (state, next_attempt_at) = (RecipientState::RetryWait, Some(now.plus(test.wait())));
            }
        }
        campaign_recipients::ActiveModel {
            id: Set(id),
            workspace_id: Set(self.scope.workspace_id()),
            campaign_id: Set(self.id),
            contact_id: Set(Some(contact.id)),
            channel: Set(self.pinned.channel.as_str().to_owned()),
            address: Set(address),
            state: Set(state.as_str().to_owned()),
            reason: Set(reason.map(|reason| reason.as_str().to_owned())),
            attempts: Set(0),
            next_attempt_at: Set(next_attempt_at),
            claim_token: Set(None),
            boot_id: Set(None),
            claimed_at: Set(None),
            message_id: Set(Some(content::message_id(id, &self.pinned.sender))),
            provider_id: Set(Some(self.pinned.provider_id)),
            error: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
            sent_at: Set(None),
            opened_at: Set(None),
            clicked_at: Set(None),
            bounced_at: Set(None),
            unsubscribed_at: Set(None),
            replied_at: Set(None),
            machine_opened_at: Set(None),
            machine_clicked_at: Set(None),
            variant: Set(variant.map(|variant| variant.as_str().to_owned())),
            delivered_at: Set(None),
            external_id: Set(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::drifted;

    #[test]
    fn drift_is_measured_against_what_was_approved() {
        assert!(!drifted(100, 110, 10) && !drifted(100, 90, 10) && !drifted(100, 100, 0));
        assert!(drifted(100, 111, 10) && drifted(100, 89, 10) && drifted(1, 2, 10));
    }
}

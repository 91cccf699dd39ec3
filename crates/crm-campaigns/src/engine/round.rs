//! One transaction of a coordinator: outcomes in, claims out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crm_core::{StoreError, Timestamp, Tx, torture};
use crm_providers::spending::SPENT;
use sea_orm::{EntityTrait, FromQueryResult, QuerySelect};
use serde::Deserialize as _;
use tokio::sync::OwnedSemaphorePermit;

use super::claim::{Claim, Claimer};
use super::coordinator::{Coordinator, Ready, Wake};
use super::moves::{self, Head, Left};
use super::outcome::{Growth, Ledger, Verdict};
use super::prepare::{self, Unready};
use super::seen::Belief;
use super::streak::Streak;
use super::{hold, recover, window};
use crate::campaigns::{CampaignsError, Schedule, Status, Variant, start, subject_test};
use crate::entity::campaigns;

/// How often a provider is opened anew, to see changed settings.
const REOPEN: Duration = Duration::from_secs(10);

/// How often rows that wait for another attempt are looked for while others are queued.
const RETRIES: Duration = Duration::from_millis(500);

/// How long to leave rows in other hands alone.
const OTHERS: Duration = Duration::from_secs(1);

#[derive(FromQueryResult)]
struct Standing {
    status: String,
    schedule_json: Option<sea_orm::JsonValue>,
}

impl Coordinator {
    /// Puts together what is needed to send; `false` where the campaign is not to be sent now.
    pub(super) async fn get_ready(&mut self) -> Result<bool, StoreError> {
        if let Some(ready) = &mut self.ready {
            if ready.opened_at.is_none_or(|at| at.elapsed() >= REOPEN) {
                ready.opened_at = Some(Instant::now());
                let deps = &self.core.deps;
                match prepare::way_out(deps, &self.scope, &ready.prepared.content).await {
                    Ok(way_out) => {
                        let id = ready.prepared.content.provider_id;
                        let concurrency = way_out.provider.concurrency();
                        ready.slots = self.core.slots.of(id, concurrency);
                        ready.way_out = way_out;
                        ready.refused = None;
                    }
                    Err(Unready::Refused(reason)) => ready.refused = Some(reason),
                    // It still works as it was opened.
                    Err(Unready::Store(_)) => {}
                }
            }
            return Ok(true);
        }
        if !self.is_sending().await? {
            return Ok(false);
        }
        // An earlier coordinator of this run may have broken down and left rows behind.
        recover::own_orphans(&self.core, &self.scope, self.id).await?;
        match self.prepare().await {
            Ok(ready) => self.ready = Some(ready),
            Err(Unready::Store(error)) => return Err(error),
            Err(Unready::Refused(reason)) => {
                let tx = self.core.deps.ctx.db.begin().await?;
                moves::pause(&self.core.deps, &tx, &self.scope, self.id, &reason).await?;
                tx.commit().await?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn prepare(&self) -> Result<Ready, Unready> {
        let deps = &self.core.deps;
        let prepared = prepare::content(deps, &self.scope, self.id).await?;
        let way_out = prepare::way_out(deps, &self.scope, &prepared.content).await?;
        let concurrency = way_out.provider.concurrency();
        let slots = self.core.slots.of(prepared.content.provider_id, concurrency);
        let prepared = Arc::new(prepared);
        Ok(Ready { prepared, way_out, slots, opened_at: Some(Instant::now()), refused: None })
    }

    /// Whether the campaign is being sent; a scheduled one whose time has come is started.
    async fn is_sending(&self) -> Result<bool, StoreError> {
        let deps = &self.core.deps;
        let mut standing = self.standing().await?;
        let scheduled = |found: &Standing| found.status == Status::Scheduled.as_str();
        let now = deps.ctx.now();
        if standing
            .as_ref()
            .is_some_and(|found| scheduled(found) && is_due(found.schedule_json.as_ref(), now))
        {
            match self.core.boot.seen().clock(&deps.ctx).await? {
                Belief::Sound => {}
                Belief::Behind(_) => return Ok(false),
                Belief::Ahead(seen) => {
                    let reason = format!(
                        "Its time has come by the clock of this server, which says {now} but last ran at {seen}. If that \
                         is right, send it now or choose another time."
                    );
                    hold::unschedule(deps, &self.scope, self.id, &reason).await?;
                    return Ok(false);
                }
            }
            // What keeps it from starting is written beside it.
            match Box::pin(start::start_due(deps, &self.scope, self.id)).await {
                Ok(()) => standing = self.standing().await?,
                Err(CampaignsError::Store(error)) => return Err(error),
                Err(error) => return Err(StoreError::Corrupt(error.to_string())),
            }
        }
        Ok(standing.is_some_and(|found| found.status == Status::Sending.as_str()))
    }

    async fn standing(&self) -> Result<Option<Standing>, StoreError> {
        let select = campaigns::Entity::find_by_id(self.id)
            .select_only()
            .columns([campaigns::Column::Status, campaigns::Column::ScheduleJson]);
        self.core.deps.ctx.db.one_as(&self.scope, select).await
    }

    /// Writes down what has landed and claims what the free slots hold, in one transaction.
    pub(super) async fn round(
        &mut self,
        ready: &Ready,
    ) -> Result<(Vec<Claim>, Vec<OwnedSemaphorePermit>), StoreError> {
        let core = Arc::clone(&self.core);
        let deps = &core.deps;
        let stopping = core.stop.is_cancelled();
        let slots = if stopping { Vec::new() } else { self.free_slots(ready) };

        let tx = deps.ctx.db.begin().await?;
        tx.unaudited("a campaign is being sent");
        let Some(head) = moves::head(&tx, &self.scope, self.id).await? else {
            // The campaign was deleted with its ledger: there is nothing left to write to.
            self.unsaved.clear();
            self.ending = true;
            return Ok((Vec::new(), Vec::new()));
        };
        let beat = core.boot.beat(&deps.ctx, &tx).await?;
        let ledger = Ledger {
            ctx: &deps.ctx,
            timeline: deps.timeline.as_ref(),
            tx: &tx,
            scope: &self.scope,
            campaign_id: self.id,
            channel: head.channel()?,
            cancelled: head.status == Status::Cancelled.as_str(),
        };
        let mut growth = ledger.apply(&self.unsaved).await?;

        let mut streak = self.streak.clone();
        let reason = self.reason_to_pause(ready, &head, &mut streak);
        let mut plan = Plan::idle();
        let sending = head.status == Status::Sending.as_str();
        if let (true, Some(reason)) = (sending, &reason) {
            moves::pause(deps, &tx, &self.scope, self.id, reason).await?;
        } else if sending && !stopping {
            plan = self.plan(ready, &head, &tx, slots.len(), &mut growth).await?;
        }
        moves::grow(&tx, &self.scope, self.id, growth).await?;
        let landed = !self.unsaved.is_empty();
        if landed {
            torture::point("before_outcome");
        }
        tx.commit().await?;
        if landed {
            torture::point("after_outcome");
        }
        if !plan.claims.is_empty() {
            torture::point("after_claim");
        }

        core.boot.beaten(beat);
        let blocked = self.blocked();
        self.unsaved.clear();
        self.streak = streak;
        if reason.is_some() {
            // Whoever resumes the campaign has seen to the cause: look at everything anew.
            self.streak = Streak::default();
            if let Some(ready) = &mut self.ready {
                ready.opened_at = None;
            }
        }
        self.wake = plan.wake;
        self.ending = plan.over;
        if let Some(message) = blocked {
            self.note_blocked(ready, message).await;
        }
        Ok((plan.claims, slots))
    }

    /// What to claim, or what to wait for, in a campaign that is being sent.
    async fn plan(
        &mut self,
        ready: &Ready,
        head: &Head,
        tx: &Tx,
        slots: usize,
        growth: &mut Growth,
    ) -> Result<Plan, StoreError> {
        let ctx = &self.core.deps.ctx;
        let (now, idle) = (ctx.now(), self.flights.is_empty());
        let content = &ready.prepared.content;
        match window::until_open(&content.schedule, now) {
            Ok(wait) if wait.is_zero() => {}
            Ok(wait) if idle => return self.finish(tx, Some(now.plus(wait))).await,
            Ok(wait) => return Ok(Plan::wait(Wake::At(now.plus(wait)))),
            Err(reason) => {
                moves::pause(&self.core.deps, tx, &self.scope, self.id, &reason).await?;
                return Ok(Plan::idle());
            }
        }
        if slots == 0 {
            return Ok(Plan::wait(if idle { Wake::Slot } else { Wake::Outcome }));
        }
        let winner = self.winner(ready, head, tx).await?;
        let retries = self.retries_seen.is_none_or(|seen| seen.elapsed() >= RETRIES);
        let claimer = Claimer {
            ctx,
            tx,
            scope: &self.scope,
            campaign_id: self.id,
            boot_id: self.core.boot.id(),
            channel: content.channel,
            provider_id: content.provider_id,
            limits: ready.way_out.limits,
            winner,
            undecided: content.subject_test.is_some() && winner.is_none(),
            quiet: ready.way_out.quiet.as_deref(),
            despite_unsubscribed: content.single.is_some_and(|single| single.despite_unsubscribed),
        };
        let taken = claimer.run(slots, retries).await?;
        growth.add(taken.growth);
        if retries {
            self.retries_seen = Some(Instant::now());
        }
        let wake = match taken.budget_at {
            Some(at) => Wake::At(at),
            None if taken.claims.len() == slots => Wake::Outcome,
            None if !taken.drained => Wake::Now,
            None if idle && taken.claims.is_empty() => return self.finish(tx, None).await,
            // A row may become due for another attempt while the last messages are under way.
            None => Wake::At(now.plus(OTHERS)),
        };
        Ok(Plan { claims: taken.claims, wake, over: false })
    }

    /// The better of two subjects: decided now, where its time has come.
    async fn winner(
        &self,
        ready: &Ready,
        head: &Head,
        tx: &Tx,
    ) -> Result<Option<Variant>, StoreError> {
        let decided = head.winner();
        let Some(test) = &ready.prepared.content.subject_test else { return Ok(None) };
        let due =
            head.started_at.is_some_and(|at| at.plus(test.wait()) <= self.core.deps.ctx.now());
        if decided.is_some() || !due {
            return Ok(decided);
        }
        subject_test::decide(&self.core.deps, tx, &self.scope, self.id, test).await.map(Some)
    }

    /// Nothing can be sent now and nothing is under way: the campaign is finished, or waits, at least until `opens`.
    async fn finish(&self, tx: &Tx, opens: Option<Timestamp>) -> Result<Plan, StoreError> {
        let deps = &self.core.deps;
        let at = match moves::finish(deps, tx, &self.scope, self.id).await? {
            Left::Nothing => return Ok(Plan::idle()),
            Left::Until(at) => at,
            Left::Others => deps.ctx.now().plus(OTHERS),
        };
        Ok(Plan::wait(Wake::At(opens.map_or(at, |opens| opens.max(at)))))
    }

    /// Slots for as many messages as may still be in flight.
    fn free_slots(&mut self, ready: &Ready) -> Vec<OwnedSemaphorePermit> {
        let most = ready.way_out.provider.concurrency().max(1);
        let free = most.saturating_sub(self.flights.len());
        let mut slots: Vec<_> = self.spare.take().into_iter().collect();
        while slots.len() < free {
            let Ok(slot) = Arc::clone(&ready.slots).try_acquire_owned() else { break };
            slots.push(slot);
        }
        slots.truncate(free);
        slots
    }

    fn reason_to_pause(&self, ready: &Ready, head: &Head, streak: &mut Streak) -> Option<String> {
        let mut reason = ready.refused.clone();
        if head.content_hash.as_deref() != Some(ready.prepared.content_hash.as_str()) {
            reason = Some("The content is not what was approved.".to_owned());
        }
        for done in &self.unsaved {
            let failed = streak.note(&done.verdict);
            reason = reason.or(failed);
        }
        reason
    }

    fn blocked(&self) -> Option<String> {
        self.unsaved.iter().find_map(|done| match &done.verdict {
            // A limit of our own says nothing about the provider.
            Verdict::Blocked { kind, message } if kind != SPENT => Some(message.clone()),
            _ => None,
        })
    }

    /// Shows the refusal beside the provider too. Losing this note harms nothing.
    async fn note_blocked(&self, ready: &Ready, message: String) {
        let id = ready.prepared.content.provider_id;
        let noted = self.core.deps.providers.note_result(&self.scope, id, Some(message)).await;
        if let Err(error) = noted {
            tracing::warn!(provider = %id, "the provider's refusal was not noted: {error}");
        }
    }
}

/// What a round leads to.
struct Plan {
    claims: Vec<Claim>,
    wake: Wake,
    over: bool,
}

impl Plan {
    /// Nothing more to claim, now or later.
    const fn idle() -> Self {
        Self { claims: Vec::new(), wake: Wake::Outcome, over: true }
    }

    const fn wait(wake: Wake) -> Self {
        Self { claims: Vec::new(), wake, over: false }
    }
}

/// Whether a schedule's time has come; one that cannot be read is shown by the attempt to start it.
pub(super) fn is_due(schedule: Option<&sea_orm::JsonValue>, now: Timestamp) -> bool {
    let schedule = schedule.and_then(|json| Schedule::deserialize(json).ok());
    schedule.and_then(|schedule| schedule.send_at).is_none_or(|at| at <= now)
}

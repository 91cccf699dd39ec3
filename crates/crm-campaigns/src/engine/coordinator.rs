//! One campaign being sent: waits for outcomes, writes them down, claims what the free slots hold, and sends it.
//!
//! What is in flight is known to the ledger before it leaves, and an outcome is kept in memory until it is written. All
//! outcomes that are there are written in one transaction together with the next claims, so that a durable commit is
//! paid once for several messages.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crm_core::{CampaignId, RecipientId, Scope, StoreError, Timestamp, WorkspaceId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{Id, JoinError, JoinHandle, JoinSet};

use super::Core;
use super::active::{Active, Handle};
use super::book::Book;
use super::claim::Claim;
use super::flight::Flight;
use super::outcome::{Done, Verdict};
use super::prepare::{Prepared, WayOut};
use super::recover;
use super::streak::Streak;

/// The longest a coordinator waits before it looks at the clock again.
const TICK: Duration = Duration::from_secs(1);

/// The shortest, so that a moment that has come already is no busy loop.
const SHORTEST: Duration = Duration::from_millis(20);

/// The pause after a failure of the database, doubled each time up to the other.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(30);

/// How long outcomes that are there wait for others at most. What was claimed together lands together, and a durable
/// commit costs the same for all of them as for one.
const LINGER: Duration = Duration::from_millis(2);

/// While the server stops there is no time for long pauses.
const LAST_PAUSE_AT_STOP: Duration = Duration::from_millis(500);

/// What is to be waited for beside outcomes and pokes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wake {
    /// Nothing: go on at once.
    Now,
    /// A moment, by the clock of the context.
    At(Timestamp),
    /// A slot of the provider, which other campaigns have taken.
    Slot,
    /// Nothing else.
    Outcome,
}

/// All that is needed to send, once it has been put together.
#[derive(Clone)]
pub(super) struct Ready {
    pub(super) prepared: Arc<Prepared>,
    pub(super) way_out: WayOut,
    pub(super) slots: Arc<Semaphore>,
    /// When the provider was opened; `None` to open it anew.
    pub(super) opened_at: Option<Instant>,
    /// Why the provider cannot be used any more, found out since.
    pub(super) refused: Option<String>,
}

/// The task that sends one campaign.
pub(super) struct Coordinator {
    pub(super) core: Arc<Core>,
    active: Arc<Active>,
    handle: Arc<Handle>,
    pub(super) scope: Scope,
    pub(super) id: CampaignId,
    pub(super) ready: Option<Ready>,
    pub(super) flights: JoinSet<Done>,
    /// Which row each task sends, for tasks that end without an outcome.
    flying: HashMap<Id, (RecipientId, String)>,
    /// Outcomes not written yet.
    pub(super) unsaved: Vec<Done>,
    book: Book,
    pub(super) streak: Streak,
    pub(super) wake: Wake,
    /// Nothing more is claimed: the campaign is not being sent any more, or the server stops.
    pub(super) ending: bool,
    /// A transaction failed: it may have been committed all the same, with claims nobody sends.
    pub(super) in_doubt: bool,
    /// When rows that wait for another attempt were looked for.
    pub(super) retries_seen: Option<Instant>,
    /// A slot that was waited for.
    pub(super) spare: Option<OwnedSemaphorePermit>,
    stop_seen: bool,
    pause: Duration,
    /// How long the last transaction took.
    round_took: Duration,
}

impl Coordinator {
    /// Starts the task.
    pub(super) fn start(
        core: Arc<Core>,
        active: Arc<Active>,
        handle: Arc<Handle>,
        workspace_id: WorkspaceId,
        id: CampaignId,
    ) -> JoinHandle<()> {
        let coordinator = Self {
            core,
            active,
            handle,
            scope: Scope::for_job(workspace_id, super::LABEL),
            id,
            ready: None,
            flights: JoinSet::new(),
            flying: HashMap::new(),
            unsaved: Vec::new(),
            book: Book::default(),
            streak: Streak::default(),
            wake: Wake::Now,
            ending: false,
            in_doubt: false,
            retries_seen: None,
            spare: None,
            stop_seen: false,
            pause: FIRST_PAUSE,
            round_took: Duration::ZERO,
        };
        tokio::spawn(coordinator.run())
    }

    async fn run(mut self) {
        loop {
            self.land_all();
            match self.look().await {
                Ok(()) => {
                    self.pause = FIRST_PAUSE;
                    if self.ending && self.flights.is_empty() && self.unsaved.is_empty() {
                        if self.active.leave(self.id, &self.handle) {
                            return self.close().await;
                        }
                    } else {
                        self.wait().await;
                    }
                }
                Err(error) => self.rest(&error).await,
            }
        }
    }

    /// When the server stops, connections are ended politely; otherwise others may be using them.
    async fn close(self) {
        if let Some(ready) = self.ready.filter(|_| self.core.stop.is_cancelled()) {
            let closing = ready.way_out.provider.close();
            // A server that does not say goodbye is left without one.
            let _ = tokio::time::timeout(TICK, closing).await;
        }
    }

    /// Everything that can be done at this moment.
    async fn look(&mut self) -> Result<(), StoreError> {
        self.handle.take_poke();
        if self.core.stop.is_cancelled() && self.flights.is_empty() && self.unsaved.is_empty() {
            self.ending = true;
            return Ok(());
        }
        if !self.get_ready().await? {
            self.ending = true;
            return Ok(());
        }
        let Some(ready) = self.ready.clone() else { return Ok(()) };
        if self.in_doubt {
            let known = self.flying.values().map(|(id, _)| *id);
            let known = known.chain(self.unsaved.iter().map(|done| done.recipient_id)).collect();
            let stray = recover::stray(&self.core, &self.scope, self.id, &known).await?;
            self.unsaved.extend(stray);
        }
        self.in_doubt = true;
        let begin = Instant::now();
        let (claims, slots) = self.round(&ready).await?;
        self.round_took = begin.elapsed();
        self.in_doubt = false;
        self.dispatch(&ready, claims, slots).await
    }

    /// Sends what was claimed, each message in a task of its own.
    async fn dispatch(
        &mut self,
        ready: &Ready,
        claims: Vec<Claim>,
        slots: Vec<OwnedSemaphorePermit>,
    ) -> Result<(), StoreError> {
        if claims.is_empty() {
            return Ok(());
        }
        let core = Arc::clone(&self.core);
        let (db, contacts) = (&core.deps.ctx.db, core.deps.contacts.as_ref());
        let reading = self.book.open_for(db, contacts, &self.scope, self.id, &claims);
        if let Err(error) = reading.await {
            // They are ours and nothing has left: back with them.
            let at = core.deps.ctx.now();
            self.unsaved.extend(claims.into_iter().map(|claim| Done {
                recipient_id: claim.recipient_id,
                claim_token: claim.token,
                at,
                verdict: Verdict::Requeue { counted: false },
            }));
            return Err(error);
        }
        for (claim, slot) in claims.into_iter().zip(slots) {
            let row = (claim.recipient_id, claim.token.clone());
            let flight = Flight {
                prepared: Arc::clone(&ready.prepared),
                provider: ready.way_out.provider.clone(),
                links: Arc::clone(&core.deps.links),
                tracking_links: Arc::clone(&core.deps.tracking),
                tracking: ready.way_out.tracking,
                outside: ready.way_out.outside.clone(),
                clock: Arc::clone(&core.deps.ctx.clock),
                scope: self.scope.clone(),
                campaign_id: self.id,
                contact: self.book.take(claim.contact_id),
                claim,
                slot,
            };
            let task = self.flights.spawn(flight.fly());
            self.flying.insert(task.id(), row);
        }
        Ok(())
    }

    /// Takes all outcomes that are there, without waiting.
    fn land_all(&mut self) {
        while let Some(landed) = self.flights.try_join_next_with_id() {
            self.land(landed);
        }
    }

    fn land(&mut self, landed: Result<(Id, Done), JoinError>) {
        match landed {
            Ok((task, done)) => {
                self.flying.remove(&task);
                self.unsaved.push(done);
            }
            // A task that broke down: nobody knows how far it came.
            Err(error) => {
                tracing::error!(campaign = %self.id, "a message broke down while it was sent: {error}");
                if let Some((recipient_id, claim_token)) = self.flying.remove(&error.id()) {
                    let message = "the program failed while it was sent".to_owned();
                    self.unsaved.push(Done {
                        recipient_id,
                        claim_token,
                        at: self.core.deps.ctx.now(),
                        verdict: Verdict::Unknown { message },
                    });
                }
            }
        }
    }

    /// Waits until there is something to do.
    async fn wait(&mut self) {
        loop {
            let now = self.core.deps.ctx.now();
            let tick = match self.wake {
                Wake::Now => return,
                Wake::At(at) => at.since(now).clamp(SHORTEST, TICK),
                Wake::Slot | Wake::Outcome => TICK,
            };
            let slots = match (&self.ready, self.wake) {
                (Some(ready), Wake::Slot) => Some(Arc::clone(&ready.slots)),
                _ => None,
            };
            tokio::select! {
                Some(landed) = self.flights.join_next_with_id(), if !self.flights.is_empty() => {
                    self.land(landed);
                    self.linger().await;
                    return;
                }
                () = self.handle.poked() => return,
                () = self.core.stop.cancelled(), if !self.stop_seen => {
                    self.stop_seen = true;
                    return;
                }
                Some(slot) = slot_of(slots) => {
                    self.spare = Some(slot);
                    return;
                }
                () = tokio::time::sleep(tick) => {
                    let now = self.core.deps.ctx.now();
                    if matches!(self.wake, Wake::At(at) if now >= at) {
                        return;
                    }
                }
            }
        }
    }

    /// Waits a moment for the rest of what was claimed together, no longer than writing it down takes.
    async fn linger(&mut self) {
        let until = tokio::time::Instant::now() + self.round_took.min(LINGER);
        while !self.flights.is_empty() {
            let next = self.flights.join_next_with_id();
            match tokio::time::timeout_at(until, next).await {
                Ok(Some(landed)) => self.land(landed),
                Ok(None) | Err(_) => return,
            }
        }
    }

    /// After a failure of the database: outcomes stay where they are, and nothing is claimed until it is back.
    async fn rest(&mut self, error: &StoreError) {
        let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        tracing::error!(campaign = %self.id, "sending waits {:?}: {error}: {cause}", self.pause);
        let last = if self.stop_seen { LAST_PAUSE_AT_STOP } else { LAST_PAUSE };
        tokio::select! {
            () = tokio::time::sleep(self.pause.min(last)) => {}
            () = self.core.stop.cancelled(), if !self.stop_seen => self.stop_seen = true,
        }
        self.pause = (self.pause * 2).min(LAST_PAUSE);
    }
}

/// The next free slot; waits for ever where none is wanted.
async fn slot_of(slots: Option<Arc<Semaphore>>) -> Option<OwnedSemaphorePermit> {
    match slots {
        Some(slots) => slots.acquire_owned().await.ok(),
        None => std::future::pending().await,
    }
}

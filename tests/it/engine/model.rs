//! A random sequence of what people and machines do to a campaign (pause, resume, cancel, kill, stop, unsubscribe, decide,
//! turn the clock), held against a simple model of what may follow. The seed of a sequence that fails is in its message;
//! `PI_CRM_MODEL_SEED` repeats it, `PI_CRM_MODEL_SEQUENCES` runs so many.
//!
//! The server is an engine in a runtime of its own; a kill is the end of that runtime, wherever its tasks are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crm_campaigns::Engine;
use crm_campaigns::campaigns::{
    Campaign, Campaigns, CampaignsError, Schedule, SendPolicy, Status, UnknownDecision,
};
use crm_contacts::contacts::NewContact;
use crm_core::{CampaignId, Clock, EmailAddress};
use support::smtp::faults::FaultServer;
use support::{Backend, PerBackend, wait};

use super::rig::{Rig, SOON};
use super::running::Running;

/// Sequences of each run; `cargo xtask torture` takes more.
const SEQUENCES: u64 = 25;

/// People of the audience, by the word their address begins with.
const PEOPLE: [&str; 14] = [
    "ok",
    "ok",
    "ok",
    "temp451-once",
    "ok",
    "dropafter",
    "ok",
    "perm550",
    "throttle454-once",
    "ok",
    "dropbefore-once",
    "ok",
    "dropafter",
    "ok",
];

/// A campaign and the world around it.
struct World {
    rig: Rig,
    server: Option<Running>,
    mail: Arc<FaultServer>,
    id: CampaignId,
    random: u64,
    resend: bool,
    /// What was done, for the message of a failure.
    story: Vec<String>,
    /// How often it was decided that somebody gets it again.
    again: BTreeMap<String, usize>,
    /// How often somebody was in flight when the server was killed.
    at_kill: BTreeMap<String, usize>,
    /// Who was taken as sent because a person said so.
    marked: BTreeSet<String>,
    /// How many copies somebody had when they could get no more.
    closed: BTreeMap<String, usize>,
}

impl World {
    async fn new(backend: Backend, mail: Arc<FaultServer>, seed: u64) -> Self {
        let rig = Rig::fresh(backend).await;
        for (number, word) in PEOPLE.iter().enumerate() {
            let new = NewContact {
                first_name: format!("Rita {number}"),
                // Faults that befall an address once know it by its whole name.
                primary_email: Some(format!("{word}.{number}@s{seed}.example.com")),
                ..NewContact::default()
            };
            rig.services.contacts.create(&rig.scope, new).await.unwrap();
        }
        let resend = seed.is_multiple_of(3);
        // People leave before it starts, and that is no reason to ask for approval again here.
        let policy =
            SendPolicy { resend_unknown: resend, max_drift_percent: 100, ..SendPolicy::default() };
        rig.services.campaigns.set_policy(&rig.scope, policy).await.unwrap();
        let id = rig.approved(rig.smtp(mail.port()).await, Schedule::default()).await;
        rig.engine.stop().await;
        let server = Running::start(rig.db.url(), &rig.clock).await;
        Self {
            rig,
            server: Some(server),
            mail,
            id,
            random: seed,
            resend,
            story: Vec::new(),
            again: BTreeMap::new(),
            at_kill: BTreeMap::new(),
            marked: BTreeSet::new(),
            closed: BTreeMap::new(),
        }
    }

    /// The next number of the sequence (`SplitMix64`).
    fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    async fn campaign(&self) -> Campaign {
        self.rig.get(self.id).await
    }

    /// Address and state of each row.
    async fn ledger(&self) -> BTreeMap<String, String> {
        let addresses = self.rig.ledger(self.id, "address").await;
        let states = self.rig.ledger(self.id, "state").await;
        addresses.into_iter().zip(states).collect()
    }

    fn copies(&self) -> BTreeMap<String, usize> {
        let mut copies = BTreeMap::new();
        let here = self.closed_domain();
        for taken in self.mail.taken() {
            if taken.to.ends_with(&here) {
                *copies.entry(taken.to).or_default() += 1;
            }
        }
        copies
    }

    fn closed_domain(&self) -> String {
        self.story.first().cloned().unwrap_or_default()
    }

    async fn look(&self) {
        if let Some(server) = &self.server {
            let (engine, workspace, id) =
                (Arc::clone(&server.engine), self.rig.scope.workspace_id(), self.id);
            server
                .runtime
                .spawn(async move { engine.look_at(workspace, id).await.unwrap() })
                .await
                .unwrap();
        }
    }

    async fn restart(&mut self) {
        if self.rig.db.backend() == Backend::Postgres {
            // A silent process counts as alive for a minute there.
            self.rig.clock.advance(Duration::from_secs(61));
        }
        self.server = Some(Running::start(self.rig.db.url(), &self.rig.clock).await);
        self.look().await;
    }

    /// A move a person makes: it succeeds exactly where the table of moves says so. `before` and `after` bracket it,
    /// since the engine moves the campaign too.
    fn check<T: std::fmt::Debug>(
        &self,
        what: &str,
        done: &Result<T, CampaignsError>,
        before: Status,
        after: Status,
        from: &[Status],
    ) {
        match done {
            Ok(_) => assert!(from.contains(&before), "{what} of {before:?}"),
            Err(CampaignsError::InvalidState { .. }) => {
                assert!(!from.contains(&before) || !from.contains(&after), "{what} of {before:?}");
            }
            // Everybody has unsubscribed.
            Err(CampaignsError::Blocked(_)) if before == Status::Approved => {}
            Err(other) => panic!("{what}: {other:?}"),
        }
    }

    /// One thing that happens.
    async fn step(&mut self) {
        let choice = self.next() % 100;
        let before = self.campaign().await.status;
        let (scope, id) = (self.rig.scope.clone(), self.id);
        match choice {
            0..=9 => {
                self.story.push("send".to_owned());
                let done = self.rig.services.campaigns.send(&scope, id).await;
                let after = self.campaign().await.status;
                self.check("send", &done, before, after, &[Status::Approved]);
                self.look().await;
            }
            10..=21 => {
                self.story.push("pause".to_owned());
                let done = self.rig.services.campaigns.pause(&scope, id).await;
                let after = self.campaign().await.status;
                self.check("pause", &done, before, after, &[Status::Sending]);
                if done.is_ok() {
                    assert_eq!(after, Status::Paused);
                    self.assert_still().await;
                }
            }
            22..=37 => {
                self.story.push("resume".to_owned());
                let done = self.rig.services.campaigns.resume(&scope, id).await;
                let after = self.campaign().await.status;
                self.check("resume", &done, before, after, &[Status::Paused]);
                self.look().await;
            }
            38..=40 => {
                self.story.push("cancel".to_owned());
                let done = self.rig.services.campaigns.cancel(&scope, id).await;
                let after = self.campaign().await.status;
                let from = [Status::Approved, Status::Sending, Status::Paused];
                self.check("cancel", &done, before, after, &from);
                if done.is_ok() {
                    assert_eq!(after, Status::Cancelled);
                    self.assert_still().await;
                }
            }
            41..=52 => {
                self.story.push("kill".to_owned());
                if let Some(server) = self.server.take() {
                    server.kill().await;
                }
                // A transaction that was on its way ends by itself.
                self.rig.after_claims(id).await;
                for (address, state) in self.ledger().await {
                    if state == "sending" {
                        *self.at_kill.entry(address).or_default() += 1;
                    }
                }
                self.restart().await;
            }
            53..=57 => {
                self.story.push("stop".to_owned());
                if let Some(server) = self.server.take() {
                    server.stop().await;
                }
                let left =
                    self.ledger().await.into_values().filter(|state| state == "sending").count();
                assert_eq!(left, 0, "a stop leaves nothing in flight");
                self.restart().await;
            }
            58..=66 => {
                self.somebody_leaves().await;
            }
            67..=73 => {
                let decision = if self.next().is_multiple_of(2) {
                    UnknownDecision::SendAgain
                } else {
                    UnknownDecision::MarkSent
                };
                self.decide(decision).await;
            }
            74..=87 => {
                let seconds = [5, 61, 73, 400, 4000][usize::try_from(self.next() % 5).unwrap()];
                self.story.push(format!("{seconds} s go by"));
                self.rig.clock.advance(Duration::from_secs(seconds));
                self.look().await;
            }
            88..=90 => {
                self.story.push("the clock goes back".to_owned());
                let back = Duration::from_secs(self.next() % 300);
                self.rig.clock.set(self.rig.clock.now().minus(back));
                self.look().await;
            }
            _ => {
                self.story.push("wait".to_owned());
                tokio::time::sleep(Duration::from_micros(self.next() % 15_000)).await;
            }
        }
        self.assert_invariants().await;
    }

    /// Somebody unsubscribes.
    async fn somebody_leaves(&mut self) {
        let (scope, id) = (self.rig.scope.clone(), self.id);
        let number = usize::try_from(self.next()).unwrap_or(0) % PEOPLE.len();
        let address = format!("{}.{number}{}", PEOPLE[number], self.closed_domain());
        self.story.push(format!("unsubscribe {number}"));
        let email: EmailAddress = address.parse().unwrap();
        self.rig.services.campaigns.unsubscribe(&scope, &email.into(), None).await.unwrap();
        self.rig.after_claims(id).await;
        let waits = self.ledger().await.get(&address).cloned();
        // What was in flight may still arrive; who waits, or is not in the ledger yet, gets nothing more.
        if matches!(waits.as_deref(), None | Some("queued" | "retry_wait")) {
            let copies = self.copies().get(&address).copied().unwrap_or(0);
            self.closed.entry(address).or_insert(copies);
        }
    }

    async fn decide(&mut self, decision: UnknownDecision) {
        self.story.push(format!("{decision:?}"));
        let before = self.ledger().await;
        let campaigns = &self.rig.services.campaigns;
        let done = campaigns.decide_unknown(&self.rig.scope, self.id, None, decision).await;
        // One in flight may have become unknown in between.
        let decided = before
            .into_iter()
            .filter(|(_, state)| matches!(state.as_str(), "unknown" | "sending"))
            .map(|(to, _)| to);
        match (decision, done) {
            (UnknownDecision::SendAgain, Ok(_)) => {
                for to in decided {
                    *self.again.entry(to).or_default() += 1;
                }
            }
            (UnknownDecision::MarkSent, Ok(_)) => self.marked.extend(decided),
            (_, Err(CampaignsError::InvalidState { .. })) => {}
            (_, Err(other)) => panic!("{other:?}"),
        }
        self.look().await;
    }

    /// After a pause or a cancel nobody new is claimed: what arrives from here on was in flight.
    async fn assert_still(&self) {
        let in_flight: BTreeSet<String> = self
            .ledger()
            .await
            .into_iter()
            .filter(|(_, state)| state == "sending")
            .map(|(to, _)| to)
            .collect();
        let before = self.copies();
        wait::until("nothing to be in flight", SOON, || async {
            self.ledger().await.values().all(|state| state != "sending").then_some(())
        })
        .await;
        for (to, copies) in self.copies() {
            let new = copies - before.get(&to).copied().unwrap_or(0);
            assert!(new == 0 || in_flight.contains(&to), "{to} left after it was stopped");
        }
    }

    /// What must hold at any moment.
    async fn assert_invariants(&self) {
        // In this order: what is finished stays so, and what was taken is not untaken.
        let finished = self.campaign().await.status == Status::Sent;
        let ledger = self.ledger().await;
        let copies = self.copies();
        for (to, copies) in &copies {
            let unasked = if self.resend { self.at_kill.get(to).copied().unwrap_or(0) } else { 0 };
            let most = 1 + unasked + self.again.get(to).copied().unwrap_or(0);
            assert!(*copies <= most, "{to} got {copies}, at most {most} may be");
        }
        for (to, most) in &self.closed {
            // What was on the wire at a kill may arrive a moment later.
            let late = self.at_kill.get(to).copied().unwrap_or(0);
            let copies = copies.get(to).copied().unwrap_or(0);
            assert!(copies <= most + late, "{to} unsubscribed and got another");
        }
        for (to, state) in &ledger {
            if state == "sent" && !self.marked.contains(to) {
                assert!(copies.contains_key(to), "{to} is called sent and was never taken");
            }
        }
        if finished {
            let open: Vec<_> = ledger
                .values()
                .filter(|state| matches!(state.as_str(), "queued" | "sending" | "retry_wait"))
                .collect();
            assert!(open.is_empty(), "finished with {open:?}");
        }
    }

    /// Brings it to its end, whatever state it is in.
    async fn finish(&mut self) {
        self.story.push("finish".to_owned());
        for _ in 0..400 {
            let campaign = self.campaign().await;
            let (scope, id) = (&self.rig.scope, self.id);
            match campaign.status {
                Status::Sent => break,
                Status::Cancelled if campaign.counts.sending == 0 => break,
                // Whom nobody would get is refused, and that is an end too.
                Status::Approved => match self.rig.services.campaigns.send(scope, id).await {
                    Ok(_) => {}
                    Err(CampaignsError::Blocked(_) | CampaignsError::ApprovalWithdrawn(_)) => {
                        return;
                    }
                    Err(other) => panic!("{other:?}"),
                },
                Status::Paused => {
                    drop(self.rig.services.campaigns.resume(scope, id).await.unwrap());
                }
                _ => self.rig.clock.advance(Duration::from_secs(80)),
            }
            self.look().await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let campaign = self.campaign().await;
        assert!(
            matches!(campaign.status, Status::Sent | Status::Cancelled | Status::Draft),
            "{campaign:?}"
        );
        self.assert_invariants().await;
        self.rig.assert_sound(self.id).await;
        let total = u64::try_from(PEOPLE.len()).unwrap();
        let counts = campaign.counts;
        assert!(counts.total() == total || counts.total() == 0, "{counts:?}");
        assert_eq!(counts.queued + counts.sending + counts.retry_wait, 0, "{counts:?}");
    }
}

async fn sequence(backend: Backend, mail: Arc<FaultServer>, seed: u64) {
    let mut world = World::new(backend, mail, seed).await;
    world.story.push(format!("@s{seed}.example.com"));
    let steps = 6 + world.next() % 14;
    let play = std::panic::AssertUnwindSafe(async {
        for _ in 0..steps {
            world.step().await;
        }
        world.finish().await;
    });
    let played = futures_catch(play).await;
    if let Err(panic) = played {
        let said = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
        panic!("seed {seed}: {}\nstory: {:?}", said.unwrap_or_default(), world.story);
    }
    if let Some(server) = world.server.take() {
        server.stop().await;
    }
}

/// Runs to the end, or to the panic.
async fn futures_catch(
    play: std::panic::AssertUnwindSafe<impl Future<Output = ()>>,
) -> Result<(), Box<dyn std::any::Any + Send>> {
    let mut play = Box::pin(play.0);
    std::future::poll_fn(move |context| {
        let polled =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play.as_mut().poll(context)));
        match polled {
            Ok(std::task::Poll::Ready(())) => std::task::Poll::Ready(Ok(())),
            Ok(std::task::Poll::Pending) => std::task::Poll::Pending,
            Err(panic) => std::task::Poll::Ready(Err(panic)),
        }
    })
    .await
}

async fn sequences(backend: Backend, standard: u64) {
    let given = |name| std::env::var(name).ok().and_then(|text: String| text.parse::<u64>().ok());
    let mail = Arc::new(FaultServer::start());
    if let Some(seed) = given("PI_CRM_MODEL_SEED") {
        return sequence(backend, mail, seed).await;
    }
    let count = given("PI_CRM_MODEL_SEQUENCES").unwrap_or(standard);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let first = now.as_secs() % 1_000_000_000 * 1_000;
    for seed in first..first + count {
        if (seed - first) % 100 == 99 {
            tell(&format!("{} of {count} sequences held, from seed {first}", seed - first));
        }
        sequence(backend, Arc::clone(&mail), seed).await;
    }
}

#[expect(clippy::print_stderr, reason = "whoever runs a thousand wants to see that it goes on")]
fn tell(what: &str) {
    eprintln!("{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_on_sqlite() {
    sequences(Backend::Sqlite, SEQUENCES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_on_postgres() {
    sequences(Backend::Postgres, SEQUENCES / 3).await;
}

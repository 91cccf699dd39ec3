//! Contacts that may be one person. A small book is looked through while the caller waits; a large one behind their
//! back, and they are told what was found last and when.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crm_core::{ContactId, Context, Scope, Timestamp, WorkspaceId};
use sea_orm::EntityTrait;
use tokio::sync::Semaphore;

use super::likeness::Traits;
use super::{Result, SeaMerges, Suspicion, Suspicions};
use crate::contacts::{Contact, load};
use crate::door::Door;
use crate::entity::{base_contacts, duplicate_dismissals as dismissals};

mod look;
mod sieve;

/// Pairs shown.
const MOST: usize = 100;
/// A look is good for so long at least, and for [`PATIENCE`] times what it took.
const GOOD_FOR: Duration = Duration::from_mins(1);
/// So that looking takes a tenth of the time at most, however large the book and slow the machine.
const PATIENCE: u32 = 10;

/// Two contacts, the older one first.
type Pair = (ContactId, ContactId);

/// What a look has found.
struct Found {
    /// The surest first.
    pairs: Vec<Pair>,
    /// How many more there were.
    beyond: u64,
    began: Timestamp,
    ended: Timestamp,
}

impl Found {
    fn is_good(&self, now: Timestamp) -> bool {
        let took = self.ended.since(self.began);
        now.since(self.ended) < GOOD_FOR.max(took.saturating_mul(PATIENCE))
    }
}

/// The last look of each workspace, and those that go on. They are kept in memory: after a restart the first who asks has
/// the book looked through.
#[derive(Clone)]
pub(super) struct Looks(Arc<Inner>);

struct Inner {
    known: Mutex<HashMap<WorkspaceId, Known>>,
    /// One look at a time: reading several books at once would only make each slower.
    turn: Semaphore,
}

#[derive(Default)]
struct Known {
    found: Option<Arc<Found>>,
    is_looking: bool,
}

impl Looks {
    pub(super) fn new() -> Self {
        Self(Arc::new(Inner { known: Mutex::default(), turn: Semaphore::new(1) }))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<WorkspaceId, Known>> {
        // What is in it is whole at any moment.
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was found last, and whether a look goes on. One is begun where the last is no longer good.
    fn ask(&self, ctx: &Context, scope: &Scope) -> (Option<Arc<Found>>, bool) {
        let mut known = self.lock();
        let known = known.entry(scope.workspace_id()).or_default();
        let is_good = known.found.as_ref().is_some_and(|found| found.is_good(ctx.now()));
        if !is_good && !known.is_looking {
            known.is_looking = true;
            tokio::spawn(self.clone().look(ctx.clone(), scope.clone()));
        }
        (known.found.clone(), known.is_looking)
    }

    async fn look(self, ctx: Context, scope: Scope) {
        let found = match self.0.turn.acquire().await {
            Ok(_turn) => look::run(&ctx, &scope).await,
            Err(_closed) => return,
        };
        let mut known = self.lock();
        let known = known.entry(scope.workspace_id()).or_default();
        known.is_looking = false;
        match found {
            Ok(found) => known.found = Some(Arc::new(found)),
            Err(error) => tracing::error!(%error, "a look for duplicates failed"),
        }
    }
}

pub(super) async fn run(service: &SeaMerges, scope: &Scope) -> Result<Suspicions> {
    let ctx = &service.ctx;
    let (_, is_small) = ctx.db.count_capped(scope, base_contacts::Entity::find()).await?;
    let (found, is_looking) = if is_small {
        (Some(Arc::new(look::run(ctx, scope).await?)), false)
    } else {
        service.looks.ask(ctx, scope)
    };
    match found {
        Some(found) => answer(ctx, scope, &found, is_looking).await,
        None => Ok(Suspicions { items: Vec::new(), total: 0, looked_at: None, is_looking }),
    }
}

/// The surest pairs as they are now: some were merged, changed, or called two people since.
async fn answer(
    ctx: &Context,
    scope: &Scope,
    found: &Found,
    is_looking: bool,
) -> Result<Suspicions> {
    let rows = ctx.db.all(scope, dismissals::Entity::find()).await?;
    let dismissed: HashSet<Pair> =
        rows.into_iter().map(|row| (row.contact_a, row.contact_b)).collect();
    let pairs: Vec<Pair> =
        found.pairs.iter().filter(|pair| !dismissed.contains(pair)).copied().collect();
    let mut items = Vec::new();
    let mut seen = 0;
    while items.len() < MOST && seen < pairs.len() {
        let some: Vec<Pair> = pairs.iter().skip(seen).take(MOST - items.len()).copied().collect();
        seen += some.len();
        items.extend(suspicions(ctx, scope, &some).await?);
    }
    let unseen = u64::try_from(pairs.len() - seen).unwrap_or(u64::MAX);
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX) + unseen + found.beyond;
    Ok(Suspicions { items, total, looked_at: Some(found.ended), is_looking })
}

/// Those of the pairs that are there and alike.
async fn suspicions(ctx: &Context, scope: &Scope, pairs: &[Pair]) -> Result<Vec<Suspicion>> {
    let ids: Vec<ContactId> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
    let contacts = load::by_ids(Door::Db(&ctx.db), scope, &ids).await?;
    let contacts: HashMap<ContactId, Contact> =
        contacts.into_iter().map(|contact| (contact.id, contact)).collect();
    let alike = pairs.iter().filter_map(|(a, b)| {
        let (first, second) = (contacts.get(a)?, contacts.get(b)?);
        let reasons = Traits::of(first).reasons(&Traits::of(second));
        let suspicion = Suspicion { first: first.clone(), second: second.clone(), reasons };
        (!suspicion.reasons.is_empty()).then_some(suspicion)
    });
    Ok(alike.collect())
}

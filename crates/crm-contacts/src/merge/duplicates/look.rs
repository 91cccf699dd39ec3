//! One look through a book for contacts that may be one person. The book is read twice: first for hashes alone, then for
//! who has those that occur more than once. So a million contacts take a few dozen megabytes and no index.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crm_core::{ContactId, Context, Scope};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use super::super::likeness::Traits;
use super::super::{Reason, Result};
use super::sieve::Sieve;
use super::{Found, Pair};
use crate::contacts::{Contact, load};
use crate::door::Door;
use crate::entity::base_contacts;

/// Contacts read at once.
const STRETCH: u64 = 5_000;
/// Groups of people at one company that are compared letter by letter.
const MOST_GROUPS: usize = 20_000;
/// Contacts whose names are read at once to be compared.
const COMPARED: usize = 5_000;
/// Pairs that are remembered: the surest.
const MOST_PAIRS: usize = 10_000;

#[derive(FromQueryResult)]
struct Row {
    id: ContactId,
    first_name: String,
    last_name: String,
    primary_email: Option<String>,
    primary_phone: Option<String>,
    company: String,
}

/// Why contacts meet under each of their keys.
const REASONS: [Reason; 4] =
    [Reason::SameEmail, Reason::SamePhone, Reason::SameName, Reason::SimilarName];

/// A hash and who has it.
type Holder = (u64, ContactId);

/// Looks through all contacts of the workspace.
pub(super) async fn run(ctx: &Context, scope: &Scope) -> Result<Found> {
    let began = ctx.now();
    let mut sieves: [Sieve; 4] = Default::default();
    each(ctx, scope, |_, keys| {
        for (sieve, key) in sieves.iter_mut().zip(keys) {
            sieve.meet(key);
        }
    })
    .await?;
    let [email, phone, name, near] = sieves;
    let repeated = [
        email.repeated(usize::MAX),
        phone.repeated(usize::MAX),
        name.repeated(usize::MAX),
        near.repeated(MOST_GROUPS),
    ];
    let mut holders: [Vec<Holder>; 4] = Default::default();
    each(ctx, scope, |id, keys| {
        for ((held, repeated), key) in holders.iter_mut().zip(&repeated).zip(keys) {
            held.extend(repeated.pick(key).map(|hash| (hash, id)));
        }
    })
    .await?;
    let mut pairs: BTreeMap<Pair, BTreeSet<Reason>> = BTreeMap::new();
    for (held, reason) in holders.into_iter().zip(REASONS) {
        let found = groups(held);
        let found = if reason == Reason::SimilarName {
            alike(ctx, scope, &found).await?
        } else {
            found.iter().flat_map(|group| pairs_of(group)).collect()
        };
        for pair in found {
            pairs.entry(pair).or_default().insert(reason);
        }
    }
    let total = pairs.len();
    let mut pairs: Vec<(Pair, BTreeSet<Reason>)> = pairs.into_iter().collect();
    // More reasons before fewer, surer ones before others, newer contacts before older ones.
    pairs.sort_by(|(one, a), (other, b)| {
        b.len().cmp(&a.len()).then_with(|| a.cmp(b)).then_with(|| other.cmp(one))
    });
    pairs.truncate(MOST_PAIRS);
    let pairs: Vec<Pair> = pairs.into_iter().map(|(pair, _)| pair).collect();
    let beyond = u64::try_from(total - pairs.len()).unwrap_or(u64::MAX);
    Ok(Found { pairs, beyond, began, ended: ctx.now() })
}

/// Meets every contact once, in the order of their ids, with a key for each of [`REASONS`].
async fn each(
    ctx: &Context,
    scope: &Scope,
    mut meet: impl FnMut(ContactId, [Option<u64>; 4]),
) -> Result<()> {
    use base_contacts::{Column, Entity};
    let mut last = None;
    loop {
        let mut select = Entity::find()
            .select_only()
            .columns([
                Column::Id,
                Column::FirstName,
                Column::LastName,
                Column::PrimaryEmail,
                Column::PrimaryPhone,
                Column::Company,
            ])
            .order_by_asc(Column::Id)
            .limit(STRETCH);
        if let Some(last) = last {
            select = select.filter(Column::Id.gt(last));
        }
        let rows: Vec<Row> = ctx.db.all_as(scope, select).await?;
        last = rows.last().map(|row: &Row| row.id);
        for row in &rows {
            let traits = Traits {
                first_name: &row.first_name,
                last_name: &row.last_name,
                email: row.primary_email.as_deref(),
                phone: row.primary_phone.as_deref(),
                company: &row.company,
            };
            let keys = traits.keys();
            meet(row.id, [keys.email, keys.phone, keys.name, keys.near]);
        }
        if u64::try_from(rows.len()).unwrap_or(STRETCH) < STRETCH {
            return Ok(());
        }
        // Whoever waits for a page comes first.
        tokio::task::yield_now().await;
    }
}

/// Contacts that share a whole hash.
fn groups(mut held: Vec<Holder>) -> Vec<Vec<ContactId>> {
    held.sort_unstable();
    held.chunk_by(|(one, _), (other, _)| one == other)
        .filter(|group| group.len() > 1)
        .map(|group| group.iter().map(|(_, id)| *id).collect())
        .collect()
}

fn pairs_of(group: &[ContactId]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (at, one) in group.iter().enumerate() {
        pairs.extend(group.iter().skip(at + 1).map(|other| (*one.min(other), *one.max(other))));
    }
    pairs
}

/// Pairs of people at one company whose names are alike.
async fn alike(ctx: &Context, scope: &Scope, groups: &[Vec<ContactId>]) -> Result<Vec<Pair>> {
    let mut alike = Vec::new();
    let mut groups = groups.iter().peekable();
    while groups.peek().is_some() {
        let mut ids = 0;
        let some: Vec<&Vec<ContactId>> = std::iter::from_fn(|| {
            let group = groups.next_if(|_| ids < COMPARED)?;
            ids += group.len();
            Some(group)
        })
        .collect();
        let ids: Vec<ContactId> = some.iter().copied().flatten().copied().collect();
        let contacts = load::bare_by_ids(Door::Db(&ctx.db), scope, &ids).await?;
        let contacts: HashMap<ContactId, Contact> =
            contacts.into_iter().map(|contact| (contact.id, contact)).collect();
        for (one, other) in some.iter().flat_map(|group| pairs_of(group)) {
            if let (Some(a), Some(b)) = (contacts.get(&one), contacts.get(&other))
                && Traits::of(a).reasons(&Traits::of(b)).contains(&Reason::SimilarName)
            {
                alike.push((one, other));
            }
        }
    }
    Ok(alike)
}

//! Finding contacts that may be one person: every contact is met once and leaves a few hashes; those who share one are
//! looked at closely.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crm_core::{ContactId, Scope};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use super::likeness::Traits;
use super::{Reason, Result, SeaMerges, Suspicion, Suspicions};
use crate::contacts::{Contact, load};
use crate::door::Door;
use crate::entity::{base_contacts, duplicate_dismissals as dismissals};

/// Contacts read at once.
const STRETCH: u64 = 5_000;
/// More contacts than these under one key are a switchboard or a shop's address and tell nothing.
const MOST_ALIKE: usize = 20;
/// Groups of people at one company that are compared letter by letter.
const MOST_GROUPS: usize = 2_000;
/// Pairs shown.
const MOST: usize = 100;

#[derive(FromQueryResult)]
struct Row {
    id: ContactId,
    first_name: String,
    last_name: String,
    primary_email: Option<String>,
    primary_phone: Option<String>,
    company: String,
}

/// The keys of all contacts: hash and place of the contact.
#[derive(Default)]
struct Met {
    ids: Vec<ContactId>,
    email: Vec<(u64, u32)>,
    phone: Vec<(u64, u32)>,
    name: Vec<(u64, u32)>,
    near: Vec<(u64, u32)>,
}

type Pair = (ContactId, ContactId);

pub(super) async fn run(service: &SeaMerges, scope: &Scope) -> Result<Suspicions> {
    let mut met = meet(service, scope).await?;
    let dismissed = dismissed(service, scope).await?;
    let mut pairs: BTreeMap<Pair, BTreeSet<Reason>> = BTreeMap::new();
    for (keys, reason) in [
        (std::mem::take(&mut met.email), Reason::SameEmail),
        (std::mem::take(&mut met.phone), Reason::SamePhone),
        (std::mem::take(&mut met.name), Reason::SameName),
    ] {
        for group in groups(keys) {
            for pair in pairs_of(&met.ids, &group) {
                pairs.entry(pair).or_default().insert(reason);
            }
        }
    }
    for pair in near(service, scope, &mut met).await? {
        pairs.entry(pair).or_default().insert(Reason::SimilarName);
    }
    pairs.retain(|pair, _| !dismissed.contains(pair));
    let total = u64::try_from(pairs.len()).unwrap_or(u64::MAX);
    let mut pairs: Vec<(Pair, BTreeSet<Reason>)> = pairs.into_iter().collect();
    // More reasons before fewer, surer ones before others, newer contacts before older ones.
    pairs.sort_by(|(one, a), (other, b)| {
        b.len().cmp(&a.len()).then_with(|| a.cmp(b)).then_with(|| other.cmp(one))
    });
    pairs.truncate(MOST);
    let ids: Vec<ContactId> = pairs.iter().flat_map(|((a, b), _)| [*a, *b]).collect();
    let contacts = load::by_ids(Door::Db(&service.ctx.db), scope, &ids).await?;
    let contacts: HashMap<ContactId, Contact> =
        contacts.into_iter().map(|contact| (contact.id, contact)).collect();
    let items = pairs.into_iter().filter_map(|((a, b), _)| {
        let (first, second) = (contacts.get(&a)?, contacts.get(&b)?);
        let reasons = traits(first).reasons(&traits(second));
        let suspicion = Suspicion { first: first.clone(), second: second.clone(), reasons };
        (!suspicion.reasons.is_empty()).then_some(suspicion)
    });
    Ok(Suspicions { items: items.collect(), total })
}

/// What of a contact is compared.
fn traits(contact: &Contact) -> Traits<'_> {
    Traits {
        first_name: &contact.first_name,
        last_name: &contact.last_name,
        email: contact.primary_email.as_deref(),
        phone: contact.primary_phone.as_deref(),
        company: &contact.company,
    }
}

async fn meet(service: &SeaMerges, scope: &Scope) -> Result<Met> {
    use base_contacts::{Column, Entity};
    let mut met = Met::default();
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
        if let Some(last) = met.ids.last() {
            select = select.filter(Column::Id.gt(*last));
        }
        let rows: Vec<Row> = service.ctx.db.all_as(scope, select).await?;
        let whole = u64::try_from(rows.len()).unwrap_or(STRETCH) == STRETCH;
        for row in rows {
            let place = u32::try_from(met.ids.len()).unwrap_or(u32::MAX);
            met.ids.push(row.id);
            let keys = Traits {
                first_name: &row.first_name,
                last_name: &row.last_name,
                email: row.primary_email.as_deref(),
                phone: row.primary_phone.as_deref(),
                company: &row.company,
            }
            .keys();
            met.email.extend(keys.email.map(|key| (key, place)));
            met.phone.extend(keys.phone.map(|key| (key, place)));
            met.name.extend(keys.name.map(|key| (key, place)));
            met.near.extend(keys.near.map(|key| (key, place)));
        }
        if !whole {
            return Ok(met);
        }
    }
}

/// Places of contacts that share a key.
fn groups(mut keys: Vec<(u64, u32)>) -> Vec<Vec<u32>> {
    keys.sort_unstable();
    keys.chunk_by(|(one, _), (other, _)| one == other)
        .filter(|group| (2..=MOST_ALIKE).contains(&group.len()))
        .map(|group| group.iter().map(|(_, place)| *place).collect())
        .collect()
}

fn pairs_of(ids: &[ContactId], group: &[u32]) -> Vec<Pair> {
    let ids: Vec<ContactId> =
        group.iter().filter_map(|place| ids.get(usize::try_from(*place).ok()?).copied()).collect();
    let mut pairs = Vec::new();
    for (at, one) in ids.iter().enumerate() {
        pairs.extend(ids.iter().skip(at + 1).map(|other| (*one.min(other), *one.max(other))));
    }
    pairs
}

/// Pairs of people at one company whose names are alike.
async fn near(service: &SeaMerges, scope: &Scope, met: &mut Met) -> Result<Vec<Pair>> {
    let mut groups = groups(std::mem::take(&mut met.near));
    groups.truncate(MOST_GROUPS);
    let of = |place: &u32| met.ids.get(usize::try_from(*place).ok()?).copied();
    let ids: Vec<ContactId> = groups.iter().flatten().filter_map(of).collect();
    let contacts = load::bare_by_ids(Door::Db(&service.ctx.db), scope, &ids).await?;
    let contacts: HashMap<ContactId, Contact> =
        contacts.into_iter().map(|contact| (contact.id, contact)).collect();
    let mut alike = Vec::new();
    for group in &groups {
        for (one, other) in pairs_of(&met.ids, group) {
            if let (Some(a), Some(b)) = (contacts.get(&one), contacts.get(&other))
                && traits(a).reasons(&traits(b)).contains(&Reason::SimilarName)
            {
                alike.push((one, other));
            }
        }
    }
    Ok(alike)
}

async fn dismissed(service: &SeaMerges, scope: &Scope) -> Result<HashSet<Pair>> {
    let rows = service.ctx.db.all(scope, dismissals::Entity::find()).await?;
    Ok(rows.into_iter().map(|row| (row.contact_a, row.contact_b)).collect())
}

//! Made-up contacts. All addresses use names reserved for examples, so nothing can reach a person.

use anyhow::Context as _;
use crm_contacts::contacts::NewContact;
use crm_contacts::lists::{List, NewList};
use crm_contacts::timeline::LogContent;
use crm_contacts::{ContactsError, ListsError};
use crm_core::Scope;

use super::super::session::Session;
use super::crowd;
use crate::state::Services;

const FIRST: [&str; 24] = [
    "Ada",
    "Łukasz",
    "Maëlle",
    "Jürgen",
    "Олена",
    "Θεοδώρα",
    "美咲",
    "Seán",
    "Aylin",
    "Ngozi",
    "José",
    "Hạnh",
    "Ingrid",
    "Paweł",
    "Zoé",
    "Felix",
    "Sofía",
    "Ömer",
    "Nadia",
    "Björn",
    "Chiara",
    "Tomás",
    "Leïla",
    "Anna",
];
const LAST: [&str; 20] = [
    "Lovelace",
    "Wiśniewski",
    "Lefèvre",
    "Müller",
    "Ковальчук",
    "Παπαδοπούλου",
    "田中",
    "Ó Ríordáin",
    "Yıldız",
    "Okafor",
    "García",
    "Nguyễn",
    "Sørensen",
    "Kowalski",
    "Dubois",
    "Bauer",
    "Muñoz",
    "Öztürk",
    "Haddad",
    "Lindqvist",
];
const COMPANY: [&str; 12] = [
    "Bäckerei Gruber",
    "Le Fournil de Maëlle",
    "Crumb & Co",
    "Tanaka Pan",
    "Fırın Yıldız",
    "Nordic Grain",
    "Mill Lane Bakery",
    "Хлібна крамниця",
    "Panadería del Sol",
    "Kornhaus",
    "",
    "",
];
const TAGS: [&str; 3] = ["Newsletter", "Wholesale", "Met at the fair"];

/// Contacts that have a timeline; whatever is beyond them is a crowd.
const WITH_TIMELINE: u32 = 1_000;

/// Adds contacts until `wanted` have been made by this or an earlier call; returns how many were new.
pub(super) async fn seed(session: &Session, scope: &Scope, wanted: u32) -> anyhow::Result<u64> {
    let services = &session.booted.services;
    make_tags(services, scope).await?;
    let lists = services.lists.all(scope).await?;
    let (stages, tags): (Vec<List>, Vec<List>) = lists
        .into_iter()
        .filter(|list| list.is_primary || TAGS.contains(&list.name.as_str()))
        .partition(|list| list.is_primary);
    let mut added = 0;
    for number in 0..wanted.min(WITH_TIMELINE) {
        if one(services, scope, number, &stages, &tags).await? {
            added += 1;
        }
    }
    let names = |lists: &[List]| lists.iter().map(|list| list.name.clone()).collect::<Vec<_>>();
    let (stages, tags) = (names(&stages), names(&tags));
    added += crowd::seed(session, scope, WITH_TIMELINE..wanted, (&stages, &tags)).await?;
    Ok(added)
}

async fn make_tags(services: &Services, scope: &Scope) -> anyhow::Result<()> {
    for name in TAGS {
        let new = NewList { name: name.to_owned(), ..NewList::default() };
        match services.lists.create(scope, new).await {
            Ok(_) | Err(ListsError::DuplicateName) => {}
            Err(err) => return Err(err.into()),
        }
    }
    Ok(())
}

/// The `number`th entry of a table that is read round and round.
fn at<T>(table: &[T], number: u32) -> Option<&T> {
    let at = usize::try_from(number).ok()?.checked_rem(table.len())?;
    table.get(at)
}

fn pick<T: Copy>(table: &[T], number: u32) -> Option<T> {
    at(table, number).copied()
}

/// A made-up contact: what it is called follows from its number.
pub(super) struct Person {
    number: u32,
    pub(super) first_name: &'static str,
    pub(super) last_name: &'static str,
    pub(super) email: String,
    pub(super) phone: Option<String>,
    pub(super) company: &'static str,
    pub(super) value_minor: Option<i64>,
}

impl Person {
    pub(super) fn of(number: u32) -> Self {
        // Different strides keep the tables from repeating together.
        Self {
            number,
            first_name: pick(&FIRST, number).unwrap_or_default(),
            last_name: pick(&LAST, (number % 1_000_000) * 7 + number / 24).unwrap_or_default(),
            email: format!("demo.{number}@example.com"),
            phone: (number.is_multiple_of(4)).then(|| format!("+43664{:07}", 1_000_000 + number)),
            company: pick(&COMPANY, (number % 1_000_000) * 5).unwrap_or_default(),
            value_minor: (number.is_multiple_of(2)).then(|| i64::from(number % 17 + 1) * 12_500),
        }
    }

    /// Its stage of these.
    pub(super) fn stage<'a, T>(&self, stages: &'a [T]) -> Option<&'a T> {
        at(stages, (self.number % 1_000_000) * 5 / 3)
    }

    /// Its tag of these, where it has one.
    pub(super) fn tag<'a, T>(&self, tags: &'a [T]) -> Option<&'a T> {
        (!self.number.is_multiple_of(3)).then(|| at(tags, self.number)).flatten()
    }
}

async fn one(
    services: &Services,
    scope: &Scope,
    number: u32,
    stages: &[List],
    tags: &[List],
) -> anyhow::Result<bool> {
    let person = Person::of(number);
    let lists = person.stage(stages).into_iter().chain(person.tag(tags));
    let new = NewContact {
        first_name: person.first_name.to_owned(),
        last_name: person.last_name.to_owned(),
        list_ids: lists.map(|list| list.id).collect(),
        primary_email: Some(person.email),
        primary_phone: person.phone,
        company: person.company.to_owned(),
        value_minor: person.value_minor,
        ..NewContact::default()
    };
    let contact = match services.contacts.create(scope, new).await {
        Ok(contact) => contact,
        Err(ContactsError::DuplicateEmail { .. } | ContactsError::DuplicatePhone { .. }) => {
            return Ok(false);
        }
        Err(err) => return Err(err).context(format!("contact {number}")),
    };
    if number.is_multiple_of(5) {
        let content =
            LogContent::Note { text: "Asked for the price list; prefers mornings.".to_owned() };
        services.timeline.add(scope, contact.id, content, None).await?;
    }
    if number.is_multiple_of(7) {
        let content =
            LogContent::Call { duration: 6, notes: "Wants a sample before deciding.".to_owned() };
        services.timeline.add(scope, contact.id, content, None).await?;
    }
    Ok(true)
}

//! Made-up contacts. All addresses use names reserved for examples, so nothing can reach a person.

use anyhow::Context as _;
use crm_contacts::contacts::NewContact;
use crm_contacts::lists::NewList;
use crm_contacts::timeline::LogContent;
use crm_contacts::{ContactsError, ListsError};
use crm_core::{ListId, Scope};

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

/// Adds contacts until `wanted` have been made by this or an earlier call; returns how many were new.
pub(super) async fn seed(services: &Services, scope: &Scope, wanted: u32) -> anyhow::Result<u64> {
    let stages: Vec<ListId> = services
        .lists
        .all(scope)
        .await?
        .into_iter()
        .filter(|list| list.is_primary)
        .map(|list| list.id)
        .collect();
    let tags = tags(services, scope).await?;
    let mut added = 0;
    for number in 0..wanted {
        if one(services, scope, number, &stages, &tags).await? {
            added += 1;
        }
    }
    Ok(added)
}

async fn tags(services: &Services, scope: &Scope) -> anyhow::Result<Vec<ListId>> {
    for name in TAGS {
        let new = NewList { name: name.to_owned(), ..NewList::default() };
        match services.lists.create(scope, new).await {
            Ok(_) | Err(ListsError::DuplicateName) => {}
            Err(err) => return Err(err.into()),
        }
    }
    let all = services.lists.all(scope).await?;
    Ok(all
        .into_iter()
        .filter(|list| TAGS.contains(&list.name.as_str()))
        .map(|list| list.id)
        .collect())
}

/// The `number`th entry of a table that is read round and round.
fn pick<T: Copy>(table: &[T], number: u32) -> Option<T> {
    let at = usize::try_from(number).ok()?.checked_rem(table.len())?;
    table.get(at).copied()
}

async fn one(
    services: &Services,
    scope: &Scope,
    number: u32,
    stages: &[ListId],
    tags: &[ListId],
) -> anyhow::Result<bool> {
    // Different strides keep the tables from repeating together.
    let mut list_ids: Vec<ListId> = pick(stages, number * 5 / 3).into_iter().collect();
    if !number.is_multiple_of(3) {
        list_ids.extend(pick(tags, number));
    }
    let new = NewContact {
        first_name: pick(&FIRST, number).unwrap_or_default().to_owned(),
        last_name: pick(&LAST, number * 7 + number / 24).unwrap_or_default().to_owned(),
        primary_email: Some(format!("demo.{number}@example.com")),
        primary_phone: (number.is_multiple_of(4))
            .then(|| format!("+43664{:07}", 1_000_000 + number)),
        company: pick(&COMPANY, number * 5).unwrap_or_default().to_owned(),
        value_minor: (number.is_multiple_of(2)).then(|| i64::from(number % 17 + 1) * 12_500),
        list_ids,
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

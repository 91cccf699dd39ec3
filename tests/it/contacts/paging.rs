//! Keyset paging: whatever the order, each contact is on exactly one page, forwards and backwards.

use std::collections::BTreeSet;

use std::collections::BTreeMap;
use std::fmt::Debug;

use crm_contacts::contacts::{ContactQuery, ContactSort, CustomValue, NewContact, page_statements};
use crm_contacts::{Contact, Contacts, ContactsError, Lists};
use crm_core::{ContactId, Cursor, Page, PageRequest};
use support::both_databases;

use super::book::{Book, START};

const CONTACTS: usize = 137;
const LIMIT: u64 = 10;

/// Fields of each type.
const FIELDS: [(&str, &str); 5] = [
    ("seats", "number"),
    ("note", "text"),
    ("vip", "boolean"),
    ("day", "date"),
    ("plan", "select"),
];
const NUMBERS: [f64; 6] = [10.0, -2.0, 1.5, 9.0, -10.0, 0.0];

/// Values of the custom fields of the `n`th contact: some unset, many equal.
fn custom(n: usize) -> BTreeMap<String, CustomValue> {
    let text = |text: &str| CustomValue::Text(text.to_owned());
    let mut values = BTreeMap::new();
    let mut set = |name: &str, value| values.insert(name.to_owned(), value);
    if !n.is_multiple_of(7) {
        set("seats", CustomValue::Number(NUMBERS[n % 6]));
    }
    if !n.is_multiple_of(4) {
        set("note", text(["apple", "Banana", "cherry", "APPLE", "Łódź"][n % 5]));
    }
    if !n.is_multiple_of(3) {
        set("vip", CustomValue::Boolean(n.is_multiple_of(2)));
    }
    if n.is_multiple_of(50) {
        set("day", text(["2026-11-03", "1999-12-31"][n % 2]));
    }
    set("plan", text(["Pro", "Basic"][n % 2]));
    values
}

/// Every order there is.
fn sorts() -> Vec<(String, ContactSort)> {
    let columns = ContactSort::ALL.map(|(word, _)| word.to_owned());
    let custom =
        FIELDS.iter().flat_map(|(name, _)| [format!("custom.{name}"), format!("-custom.{name}")]);
    let words = columns.into_iter().chain(custom);
    words.map(|word| (word.clone(), ContactSort::parse(&word).unwrap())).collect()
}

/// All contacts in an order, page by page.
async fn everybody(book: &Book, sort: &ContactSort, limit: u64) -> Vec<Contact> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = PageRequest { limit, cursor };
        let query = ContactQuery { sort: sort.clone(), page, ..ContactQuery::default() };
        let page = book.contacts.list(&book.here, query.clone()).await.unwrap();
        all.extend(page.items);
        if all.len() > 5_000 {
            let asked = page_statements(&book.ctx, &book.here, &query).await.unwrap();
            panic!("{} goes round in circles: {asked:#?}", sort.as_str());
        }
        cursor = page.next;
        if cursor.is_none() {
            return all;
        }
    }
}

/// Unset values come first (or last), the others rise; equal ones are in order of id.
fn assert_rising<T: PartialOrd + Debug>(
    contacts: &[Contact],
    unset_first: bool,
    value: impl Fn(&Contact) -> Option<T>,
) {
    for pair in contacts.windows(2) {
        let (left, right) = (value(&pair[0]), value(&pair[1]));
        let rises = match (&left, &right) {
            (None, None) => pair[0].id < pair[1].id,
            (None, Some(_)) => unset_first,
            (Some(_), None) => !unset_first,
            (Some(left), Some(right)) => left < right || (left == right && pair[0].id < pair[1].id),
        };
        assert!(rises, "{left:?} before {right:?}");
    }
}

/// Many contacts with few different values each, some unset, so that pages break among equals.
async fn fill(book: &Book) -> BTreeSet<ContactId> {
    for (name, field_type) in FIELDS {
        book.define(false, name, field_type, ("'[\"Basic\",\"Pro\"]'", false, None)).await;
    }
    let mut ids = BTreeSet::new();
    let lists = book.lists.all(&book.here).await.unwrap();
    let stages: Vec<_> = lists.iter().filter(|list| list.is_primary).map(|list| list.id).collect();
    for n in 0..CONTACTS {
        if n % 20 == 0 {
            book.later(1);
        }
        let new = NewContact {
            first_name: ["Ada", "ada", "Łucja", "日本"][n % 4].to_owned(),
            last_name: ["", "Byron", "de la Cruz", "Óbidos", "O'Neil"][n % 5].to_owned(),
            primary_email: (n % 3 != 0)
                .then(|| format!("{}-{n}@example.org", ["a", "B", "z_"][n % 3])),
            primary_phone: (n % 4 == 0).then(|| format!("+4366412{:05}", n * 7919 % 100_000)),
            company: ["", "Acme", "acme %"][n % 3].to_owned(),
            value_minor: [None, Some(500), Some(-20), Some(0), Some(7)][n % 5],
            custom: custom(n),
            owner_id: [None, Some(book.owner), Some(book.colleague), Some(book.owner)][n % 4],
            list_ids: vec![stages[[0, 2, 1][n % 3]]],
        };
        let id = book.add(new).await.id;
        if n % 6 == 0 {
            use sea_orm::ConnectionTrait;
            let sql = format!("UPDATE base_contacts SET stage_since = NULL WHERE id = '{id}'");
            book.db.raw().execute_unprepared(&sql).await.unwrap();
        }
        if n % 12 == 0 {
            // A contact from before there were stages.
            use sea_orm::ConnectionTrait;
            let sql = format!("DELETE FROM contact_list_assignments WHERE contact_id = '{id}'");
            book.db.raw().execute_unprepared(&sql).await.unwrap();
        }
        ids.insert(id);
    }
    ids
}

async fn page(book: &Book, sort: &ContactSort, cursor: Option<Cursor>) -> Page<Contact> {
    let page = PageRequest { limit: LIMIT, cursor };
    let query = ContactQuery { sort: sort.clone(), page, ..ContactQuery::default() };
    book.contacts.list(&book.here, query).await.unwrap()
}

/// Gives two of three of a crowd values past the services.
async fn give_values(book: &Book) {
    use sea_orm::ConnectionTrait;
    let sql = format!(
        "SELECT id FROM base_contacts WHERE first_name = 'Crowd' AND workspace_id = '{}' ORDER BY id",
        book.here.workspace_id()
    );
    let ids = book.db.texts(&sql).await;
    let mut rows = Vec::new();
    for (n, contact) in ids.iter().enumerate().filter(|(n, _)| n % 3 != 0) {
        let workspace = book.here.workspace_id();
        let mut row = |name: &str, value: String, field_type: &str| {
            let id = book.ctx.ids.uuid();
            rows.push(format!("('{id}', '{workspace}', '{contact}', '{name}', '{value}', '{field_type}', '{START}', '{START}')"));
        };
        row("seats", (i64::try_from(n % 40).unwrap() - 20).to_string(), "number");
        row("note", ["Fig", "fig", "date", "grape"][n % 4].to_owned(), "text");
    }
    for rows in rows.chunks(500) {
        let sql = format!(
            "INSERT INTO custom_fields (id, workspace_id, contact_id, field_name, field_value, field_type, created_at, updated_at) VALUES {}",
            rows.join(", ")
        );
        book.db.raw().execute_unprepared(&sql).await.unwrap();
    }
    book.db
        .raw()
        .execute_unprepared(
            "UPDATE base_contacts SET value_minor = version * 3 WHERE last_name LIKE '%7'",
        )
        .await
        .unwrap();
}

/// The key of the last of these contacts, which has a value in none of the fields it is asked for here or in all.
fn last_key(all: &[Contact], word: &str) -> String {
    let last = all.last().unwrap();
    let value = match word.trim_start_matches('-') {
        "value_minor" => last.value_minor.unwrap().to_string(),
        "stage_since" => last.stage_since.map(|at| at.to_string()).unwrap_or_default(),
        "primary_phone" => last.primary_phone.clone().unwrap(),
        "stage" => {
            let stage = last.lists.iter().find(|list| list.is_primary);
            stage.map(|list| list.id.to_string()).unwrap_or_default()
        }
        "owner" => last.owner_id.map(|id| id.to_string()).unwrap_or_default(),
        custom => {
            assert!(!last.custom.contains_key(custom.trim_start_matches("custom.")), "{word}");
            String::new()
        }
    };
    format!("{word}:{value}")
}

fn ids(page: &Page<Contact>) -> Vec<ContactId> {
    page.items.iter().map(|contact| contact.id).collect()
}

both_databases! {
    async fn each_contact_is_on_one_page_in_every_order(book: Book) {
        let all = fill(&book).await;
        for (word, sort) in sorts() {
            let mut forwards = Vec::new();
            let mut pages = Vec::new();
            let mut cursor = None;
            loop {
                let page = page(&book, &sort, cursor).await;
                assert_eq!((page.total, page.total_exact, page.limit), (137, true, LIMIT), "{word}");
                assert_eq!(page.previous.is_some(), !pages.is_empty(), "{word}");
                forwards.extend(ids(&page));
                pages.push(ids(&page));
                assert!(pages.len() < 20, "{word} goes round in circles at {:?}", page.next);
                // A cursor survives its way through a link.
                cursor = page.next.map(|next| Cursor::decode(&next.encode()).unwrap());
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(pages.len(), 14, "{word}");
            assert_eq!(forwards.len(), CONTACTS, "{word}");
            assert_eq!(forwards.iter().copied().collect::<BTreeSet<_>>(), all, "{word}");

            // The way back meets the same pages.
            let last = page(&book, &sort, None).await;
            let mut at = last;
            while let Some(next) = at.next.clone() {
                at = page(&book, &sort, Some(next)).await;
            }
            let mut back = vec![ids(&at)];
            while let Some(previous) = at.previous.clone() {
                at = page(&book, &sort, Some(previous)).await;
                back.insert(0, ids(&at));
            }
            assert!(at.previous.is_none() && at.next.is_some(), "{word}");
            assert_eq!(back, pages, "{word}");
        }
    }

    async fn ascending_and_descending_are_each_other_reversed(book: Book) {
        fill(&book).await;
        for pair in ContactSort::ALL.chunks(2) {
            let mut orders = Vec::new();
            for (_, sort) in pair {
                let all = everybody(&book, sort, LIMIT).await;
                orders.push(all.into_iter().map(|contact| contact.id).collect::<Vec<_>>());
            }
            orders[1].reverse();
            assert_eq!(orders[0], orders[1], "{}", pair[0].0);
        }
    }

    async fn values_rise(book: Book) {
        fill(&book).await;
        let by = async |word: &str| everybody(&book, &ContactSort::parse(word).unwrap(), LIMIT).await;
        assert_rising(&by("value_minor").await, true, |contact| contact.value_minor);
        assert_rising(&by("stage_since").await, true, |contact| contact.stage_since);
        assert_rising(&by("updated_at").await, true, |contact| Some(contact.updated_at));
        assert_rising(&by("primary_phone").await, true, |contact| contact.primary_phone.clone());
        let stages: Vec<_> = book.lists.all(&book.here).await.unwrap().into_iter().map(|list| list.id).collect();
        let stage = |contact: &Contact| {
            let stage = contact.lists.iter().find(|list| list.is_primary)?;
            stages.iter().position(|one| *one == stage.id)
        };
        let all = by("stage").await;
        assert_rising(&all, true, stage);
        assert_eq!(all.iter().filter(|contact| stage(contact).is_none()).count(), 12);
        // Andy comes before Mona Lisa, whatever their ids are.
        let names = [book.owner, book.colleague];
        let owner = |contact: &Contact| names.iter().position(|one| Some(*one) == contact.owner_id);
        assert_rising(&by("owner").await, true, owner);
        let number = |contact: &Contact| match contact.custom.get("seats") {
            Some(CustomValue::Number(number)) => Some(*number),
            _ => None,
        };
        let text = |name: &'static str| move |contact: &Contact| match contact.custom.get(name) {
            Some(CustomValue::Text(text)) => Some(text.to_lowercase()),
            Some(CustomValue::Boolean(truth)) => Some(truth.to_string()),
            _ => None,
        };
        assert_rising(&by("custom.seats").await, false, number);
        for name in ["vip", "day", "plan"] {
            assert_rising(&by(&format!("custom.{name}")).await, false, text(name));
        }
        // The databases put other scripts' letters in different places.
        let notes = by("custom.note").await.into_iter();
        let notes: Vec<_> = notes.filter(|contact| text("note")(contact).is_none_or(|note| note.is_ascii())).collect();
        assert_rising(&notes, false, text("note"));

        // Downwards those without a value are last all the same.
        let down = by("-custom.seats").await;
        let unset = down.iter().position(|contact| number(contact).is_none()).unwrap();
        assert_eq!((unset, down.len()), (117, CONTACTS));
        for part in [&down[..unset], &down[unset..]] {
            let up: Vec<Contact> = part.iter().rev().cloned().collect();
            assert_rising(&up, false, number);
        }
    }

    /// Where there are more contacts than are sorted for one page, the walk is another one.
    async fn a_crowd_is_in_order(book: Book) {
        const CROWD: usize = 2_300;
        fill(&book).await;
        book.crowd(&book.here, 2_300).await;
        give_values(&book).await;
        for word in ["custom.seats", "-custom.seats", "custom.note", "-custom.note", "custom.day", "-custom.vip", "value_minor", "-stage_since", "primary_phone", "stage", "-stage", "owner", "-owner"] {
            let sort = ContactSort::parse(word).unwrap();
            let all = everybody(&book, &sort, 200).await;
            assert_eq!(all.len(), CROWD + CONTACTS, "{word}");
            assert_eq!(all.iter().map(|contact| contact.id).collect::<BTreeSet<_>>().len(), all.len(), "{word}");
            // Back from the end over the same contacts.
            let (mut back, mut cursor) = (Vec::new(), None);
            loop {
                let at = cursor.unwrap_or_else(|| Cursor::before(last_key(&all, word), all[all.len() - 1].id.to_string()));
                let page = PageRequest { limit: 200, cursor: Some(at) };
                let query = ContactQuery { sort: sort.clone(), page, ..ContactQuery::default() };
                let page = book.contacts.list(&book.here, query).await.unwrap();
                back.splice(0..0, page.items);
                assert!(back.len() < 5_000, "{word} goes round in circles");
                cursor = page.previous;
                if cursor.is_none() {
                    break;
                }
            }
            let ids = |all: &[Contact]| all.iter().map(|contact| contact.id).collect::<Vec<_>>();
            assert_eq!(ids(&back), ids(&all[..all.len() - 1]), "{word}");
        }
        let by = async |word: &str| everybody(&book, &ContactSort::parse(word).unwrap(), 200).await;
        assert_rising(&by("custom.seats").await, false, |contact| match contact.custom.get("seats") {
            Some(CustomValue::Number(number)) => Some(*number),
            _ => None,
        });
        assert_rising(&by("value_minor").await, true, |contact| contact.value_minor);
    }

    async fn a_field_that_does_not_exist_is_named(book: Book) {
        fill(&book).await;
        let sort = ContactSort::parse("-custom.shoe_size").unwrap();
        let query = ContactQuery { sort, ..ContactQuery::default() };
        let refused = book.contacts.list(&book.here, query).await;
        assert!(matches!(refused, Err(ContactsError::InvalidSort(name)) if name == "shoe_size"));
        // Nor one of another workspace.
        let query = ContactQuery { sort: ContactSort::parse("custom.seats").unwrap(), ..ContactQuery::default() };
        assert!(book.contacts.list(&book.elsewhere, query).await.is_err());
    }

    async fn texts_alike_for_longer_than_is_sorted_are_ties(book: Book) {
        fill(&book).await;
        let mut ids = BTreeSet::new();
        for n in 0..30 {
            // The letter has a longer small form than itself.
            let note = format!("{}{n}", "İ".repeat(900));
            let custom = BTreeMap::from([("note".to_owned(), CustomValue::Text(note))]);
            ids.insert(book.add(NewContact { first_name: "Long".to_owned(), custom, ..NewContact::default() }).await.id);
        }
        let all = everybody(&book, &ContactSort::parse("custom.note").unwrap(), LIMIT).await;
        assert_eq!(all.len(), CONTACTS + 30);
        let long: Vec<_> = all.iter().map(|contact| contact.id).filter(|id| ids.contains(id)).collect();
        assert_eq!(long, ids.into_iter().collect::<Vec<_>>());
    }

    async fn unset_values_come_first_when_ascending(book: Book) {
        book.named("Ada", "").await;
        let with = NewContact { primary_email: Some("a@example.org".to_owned()), ..NewContact::default() };
        let with = book.add(with).await;
        assert_eq!(page(&book, &ContactSort::Email, None).await.items[1].id, with.id);
        assert_eq!(page(&book, &ContactSort::EmailDescending, None).await.items[0].id, with.id);
    }

    async fn rows_that_come_and_go_between_pages_move_no_others(book: Book) {
        fill(&book).await;
        let first = page(&book, &ContactSort::NewestFirst, None).await;
        let second = page(&book, &ContactSort::NewestFirst, first.next.clone()).await;
        book.later(1);
        book.named("Late", "Comer").await;
        book.contacts.delete(&book.here, first.items.last().unwrap().id).await.unwrap();
        let again = page(&book, &ContactSort::NewestFirst, first.next).await;
        assert_eq!(ids(&again), ids(&second));
    }

    async fn a_cursor_of_another_order_is_refused(book: Book) {
        fill(&book).await;
        let next = page(&book, &ContactSort::LastName, None).await.next.unwrap();
        let strangers = [
            (ContactSort::NewestFirst, next.clone()),
            (ContactSort::LastNameDescending, next.clone()),
            (ContactSort::NewestFirst, Cursor::after("-created_on:yesterday", next.id.clone())),
            (ContactSort::LastName, Cursor::after("last_name:Byron", "17")),
            (ContactSort::LastName, Cursor::after("last_name:\0", next.id.clone())),
        ];
        let seats = ContactSort::parse("custom.seats").unwrap();
        let wrong = ["custom.seats:9", "custom.seats:=many", "custom.seats:=NaN", "custom.seats:=1e999", "-custom.seats:=9"];
        let wrong = wrong.map(|key| (seats.clone(), Cursor::after(key, next.id.clone())));
        let amounts = ["value_minor:x", "value_minor:1.5", "value_minor:99999999999999999999"];
        let amounts = amounts.map(|key| (ContactSort::Value, Cursor::after(key, next.id.clone())));
        for (sort, cursor) in strangers.into_iter().chain(wrong).chain(amounts) {
            let page = PageRequest { limit: LIMIT, cursor: Some(cursor) };
            let query = ContactQuery { sort, page, ..ContactQuery::default() };
            let refused = book.contacts.list(&book.here, query).await;
            assert!(matches!(refused, Err(ContactsError::InvalidCursor)));
        }
    }
}

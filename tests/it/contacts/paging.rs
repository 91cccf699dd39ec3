//! Keyset paging: whatever the order, each contact is on exactly one page, forwards and backwards.

use std::collections::BTreeSet;

use crm_contacts::contacts::{ContactQuery, ContactSort, NewContact};
use crm_contacts::{Contact, Contacts, ContactsError};
use crm_core::{ContactId, Cursor, Page, PageRequest};
use support::both_databases;

use super::book::Book;

const CONTACTS: usize = 137;
const LIMIT: u64 = 10;

/// Many contacts with few different values each, some unset, so that pages break among equals.
async fn fill(book: &Book) -> BTreeSet<ContactId> {
    let mut ids = BTreeSet::new();
    for n in 0..CONTACTS {
        if n % 20 == 0 {
            book.later(1);
        }
        let new = NewContact {
            first_name: ["Ada", "ada", "Łucja", "日本"][n % 4].to_owned(),
            last_name: ["", "Byron", "de la Cruz", "Óbidos", "O'Neil"][n % 5].to_owned(),
            primary_email: (n % 3 != 0)
                .then(|| format!("{}-{n}@example.org", ["a", "B", "z_"][n % 3])),
            company: ["", "Acme", "acme %"][n % 3].to_owned(),
            ..NewContact::default()
        };
        ids.insert(book.add(new).await.id);
    }
    ids
}

async fn page(book: &Book, sort: ContactSort, cursor: Option<Cursor>) -> Page<Contact> {
    let page = PageRequest { limit: LIMIT, cursor };
    let query = ContactQuery { sort, page, ..ContactQuery::default() };
    book.contacts.list(&book.here, query).await.unwrap()
}

fn ids(page: &Page<Contact>) -> Vec<ContactId> {
    page.items.iter().map(|contact| contact.id).collect()
}

both_databases! {
    async fn each_contact_is_on_one_page_in_every_order(book: Book) {
        let all = fill(&book).await;
        for (word, sort) in ContactSort::ALL {
            let mut forwards = Vec::new();
            let mut pages = Vec::new();
            let mut cursor = None;
            loop {
                let page = page(&book, sort, cursor).await;
                assert_eq!((page.total, page.total_exact, page.limit), (137, true, LIMIT), "{word}");
                assert_eq!(page.previous.is_some(), !pages.is_empty(), "{word}");
                forwards.extend(ids(&page));
                pages.push(ids(&page));
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
            let last = page(&book, sort, None).await;
            let mut at = last;
            while let Some(next) = at.next.clone() {
                at = page(&book, sort, Some(next)).await;
            }
            let mut back = vec![ids(&at)];
            while let Some(previous) = at.previous.clone() {
                at = page(&book, sort, Some(previous)).await;
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
                let mut order = Vec::new();
                let mut cursor = None;
                loop {
                    let page = page(&book, *sort, cursor).await;
                    order.extend(ids(&page));
                    cursor = page.next;
                    if cursor.is_none() {
                        break;
                    }
                }
                orders.push(order);
            }
            orders[1].reverse();
            assert_eq!(orders[0], orders[1], "{}", pair[0].0);
        }
    }

    async fn unset_values_come_first_when_ascending(book: Book) {
        book.named("Ada", "").await;
        let with = NewContact { primary_email: Some("a@example.org".to_owned()), ..NewContact::default() };
        let with = book.add(with).await;
        assert_eq!(page(&book, ContactSort::Email, None).await.items[1].id, with.id);
        assert_eq!(page(&book, ContactSort::EmailDescending, None).await.items[0].id, with.id);
    }

    async fn rows_that_come_and_go_between_pages_move_no_others(book: Book) {
        fill(&book).await;
        let first = page(&book, ContactSort::NewestFirst, None).await;
        let second = page(&book, ContactSort::NewestFirst, first.next.clone()).await;
        book.later(1);
        book.named("Late", "Comer").await;
        book.contacts.delete(&book.here, first.items.last().unwrap().id).await.unwrap();
        let again = page(&book, ContactSort::NewestFirst, first.next).await;
        assert_eq!(ids(&again), ids(&second));
    }

    async fn a_cursor_of_another_order_is_refused(book: Book) {
        fill(&book).await;
        let next = page(&book, ContactSort::LastName, None).await.next.unwrap();
        let strangers = [
            (ContactSort::NewestFirst, next.clone()),
            (ContactSort::LastNameDescending, next.clone()),
            (ContactSort::NewestFirst, Cursor::after("-created_on:yesterday", next.id.clone())),
            (ContactSort::LastName, Cursor::after("last_name:Byron", "17")),
            (ContactSort::LastName, Cursor::after("last_name:\0", next.id.clone())),
        ];
        for (sort, cursor) in strangers {
            let page = PageRequest { limit: LIMIT, cursor: Some(cursor) };
            let query = ContactQuery { sort, page, ..ContactQuery::default() };
            let refused = book.contacts.list(&book.here, query).await;
            assert!(matches!(refused, Err(ContactsError::InvalidCursor)));
        }
    }
}

//! Pages of what a search finds: newest first, forwards and backwards, whatever happens to the book in between.

use crm_contacts::Contacts;
use crm_contacts::contacts::{Contact, ContactQuery, NewContact};
use crm_core::{Cursor, PageRequest};
use support::both_databases;

use super::book::Book;

const LIMIT: u64 = 7;

/// The page of `search` that begins at `cursor`.
async fn page(book: &Book, search: &str, cursor: Option<Cursor>) -> crm_core::Page<Contact> {
    let page = PageRequest { limit: LIMIT, cursor };
    let query = ContactQuery { search: search.to_owned(), page, ..ContactQuery::default() };
    book.contacts.list(&book.here, query).await.unwrap()
}

fn last_names(page: &crm_core::Page<Contact>) -> Vec<String> {
    page.items.iter().map(|contact| contact.last_name.clone()).collect()
}

/// All pages from the first to the last, and back again.
async fn there_and_back(book: &Book, search: &str) -> Vec<String> {
    let (mut forth, mut pages) = (Vec::new(), Vec::new());
    let mut cursor = None;
    loop {
        let page = page(book, search, cursor).await;
        forth.extend(last_names(&page));
        pages.push(last_names(&page));
        cursor = page.next.clone();
        if cursor.is_none() {
            let mut previous = page.previous;
            for expected in pages.iter().rev().skip(1) {
                let before = self::page(book, search, previous).await;
                assert_eq!(&last_names(&before), expected, "{search:?} backwards");
                previous = before.previous;
            }
            return forth;
        }
    }
}

both_databases! {
    async fn pages_of_a_search_go_forth_and_back(book: Book) {
        book.crowd(&book.elsewhere, 30).await;
        book.crowd(&book.here, 60).await;
        let newest: Vec<String> = (1..=60).rev().map(|i| format!("{i:05}")).collect();
        // Long words, two letters, one letter; the last ones at the very end of a text, and in upper case.
        for search in ["crowd", "CROW rowd", "cr", "W", "wd", "d", "O"] {
            assert_eq!(there_and_back(&book, search).await, newest, "{search:?}");
            assert_eq!(page(&book, search, None).await.total, 60, "{search:?}");
        }
        let tens: Vec<String> = newest.iter().filter(|name| name.contains("0001")).cloned().collect();
        assert_eq!(there_and_back(&book, "0001").await, tens);
        assert!(there_and_back(&book, "crowd zz").await.is_empty());
    }

    async fn a_page_goes_on_where_its_last_contact_was_deleted(book: Book) {
        book.crowd(&book.here, 30).await;
        for search in ["crowd", "cr"] {
            let first = page(&book, search, None).await;
            let second = page(&book, search, first.next.clone()).await;
            let last = first.items.last().unwrap();
            book.contacts.delete(&book.here, last.id).await.unwrap();
            assert_eq!(last_names(&page(&book, search, first.next).await), last_names(&second), "{search}");
            // Backwards from the second page comes what is left of the first.
            let back = last_names(&page(&book, search, second.previous).await);
            assert!(back.iter().all(|name| *name != last.last_name), "{back:?}");
        }
    }

    async fn the_ends_of_texts_are_found_by_one_and_two_letters(book: Book) {
        book.add(NewContact {
            first_name: "Ada".to_owned(),
            last_name: "Q".to_owned(),
            primary_email: Some("a@engines.ux".to_owned()),
            company: "Fitz".to_owned(),
            ..NewContact::default()
        })
        .await;
        for search in ["q", "Q", "tz", "z", "ux", "x", "fi"] {
            assert_eq!(page(&book, search, None).await.total, 1, "{search:?}");
        }
        for search in ["aq", "qa", "xf", "zz", "j"] {
            assert_eq!(page(&book, search, None).await.total, 0, "{search:?}");
        }
    }

    async fn the_book_counts_its_contacts(book: Book) {
        book.crowd(&book.elsewhere, 3).await;
        book.crowd(&book.here, 5).await;
        let counted = async || (page(&book, "", None).await.total, book.contacts.counts(&book.here).await.unwrap().total);
        assert_eq!(counted().await, (5, 5));
        let gone = page(&book, "", None).await.items[0].id;
        book.contacts.delete(&book.here, gone).await.unwrap();
        assert_eq!(counted().await, (4, 4));
    }
}

//! Search: any part of any word, and every character stands for itself.

use crm_contacts::contacts::{ContactChange, ContactQuery, ContactSort, NewContact};
use crm_contacts::{Contacts, Lists};
use support::both_databases;

use super::book::Book;

/// First names of the contacts found, in alphabetical order.
async fn found(book: &Book, search: &str) -> Vec<String> {
    let query = ContactQuery { search: search.to_owned(), ..ContactQuery::default() };
    let page = book.contacts.list(&book.here, query).await.unwrap();
    assert_eq!(page.total, u64::try_from(page.items.len()).unwrap(), "{search}");
    let mut names: Vec<String> = page.items.into_iter().map(|contact| contact.first_name).collect();
    names.sort();
    names
}

async fn fill(book: &Book) {
    for (first, last, email, phone, company) in [
        ("Ada", "Lovelace", "ada@engines.org", "+43 664 1234567", "Analytical Engines"),
        ("Łukasz", "Żółw", "lukasz@example.pl", "+48 22 123 45 67", "50% Off_Shop"),
        ("日本太郎", "山田", "taro@example.jp", "+81 3 1234 5678", "東京"),
        ("Bob", "O'Neil \"Bobby\"", "bob+tag@example.com", "", "A*B (NEAR) [x]"),
        ("Eve", "Under_score", "", "", r"back\slash"),
    ] {
        book.add(NewContact {
            first_name: first.to_owned(),
            last_name: last.to_owned(),
            primary_email: Some(email.to_owned()),
            primary_phone: Some(phone.to_owned()),
            company: company.to_owned(),
            ..NewContact::default()
        })
        .await;
    }
}

both_databases! {
    async fn any_part_of_any_column_is_found_in_any_case(book: Book) {
        fill(&book).await;
        for (search, expected) in [
            ("", vec!["Ada", "Bob", "Eve", "Łukasz", "日本太郎"]),
            ("ada", vec!["Ada"]),
            ("OVELA", vec!["Ada"]),
            ("engines.org", vec!["Ada"]),
            ("+43664", vec!["Ada"]),
            ("4123", vec!["Ada"]),
            ("Ada Lovelace", vec!["Ada"]),
            ("lovelace  analytical\tada", vec!["Ada"]),
            ("Ada Babbage", vec![]),
            ("@example", vec!["Bob", "Łukasz", "日本太郎"]),
            ("acelyst", vec![]),
            ("nobody at all", vec![]),
            // Nothing is found across the border of two columns.
            ("AdaLovelace", vec![]),
        ] {
            assert_eq!(found(&book, search).await, expected, "{search:?}");
        }
    }

    async fn short_texts_and_every_script_are_found(book: Book) {
        fill(&book).await;
        for (search, expected) in [
            ("日本", vec!["日本太郎"]),
            ("日本太", vec!["日本太郎"]),
            ("東京", vec!["日本太郎"]),
            ("山", vec!["日本太郎"]),
            ("ł", vec!["Łukasz"]),
            ("Ł", vec!["Łukasz"]),
            ("łuk", vec!["Łukasz"]),
            ("ŁUKASZ", vec!["Łukasz"]),
            ("żÓŁ", vec!["Łukasz"]),
            ("żÓ", vec!["Łukasz"]),
            ("ŁUKASZ żó", vec!["Łukasz"]),
            ("LO", vec!["Ada"]),
            ("lo ad", vec!["Ada"]),
        ] {
            assert_eq!(found(&book, search).await, expected, "{search:?}");
        }
    }

    async fn no_character_is_an_operator(book: Book) {
        fill(&book).await;
        for (search, expected) in [
            ("%", vec!["Łukasz"]),
            ("50%", vec!["Łukasz"]),
            ("_", vec!["Eve", "Łukasz"]),
            ("Off_S", vec!["Łukasz"]),
            ("f_s", vec!["Łukasz"]),
            ("OffxShop", vec![]),
            ("a_a", vec![]),
            ("*", vec!["Bob"]),
            ("A*B", vec!["Bob"]),
            ("ad*", vec![]),
            ("ada*", vec![]),
            ("?", vec![]),
            ("[", vec!["Bob"]),
            ("[x]", vec!["Bob"]),
            ("[ab]", vec![]),
            ("(NEAR)", vec!["Bob"]),
            ("\"Bobby\"", vec!["Bob"]),
            ("\"", vec!["Bob"]),
            ("\"\"\"", vec![]),
            ("'", vec!["Bob"]),
            ("O'Neil", vec!["Bob"]),
            ("bob+tag", vec!["Bob"]),
            (r"\", vec!["Eve"]),
            (r"k\s", vec!["Eve"]),
            ("Ada OR Bob", vec![]),
            ("NOT Ada", vec![]),
            ("text:ada", vec![]),
            ("-ada", vec![]),
            ("a\0da", vec!["Ada"]),
        ] {
            assert_eq!(found(&book, search).await, expected, "{search:?}");
        }
    }

    async fn the_index_follows_changes(book: Book) {
        let made = book.named("Grace", "Hopper").await;
        assert_eq!(found(&book, "hopper").await, ["Grace"]);
        let change = ContactChange { last_name: Some("Murray".to_owned()), ..ContactChange::default() };
        book.contacts.change(&book.here, made.id, None, change).await.unwrap();
        assert!(found(&book, "hopper").await.is_empty());
        assert_eq!(found(&book, "murray").await, ["Grace"]);
        book.contacts.delete(&book.here, made.id).await.unwrap();
        assert!(found(&book, "murray").await.is_empty());
    }

    async fn thousands_are_found_as_a_few_are(book: Book) {
        const CROWD: u32 = 2_300;
        book.crowd(&book.elsewhere, CROWD).await;
        // What the other workspace has does not count here.
        book.named("Crowded", "00000").await;
        assert_eq!(found(&book, "crowd").await, ["Crowded"]);
        book.crowd(&book.here, CROWD).await;
        let list = async |search: &str, list_id| {
            let sort = ContactSort::LastName;
            let query = ContactQuery { search: search.to_owned(), list_id, sort, ..ContactQuery::default() };
            let page = book.contacts.list(&book.here, query).await.unwrap();
            let names: Vec<String> = page.items.into_iter().map(|contact| contact.last_name).collect();
            (page.total, names)
        };
        let first: Vec<String> = (0..50).map(|i| format!("{i:05}")).collect();
        let (stage, won) = (book.list("New").await.id, book.list("Won").await.id);
        assert_eq!(list("CROWD", None).await, (2_301, first.clone()));
        assert_eq!(list("CROWD", Some(stage)).await, (2_301, first.clone()));
        assert_eq!(list("ow cr", None).await, (2_301, first.clone()));
        assert_eq!(list("", Some(stage)).await, (2_301, first));
        assert_eq!(list("crowd", Some(won)).await, (0, Vec::new()));
        assert_eq!(list("crowd 02300", None).await, (1, vec!["02300".to_owned()]));
        assert_eq!(list("crowd 02300", Some(stage)).await, (1, vec!["02300".to_owned()]));
        let counts: Vec<u64> = book.lists.all(&book.here).await.unwrap().iter().map(|list| list.contacts).collect();
        assert_eq!(counts, [2_301, 0, 0, 0, 0, 0]);
    }

    async fn a_search_of_absurd_length_finds_nothing_and_breaks_nothing(book: Book) {
        fill(&book).await;
        assert!(found(&book, &"x".repeat(20_000)).await.is_empty());
        assert_eq!(found(&book, &"ada ".repeat(5_000)).await, ["Ada"]);
    }
}

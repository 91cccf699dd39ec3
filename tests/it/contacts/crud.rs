//! Adding, reading, changing and deleting contacts.

use std::collections::BTreeMap;

use crm_contacts::contacts::{ContactChange, ContactCounts, ContactQuery, CustomValue, NewContact};
use crm_contacts::timeline::LogFilter;
use crm_contacts::{Contacts, ContactsError, Lists, Timeline};
use crm_core::PageRequest;
use support::both_databases;

use super::book::{Book, START};

fn ada() -> NewContact {
    NewContact {
        first_name: " Ada ".to_owned(),
        last_name: "Lovelace".to_owned(),
        primary_email: Some(" Ada@Example.ORG".to_owned()),
        primary_phone: Some("0664 123 45 67".to_owned()),
        company: "Analytical Engines".to_owned(),
        value_minor: Some(1_250_000),
        ..NewContact::default()
    }
}

both_databases! {
    async fn a_contact_is_stored_parsed_and_enters_the_first_stage(book: Book) {
        let made = book.add(NewContact { owner_id: Some(book.colleague), ..ada() }).await;
        assert_eq!(made.first_name, "Ada");
        assert_eq!(made.primary_email.as_deref(), Some("ada@example.org"));
        assert_eq!(made.primary_phone.as_deref(), Some("+436641234567"));
        assert_eq!(made.owner_id, Some(book.colleague));
        assert_eq!(made.version, 1);
        assert_eq!(made.created_on.to_string(), START);
        assert_eq!(made.stage_since, Some(made.created_on));
        let lists: Vec<_> = made.lists.iter().map(|list| (list.name.as_str(), list.is_primary)).collect();
        assert_eq!(lists, [("New", true)]);
        assert_eq!(book.reload(&made).await, made);
        assert_eq!(book.audited().await, ["contact.created"]);
        let counts = book.contacts.counts(&book.here).await.unwrap();
        assert_eq!(counts, ContactCounts { total: 1, last_7_days: 1 });
        book.later(24 * 7 + 1);
        let counts = book.contacts.counts(&book.here).await.unwrap();
        assert_eq!(counts, ContactCounts { total: 1, last_7_days: 0 });
    }

    async fn another_workspace_sees_and_changes_nothing(book: Book) {
        let made = book.add(ada()).await;
        let there = &book.elsewhere;
        assert_eq!(book.contacts.get(there, made.id).await.unwrap(), None);
        assert!(book.contacts.get_many(there, &[made.id]).await.unwrap().is_empty());
        assert_eq!(book.contacts.list(there, ContactQuery::default()).await.unwrap().total, 0);
        let query = ContactQuery { search: "lovelace".to_owned(), ..ContactQuery::default() };
        assert!(book.contacts.list(there, query).await.unwrap().items.is_empty());
        assert!(book.contacts.replace(there, made.id, None, ada()).await.unwrap().is_none());
        let change = ContactChange { company: Some("Theirs".to_owned()), ..ContactChange::default() };
        assert!(book.contacts.change(there, made.id, None, change).await.unwrap().is_none());
        assert!(!book.contacts.delete(there, made.id).await.unwrap());
        let page = book.timeline.page(there, made.id, &LogFilter::default(), PageRequest::default()).await;
        assert!(page.is_err());
        assert_eq!(book.reload(&made).await, made);

        // The same address and number may well be in the other workspace.
        book.contacts.create(there, ada()).await.unwrap();

        // Lists and members of one workspace are none of the other's.
        let list_id = book.list("Won").await.id;
        let new = NewContact { list_ids: vec![list_id], ..NewContact { company: "X".to_owned(), ..NewContact::default() } };
        let refused = book.contacts.create(there, new).await;
        assert!(matches!(refused, Err(ContactsError::InvalidList(_))));
        assert!(book.lists.get(there, list_id).await.unwrap().is_none());
        for owner in [book.colleague, book.stranger] {
            let new = NewContact { company: "X".to_owned(), owner_id: Some(owner), ..NewContact::default() };
            let refused = book.contacts.create(there, new).await;
            assert!(matches!(refused, Err(ContactsError::InvalidOwner)));
        }
    }

    async fn an_address_and_a_number_are_one_contact_each(book: Book) {
        let first = book.add(ada()).await;
        let same_email = NewContact {
            primary_email: Some("ADA@example.org ".to_owned()),
            ..NewContact::default()
        };
        let refused = book.contacts.create(&book.here, same_email).await;
        assert!(matches!(refused, Err(ContactsError::DuplicateEmail { existing }) if existing.as_ref().map(|found| found.id) == Some(first.id)));
        let same_phone = NewContact {
            primary_phone: Some("+43 664 1234567".to_owned()),
            ..NewContact::default()
        };
        let refused = book.contacts.create(&book.here, same_phone.clone()).await;
        assert!(matches!(refused, Err(ContactsError::DuplicatePhone { existing }) if existing.as_ref().map(|found| found.id) == Some(first.id)));

        let other = book.named("Charles", "Babbage").await;
        let change = ContactChange {
            primary_email: Some(Some("ada@example.org".to_owned())),
            ..ContactChange::default()
        };
        let refused = book.contacts.change(&book.here, other.id, None, change).await;
        assert!(matches!(refused, Err(ContactsError::DuplicateEmail { existing }) if existing.as_ref().map(|found| found.id) == Some(first.id)));
        let refused = book.contacts.replace(&book.here, other.id, None, same_phone).await;
        assert!(matches!(refused, Err(ContactsError::DuplicatePhone { existing }) if existing.as_ref().map(|found| found.id) == Some(first.id)));
        assert_eq!(book.reload(&other).await, other);
        // What was refused left nothing behind, and the book can still be written to.
        assert_eq!(book.audited().await, ["contact.created", "contact.created"]);
        book.named("Grace", "Hopper").await;
    }

    async fn what_does_not_fit_is_refused(book: Book) {
        let refused = book.contacts.create(&book.here, NewContact::default()).await;
        assert!(matches!(refused, Err(ContactsError::Empty)));
        let bad = NewContact { primary_email: Some("ada".to_owned()), ..NewContact::default() };
        assert!(matches!(book.contacts.create(&book.here, bad).await, Err(ContactsError::InvalidEmail(_))));
        let bad = NewContact { primary_phone: Some("call me".to_owned()), ..NewContact::default() };
        assert!(matches!(book.contacts.create(&book.here, bad).await, Err(ContactsError::InvalidPhone(_))));
        let two = vec![book.list("New").await.id, book.list("Won").await.id];
        let bad = NewContact { company: "X".to_owned(), list_ids: two, ..NewContact::default() };
        assert!(matches!(book.contacts.create(&book.here, bad).await, Err(ContactsError::InvalidList(_))));
        let made = book.named("Ada", "").await;
        let empty = ContactChange { first_name: Some("  ".to_owned()), ..ContactChange::default() };
        let refused = book.contacts.change(&book.here, made.id, None, empty).await;
        assert!(matches!(refused, Err(ContactsError::Empty)));
        let custom = BTreeMap::from([("plan".to_owned(), CustomValue::Text("Pro".to_owned()))]);
        let bad = NewContact { company: "X".to_owned(), custom, ..NewContact::default() };
        let refused = book.contacts.create(&book.here, bad).await;
        assert!(matches!(refused, Err(ContactsError::InvalidCustom { field, .. }) if field == "plan"));
    }

    async fn a_change_leaves_alone_what_it_does_not_name(book: Book) {
        let made = book.add(ada()).await;
        let now = book.later(1);
        let change = ContactChange {
            company: Some("Babbage & Co.".to_owned()),
            primary_phone: Some(None),
            ..ContactChange::default()
        };
        let changed = book.contacts.change(&book.here, made.id, Some(1), change.clone()).await.unwrap().unwrap();
        assert_eq!((changed.version, changed.updated_at, changed.created_on), (2, now, made.created_on));
        assert_eq!(changed.company, "Babbage & Co.");
        assert_eq!(changed.primary_phone, None);
        assert_eq!(changed.primary_email, made.primary_email);
        assert_eq!(changed.lists, made.lists);
        assert_eq!(book.reload(&made).await, changed);

        // The same again changes nothing and leaves no trace.
        let again = book.contacts.change(&book.here, made.id, Some(2), change).await.unwrap().unwrap();
        assert_eq!(again, changed);
        assert_eq!(book.audited().await, ["contact.created", "contact.updated"]);
    }

    async fn a_replaced_contact_keeps_its_stage_only(book: Book) {
        let tag = book.lists.create(&book.here, crm_contacts::lists::NewList { name: "VIP".to_owned(), ..Default::default() }).await.unwrap();
        let won = book.list("Won").await.id;
        let made = book.add(NewContact { list_ids: vec![won, tag.id], ..ada() }).await;
        assert_eq!(made.lists.len(), 2);
        let new = NewContact { first_name: "Augusta".to_owned(), ..NewContact::default() };
        let replaced = book.contacts.replace(&book.here, made.id, Some(1), new).await.unwrap().unwrap();
        assert_eq!((replaced.first_name.as_str(), replaced.last_name.as_str()), ("Augusta", ""));
        assert_eq!((replaced.primary_email, replaced.value_minor), (None, None));
        let lists: Vec<_> = replaced.lists.iter().map(|list| list.name.as_str()).collect();
        assert_eq!(lists, ["Won"]);
        assert_eq!(replaced.stage_since, made.stage_since);
    }

    async fn an_old_version_cannot_overwrite_a_new_one(book: Book) {
        let made = book.add(ada()).await;
        let change = |company: &str| ContactChange { company: Some(company.to_owned()), ..ContactChange::default() };
        book.contacts.change(&book.here, made.id, Some(1), change("First")).await.unwrap();
        let refused = book.contacts.change(&book.here, made.id, Some(1), change("Second")).await;
        assert!(matches!(refused, Err(ContactsError::Stale)));
        let refused = book.contacts.replace(&book.here, made.id, Some(1), ada()).await;
        assert!(matches!(refused, Err(ContactsError::Stale)));
        assert_eq!(book.reload(&made).await.company, "First");
    }

    async fn of_many_writers_with_one_version_one_wins(book: Book) {
        let made = book.add(ada()).await;
        let writes = (0..8).map(|n| {
            let (contacts, scope) = (book.contacts.clone(), book.here.clone());
            let change = ContactChange { company: Some(format!("Writer {n}")), ..ContactChange::default() };
            tokio::spawn(async move { contacts.change(&scope, made.id, Some(1), change).await })
        });
        let writes: Vec<_> = writes.collect();
        let mut won = 0;
        for write in writes {
            match write.await.unwrap() {
                Ok(Some(_)) => won += 1,
                Err(ContactsError::Stale) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(won, 1);
        assert_eq!(book.reload(&made).await.version, 2);
    }

    async fn of_many_equal_contacts_one_is_made(book: Book) {
        let writes: Vec<_> = (0..8).map(|_| {
            let (contacts, scope) = (book.contacts.clone(), book.here.clone());
            tokio::spawn(async move { contacts.create(&scope, ada()).await })
        }).collect();
        let mut made = 0;
        for write in writes {
            match write.await.unwrap() {
                Ok(_) => made += 1,
                Err(ContactsError::DuplicateEmail { existing } | ContactsError::DuplicatePhone { existing }) => {
                    assert!(existing.is_some());
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(made, 1);
    }

    async fn a_deleted_contact_takes_everything_with_it(book: Book) {
        let made = book.add(ada()).await;
        assert!(book.contacts.delete(&book.here, made.id).await.unwrap());
        assert!(!book.contacts.delete(&book.here, made.id).await.unwrap());
        assert_eq!(book.contacts.get(&book.here, made.id).await.unwrap(), None);
        for table in ["contact_list_assignments", "communication_logs", "custom_fields"] {
            assert_eq!(book.db.count(&format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
        }
        assert_eq!(book.audited().await, ["contact.created", "contact.deleted"]);
        // The address is free again.
        book.add(ada()).await;
    }
}

//! Stages and tags.

use crm_contacts::contacts::{ContactChange, NewContact};
use crm_contacts::lists::NewList;
use crm_contacts::timeline::{LogContent, LogFilter};
use crm_contacts::{Contact, Contacts, Lists, ListsError, Timeline};
use crm_core::PageRequest;
use sea_orm::ConnectionTrait;
use support::both_databases;

use super::book::Book;

fn tag(name: &str) -> NewList {
    NewList { name: name.to_owned(), ..NewList::default() }
}

fn stage(name: &str, position: Option<i64>) -> NewList {
    NewList { name: name.to_owned(), is_primary: true, position, ..NewList::default() }
}

async fn names(book: &Book) -> Vec<String> {
    let all = book.lists.all(&book.here).await.unwrap();
    for kind in [true, false] {
        let mut places: Vec<i64> =
            all.iter().filter(|list| list.is_primary == kind).map(|list| list.position).collect();
        places.sort_unstable();
        assert!(places.iter().zip(1..).all(|(place, wanted)| *place == wanted), "{places:?}");
    }
    all.into_iter().map(|list| list.name).collect()
}

/// The moves on a contact's timeline, oldest first.
async fn moves(book: &Book, contact: &Contact) -> Vec<(Option<String>, String)> {
    let of = LogFilter { kinds: vec!["stage_change".to_owned()], ..LogFilter::default() };
    let page =
        book.timeline.page(&book.here, contact.id, &of, PageRequest::default()).await.unwrap();
    page.items
        .into_iter()
        .rev()
        .map(|entry| match entry.content {
            LogContent::StageChange { old_list, new_list } => (old_list, new_list),
            other => panic!("{other:?}"),
        })
        .collect()
}

both_databases! {
    async fn a_workspace_starts_with_a_pipeline(book: Book) {
        assert_eq!(names(&book).await, ["New", "Contacted", "Qualified", "Proposal", "Won", "Lost"]);
        let all = book.lists.all(&book.here).await.unwrap();
        assert!(all.iter().all(|list| list.is_primary && (1..=8).contains(&list.color)));
        assert_eq!(book.lists.all(&book.elsewhere).await.unwrap().len(), 6);
    }

    async fn lists_are_made_changed_and_put_in_order(book: Book) {
        let trial = book.lists.create(&book.here, stage(" Trial ", Some(2))).await.unwrap();
        assert_eq!((trial.name.as_str(), trial.position), ("Trial", 2));
        book.lists.create(&book.here, tag("zebra")).await.unwrap();
        book.lists.create(&book.here, tag("Älpler")).await.unwrap();
        book.lists.create(&book.here, NewList { color: Some(8), ..tag("apple") }).await.unwrap();
        let order = ["New", "Trial", "Contacted", "Qualified", "Proposal", "Won", "Lost", "apple", "zebra", "Älpler"];
        assert_eq!(names(&book).await, order);
        let change = NewList { color: Some(5), ..stage("Test drive", Some(99)) };
        let changed = book.lists.update(&book.here, trial.id, None, change).await.unwrap().unwrap();
        assert_eq!((changed.name.as_str(), changed.position, changed.color), ("Test drive", 7, 5));
        let renamed = book.lists.update(&book.here, trial.id, None, stage("First", Some(1))).await.unwrap().unwrap();
        assert_eq!((renamed.position, renamed.color), (1, 5));
        assert_eq!(names(&book).await[..3], ["First", "New", "Contacted"]);
        assert!(book.lists.delete(&book.here, trial.id).await.unwrap());
        assert!(!book.lists.delete(&book.here, trial.id).await.unwrap());
        assert_eq!(names(&book).await[..2], ["New", "Contacted"]);
        let audited = ["list.created", "list.created", "list.created", "list.created", "list.updated", "list.updated", "list.deleted"];
        assert_eq!(book.audited().await, audited);
    }

    async fn lists_that_cannot_be_are_refused(book: Book) {
        let here = &book.here;
        for name in ["", "  ", "a\nb", &"x".repeat(101)] {
            assert!(matches!(book.lists.create(here, tag(name)).await, Err(ListsError::InvalidName)));
        }
        let list = NewList { color: Some(9), ..tag("x") };
        assert!(matches!(book.lists.create(here, list).await, Err(ListsError::InvalidColor)));
        let list = NewList { position: Some(0), ..tag("x") };
        assert!(matches!(book.lists.create(here, list).await, Err(ListsError::InvalidPosition)));
        assert!(matches!(book.lists.create(here, tag("Won")).await, Err(ListsError::DuplicateName)));
        let won = book.list("Won").await.id;
        assert!(matches!(book.lists.update(here, won, None, stage("Lost", None)).await, Err(ListsError::DuplicateName)));
        assert!(matches!(book.lists.update(here, won, None, tag("Won")).await, Err(ListsError::KindIsFixed)));
        assert!(book.lists.update(&book.elsewhere, won, None, stage("Mine", None)).await.unwrap().is_none());
        assert!(!book.lists.delete(&book.elsewhere, won).await.unwrap());
    }

    async fn a_stage_in_use_and_the_last_one_stay(book: Book) {
        let here = &book.here;
        let made = book.named("Ada", "Lovelace").await;
        let first = book.list("New").await.id;
        assert!(matches!(book.lists.delete(here, first).await, Err(ListsError::StageInUse(1))));
        book.contacts.delete(here, made.id).await.unwrap();
        let all = book.lists.all(here).await.unwrap();
        for list in &all[1..] {
            assert!(book.lists.delete(here, list.id).await.unwrap());
        }
        assert!(matches!(book.lists.delete(here, first).await, Err(ListsError::LastStage)));
    }

    async fn a_tag_that_goes_leaves_its_contacts(book: Book) {
        let vip = book.lists.create(&book.here, tag("VIP")).await.unwrap();
        let made = book.add(NewContact { company: "X".to_owned(), list_ids: vec![vip.id], ..NewContact::default() }).await;
        assert!(book.lists.delete(&book.here, vip.id).await.unwrap());
        let lists: Vec<_> = book.reload(&made).await.lists.into_iter().map(|list| list.name).collect();
        assert_eq!(lists, ["New"]);
    }

    async fn lists_count_their_contacts_and_sum_their_values(book: Book) {
        let vip = book.lists.create(&book.here, tag("VIP")).await.unwrap();
        for (n, value_minor) in [Some(100), Some(250), None].into_iter().enumerate() {
            let list_ids = if n == 0 { vec![vip.id] } else { Vec::new() };
            book.add(NewContact { company: format!("No. {n}"), value_minor, list_ids, ..NewContact::default() }).await;
        }
        let new = book.list("New").await;
        assert_eq!((new.contacts, new.value_minor), (3, 350));
        let vip = book.lists.get(&book.here, vip.id).await.unwrap().unwrap();
        assert_eq!((vip.contacts, vip.value_minor), (1, 100));
        let won = book.list("Won").await;
        assert_eq!((won.contacts, won.value_minor), (0, 0));
        // Values whose sum is no 64-bit number must not take the page down.
        for n in 0..2 {
            book.add(NewContact { company: format!("Big {n}"), value_minor: Some(i64::MAX), ..NewContact::default() }).await;
        }
        assert_eq!(book.list("New").await.value_minor, i64::MAX);
    }

    async fn every_move_along_the_pipeline_is_on_the_timeline(book: Book) {
        let made = book.named("Ada", "Lovelace").await;
        let (won, lost) = (book.list("Won").await.id, book.list("Lost").await.id);
        let at = book.later(1);
        book.lists.assign(&book.here, made.id, won).await.unwrap();
        let moved = book.reload(&made).await;
        assert_eq!((moved.stage_since, moved.version), (Some(at), 2));
        assert_eq!(moved.lists.iter().map(|l| l.name.as_str()).collect::<Vec<_>>(), ["Won"]);
        // Being where one is already is no move.
        book.later(1);
        book.lists.assign(&book.here, made.id, won).await.unwrap();
        assert_eq!(book.reload(&made).await, moved);
        book.later(1);
        let change = ContactChange { list_ids: Some(vec![lost]), ..ContactChange::default() };
        book.contacts.change(&book.here, made.id, None, change).await.unwrap();
        book.later(1);
        // Leaving a contact out of the pipeline keeps it where it is.
        let change = ContactChange { list_ids: Some(Vec::new()), ..ContactChange::default() };
        let kept = book.contacts.change(&book.here, made.id, None, change).await.unwrap().unwrap();
        assert_eq!(kept.lists.iter().map(|l| l.name.as_str()).collect::<Vec<_>>(), ["Lost"]);
        let expected = [
            (None, "New".to_owned()),
            (Some("New".to_owned()), "Won".to_owned()),
            (Some("Won".to_owned()), "Lost".to_owned()),
        ];
        assert_eq!(moves(&book, &made).await, expected);
        assert_eq!(book.audited().await, ["contact.created", "list.assigned", "contact.updated"]);
    }

    async fn tags_come_and_go_without_a_trace_on_the_timeline(book: Book) {
        let here = &book.here;
        let made = book.named("Ada", "Lovelace").await;
        let vip = book.lists.create(here, tag("VIP")).await.unwrap().id;
        book.lists.assign(here, made.id, vip).await.unwrap();
        book.lists.assign(here, made.id, vip).await.unwrap();
        assert_eq!(book.reload(&made).await.lists.len(), 2);
        book.lists.unassign(here, made.id, vip).await.unwrap();
        book.lists.unassign(here, made.id, vip).await.unwrap();
        assert_eq!(book.reload(&made).await.lists.len(), 1);
        assert_eq!(moves(&book, &made).await.len(), 1);
        let new = book.list("New").await.id;
        assert!(matches!(book.lists.unassign(here, made.id, new).await, Err(ListsError::StageRequired)));

        let there = &book.elsewhere;
        assert!(matches!(book.lists.assign(there, made.id, vip).await, Err(ListsError::UnknownContact)));
        let theirs = book.contacts.create(there, NewContact { company: "X".to_owned(), ..NewContact::default() }).await.unwrap();
        assert!(matches!(book.lists.assign(there, theirs.id, vip).await, Err(ListsError::UnknownList)));
        assert_eq!(book.audited().await, ["contact.created", "list.created", "list.assigned", "list.unassigned"]);
    }

    async fn the_database_itself_refuses_a_second_stage(book: Book) {
        let made = book.named("Ada", "Lovelace").await;
        let won = book.list("Won").await.id;
        let sql = format!(
            "INSERT INTO contact_list_assignments (workspace_id, contact_id, list_id, is_primary, assigned_at) \
             VALUES ('{}', '{}', '{won}', true, '2026-01-01T00:00:00.000Z')",
            book.here.workspace_id(), made.id,
        );
        assert!(book.db.raw().execute_unprepared(&sql).await.is_err());
        assert!(book.db.raw().execute_unprepared(&sql.replace("true", "false")).await.is_err());
    }

    async fn of_many_movers_each_finds_the_contact_in_one_stage(book: Book) {
        let made = book.named("Ada", "Lovelace").await;
        let stages = book.lists.all(&book.here).await.unwrap();
        let writes: Vec<_> = (0..12).map(|n| {
            let (lists, scope, to) = (book.lists.clone(), book.here.clone(), stages[n % stages.len()].id);
            tokio::spawn(async move { lists.assign(&scope, made.id, to).await })
        }).collect();
        for write in writes {
            write.await.unwrap().unwrap();
        }
        let now = book.reload(&made).await;
        assert_eq!(now.lists.len(), 1);
        // Each move begins where one before it ended.
        let moves = moves(&book, &made).await;
        assert_eq!(moves.len(), usize::try_from(now.version).unwrap());
    }
}

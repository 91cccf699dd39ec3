//! The communication log of a contact.

use crm_contacts::timeline::{LogContent, LogFilter, NewLogEntry};
use crm_contacts::{Timeline, TimelineError};
use crm_core::{Cursor, PageRequest};
use support::both_databases;

use super::book::Book;

fn note(text: &str) -> LogContent {
    LogContent::Note { text: text.to_owned() }
}

fn of(kind: &str) -> LogFilter {
    LogFilter { kinds: vec![kind.to_owned()], ..LogFilter::default() }
}

both_databases! {
    async fn entries_of_every_type_come_back_as_they_were_written(book: Book) {
        let made = book.named("Ada", "Lovelace").await;
        let contents = vec![
            LogContent::Email {
                subject: "Hi \u{1F44B}".to_owned(),
                body: "it's \"fine\"\n".to_owned(),
                status: "sent".to_owned(),
                opened: Some("2026-11-03T10:00:00.250Z".parse().unwrap()),
                clicked_links: vec!["https://example.org".to_owned()],
            },
            LogContent::Text { message: "日本".to_owned(), status: "failed".to_owned() },
            LogContent::Call { duration: 12, notes: String::new() },
            LogContent::Ai { prompt: "p".to_owned(), output: "o".to_owned(), model: "m".to_owned() },
            note("called back"),
            LogContent::System { message: "imported".to_owned() },
        ];
        let mut entries = Vec::new();
        for content in contents.clone() {
            let timestamp = book.later(1);
            entries.push(NewLogEntry { contact_id: made.id, content, timestamp, campaign_recipient_id: None });
        }
        let tx = book.ctx.db.begin().await.unwrap();
        tx.unaudited("a test");
        book.timeline.record(&tx, &book.here, entries).await.unwrap();
        tx.commit().await.unwrap();
        let page = book.timeline.page(&book.here, made.id, &LogFilter::default(), PageRequest::default()).await.unwrap();
        assert_eq!((page.total, page.items.len()), (7, 7));
        let read: Vec<_> = page.items.iter().rev().skip(1).map(|entry| entry.content.clone()).collect();
        assert_eq!(read, contents);
        let statuses: Vec<_> = page.items.iter().rev().skip(1).map(|entry| entry.status.as_str()).collect();
        assert_eq!(statuses, ["sent", "failed", "done", "done", "done", "done"]);
        assert!(page.items.iter().all(|entry| entry.actor_id == Some(book.owner)));
        let calls = book.timeline.page(&book.here, made.id, &of("call"), PageRequest::default()).await.unwrap();
        assert_eq!((calls.total, calls.items.len()), (1, 1));
    }

    async fn a_person_writes_notes_and_calls(book: Book) {
        let made = book.named("Ada", "Lovelace").await;
        let entry = book.timeline.add(&book.here, made.id, note(" hello "), None).await.unwrap();
        assert_eq!(entry.content, note("hello"));
        assert_eq!((entry.actor_id, entry.timestamp), (Some(book.owner), book.ctx.now()));
        let page = book.timeline.page(&book.here, made.id, &of("note"), PageRequest::default()).await.unwrap();
        assert_eq!(page.items, [entry]);
        let forged = LogContent::StageChange { old_list: None, new_list: "Won".to_owned() };
        let refused = book.timeline.add(&book.here, made.id, forged, None).await;
        assert!(matches!(refused, Err(TimelineError::NotWritable)));
        let refused = book.timeline.add(&book.elsewhere, made.id, note("hello"), None).await;
        assert!(matches!(refused, Err(TimelineError::UnknownContact)));
        let refused = book.timeline.page(&book.elsewhere, made.id, &LogFilter::default(), PageRequest::default()).await;
        assert!(matches!(refused, Err(TimelineError::UnknownContact)));
        let refused = book.timeline.page(&book.here, made.id, &of("fax"), PageRequest::default()).await;
        assert!(matches!(refused, Err(TimelineError::UnknownType)));
        let page = PageRequest { limit: 5, cursor: Some(Cursor::after("yesterday", made.id.to_string())) };
        let refused = book.timeline.page(&book.here, made.id, &LogFilter::default(), page).await;
        assert!(matches!(refused, Err(TimelineError::InvalidCursor)));
        assert_eq!(book.audited().await, ["contact.created", "log.created"]);
    }

    async fn a_timeline_is_paged_both_ways_among_equal_times(book: Book) {
        let made = book.named("Ada", "Lovelace").await;
        for n in 0..23 {
            if n % 7 == 0 {
                book.later(1);
            }
            book.timeline.add(&book.here, made.id, note(&format!("note {n}")), None).await.unwrap();
        }
        let page = async |cursor: Option<Cursor>| {
            let request = PageRequest { limit: 5, cursor };
            book.timeline.page(&book.here, made.id, &of("note"), request).await.unwrap()
        };
        let mut at = page(None).await;
        let mut pages = vec![at.items.clone()];
        while let Some(next) = at.next.clone() {
            at = page(Some(next)).await;
            pages.push(at.items.clone());
        }
        let texts: Vec<_> = pages.iter().flatten().map(|entry| entry.content.clone()).collect();
        let expected: Vec<_> = (0..23).rev().map(|n| note(&format!("note {n}"))).collect();
        assert_eq!(texts, expected);
        let mut back = vec![at.items.clone()];
        while let Some(previous) = at.previous.clone() {
            at = page(Some(previous)).await;
            back.insert(0, at.items.clone());
        }
        assert_eq!(back, pages);
    }
}

//! Segments against real rows: each operator, alone and combined.

use std::collections::BTreeMap;

use crm_contacts::contacts::{ContactQuery, CustomValue, NewContact};
use crm_contacts::lists::NewList;
use crm_contacts::timeline::{LogContent, NewLogEntry};
use crm_contacts::{Contacts, ContactsError, Lists, Segment, SegmentError, Segments, Timeline};
use crm_core::Timestamp;
use serde_json::{Value, json};
use support::both_databases;

use super::book::Book;

/// First names of everybody in a segment, in alphabetical order; asked on three roads that must agree.
async fn members(book: &Book, json: &Value) -> Vec<String> {
    let segment = Segment::parse(json).unwrap_or_else(|error| panic!("{json}: {error}"));
    let preview = book
        .segments
        .preview(&book.here, &segment)
        .await
        .unwrap_or_else(|error| panic!("{json}: {error}"));
    let audience = book.segments.audience(&book.here, &segment, None, 100).await.unwrap();
    assert!(audience.is_sorted_by_key(|contact| contact.id));
    let query = ContactQuery { segment: Some(segment), ..ContactQuery::default() };
    let page = book.contacts.list(&book.here, query).await.unwrap();
    let names = |contacts: Vec<crm_contacts::Contact>| {
        let mut names: Vec<String> =
            contacts.into_iter().map(|contact| contact.first_name).collect();
        names.sort();
        names
    };
    assert_eq!(preview.count, u64::try_from(audience.len()).unwrap(), "{json}");
    assert_eq!(page.total, preview.count, "{json}");
    let (sample, listed) = (names(preview.sample), names(page.items));
    assert_eq!(sample, listed, "{json}");
    assert_eq!(names(audience), listed, "{json}");
    listed
}

async fn all_of(book: &Book, cases: &[(Value, &[&str])]) {
    for (json, expected) in cases {
        assert_eq!(members(book, json).await, *expected, "{json}");
        // Everybody is either in a segment or in its opposite.
        let rest: Vec<&str> = ["Ada", "Bob", "Eve", "Łukasz"]
            .into_iter()
            .filter(|name| !expected.contains(name))
            .collect();
        assert_eq!(members(book, &json!({"not": json})).await, rest, "not {json}");
    }
}

/// Ada has everything, Eve a name only.
async fn fill(book: &Book) -> BTreeMap<&'static str, crm_contacts::Contact> {
    for (name, field_type, options) in [
        ("plan", "select", "'[\"Basic\",\"Pro\"]'"),
        ("seats", "number", "NULL"),
        ("vip", "boolean", "NULL"),
        ("note", "text", "NULL"),
    ] {
        book.define(false, name, field_type, (options, false, None)).await;
    }
    let mut made = BTreeMap::new();
    for (name, new) in [
        (
            "Ada",
            NewContact {
                last_name: "Lovelace".to_owned(),
                primary_email: Some("ada@engines.org".to_owned()),
                primary_phone: Some("+436641234567".to_owned()),
                company: "Analytical Engines".to_owned(),
                owner_id: Some(book.colleague),
                value_minor: Some(5000),
                custom: BTreeMap::from([
                    ("plan".to_owned(), CustomValue::Text("Pro".to_owned())),
                    ("seats".to_owned(), CustomValue::Number(10.0)),
                    ("vip".to_owned(), CustomValue::Boolean(true)),
                    ("note".to_owned(), CustomValue::Text("Straße 50%".to_owned())),
                ]),
                ..NewContact::default()
            },
        ),
        (
            "Bob",
            NewContact {
                primary_email: Some("bob@example.com".to_owned()),
                company: "50% Off_Shop".to_owned(),
                value_minor: Some(0),
                custom: BTreeMap::from([
                    ("plan".to_owned(), CustomValue::Text("Basic".to_owned())),
                    ("seats".to_owned(), CustomValue::Number(2.5)),
                    ("vip".to_owned(), CustomValue::Boolean(false)),
                ]),
                ..NewContact::default()
            },
        ),
        ("Eve", NewContact::default()),
        ("Łukasz", NewContact { company: "Żółw [1]".to_owned(), ..NewContact::default() }),
    ] {
        made.insert(name, book.add(NewContact { first_name: name.to_owned(), ..new }).await);
        book.later(24);
    }
    made
}

fn field(name: &str, op: &str, value: impl Into<Value>) -> Value {
    json!({"field": name, "op": op, "value": value.into()})
}

fn custom(name: &str, op: &str, value: impl Into<Value>) -> Value {
    json!({"custom": name, "op": op, "value": value.into()})
}

both_databases! {
    async fn conditions_on_columns(book: Book) {
        fill(&book).await;
        all_of(&book, &[
            (json!({"all": []}), &["Ada", "Bob", "Eve", "Łukasz"]),
            (json!({"any": []}), &[]),
            (field("company", "eq", "analytical ENGINES"), &["Ada"]),
            (field("company", "eq", "Analytical"), &[]),
            (field("company", "eq", "żÓŁW [1]"), &["Łukasz"]),
            (field("first_name", "eq", "łUKASZ"), &["Łukasz"]),
            (field("first_name", "eq", "_ve"), &[]),
            (field("first_name", "neq", "ada"), &["Bob", "Eve", "Łukasz"]),
            (field("primary_email", "neq", "ada@engines.org"), &["Bob", "Eve", "Łukasz"]),
            (field("primary_email", "eq", "ADA@engines.org"), &["Ada"]),
            (field("primary_email", "contains", "@EXAMPLE"), &["Bob"]),
            (field("company", "contains", "%"), &["Bob"]),
            (field("company", "contains", "f_s"), &["Bob"]),
            (field("company", "contains", "ÓŁ"), &["Łukasz"]),
            (field("company", "contains", "[1"), &["Łukasz"]),
            (field("company", "starts_with", "ana"), &["Ada"]),
            (field("company", "starts_with", "engines"), &[]),
            (field("company", "starts_with", "ŻÓ"), &["Łukasz"]),
            (json!({"field": "company", "op": "is_set"}), &["Ada", "Bob", "Łukasz"]),
            (json!({"field": "company", "op": "is_not_set"}), &["Eve"]),
            (json!({"field": "primary_email", "op": "is_set"}), &["Ada", "Bob"]),
            (json!({"field": "primary_phone", "op": "is_not_set"}), &["Bob", "Eve", "Łukasz"]),
            (field("first_name", "in", json!(["ADA", "łukasz", "nobody"])), &["Ada", "Łukasz"]),
            (field("first_name", "in", json!([])), &[]),
            (field("owner_id", "eq", book.colleague.to_string()), &["Ada"]),
            (field("owner_id", "neq", book.colleague.to_string()), &["Bob", "Eve", "Łukasz"]),
            (field("owner_id", "in", json!([book.colleague.to_string(), book.owner.to_string()])), &["Ada"]),
            (json!({"field": "owner_id", "op": "is_not_set"}), &["Bob", "Eve", "Łukasz"]),
            (field("value_minor", "eq", 5000), &["Ada"]),
            (field("value_minor", "neq", 5000), &["Bob", "Eve", "Łukasz"]),
            (field("value_minor", "in", json!([0, 5000])), &["Ada", "Bob"]),
            (json!({"field": "value_minor", "op": "is_set"}), &["Ada", "Bob"]),
        ]).await;
    }

    async fn conditions_on_custom_fields(book: Book) {
        fill(&book).await;
        all_of(&book, &[
            (custom("plan", "eq", "PRO"), &["Ada"]),
            (custom("plan", "neq", "Pro"), &["Bob", "Eve", "Łukasz"]),
            (custom("plan", "in", json!(["pro", "basic"])), &["Ada", "Bob"]),
            (custom("plan", "contains", "asi"), &["Bob"]),
            (custom("plan", "starts_with", "p"), &["Ada"]),
            (json!({"custom": "plan", "op": "is_set"}), &["Ada", "Bob"]),
            (json!({"custom": "plan", "op": "is_not_set"}), &["Eve", "Łukasz"]),
            (custom("note", "contains", "STRAßE"), &["Ada"]),
            (custom("note", "contains", "0%"), &["Ada"]),
            (custom("seats", "eq", 10), &["Ada"]),
            (custom("seats", "eq", 2.5), &["Bob"]),
            (custom("seats", "neq", 10), &["Bob", "Eve", "Łukasz"]),
            (custom("seats", "in", json!([10, "2.50"])), &["Ada", "Bob"]),
            (custom("vip", "eq", true), &["Ada"]),
            (custom("vip", "eq", false), &["Bob"]),
            (custom("vip", "neq", true), &["Bob", "Eve", "Łukasz"]),
        ]).await;
    }

    async fn lists_times_and_combinations(book: Book) {
        let made = fill(&book).await;
        let vip = book.lists.create(&book.here, NewList { name: "VIP".to_owned(), ..NewList::default() }).await.unwrap();
        let won = book.list("Won").await;
        book.lists.assign(&book.here, made["Ada"].id, vip.id).await.unwrap();
        book.lists.assign(&book.here, made["Bob"].id, won.id).await.unwrap();
        let listed = |id: crm_core::ListId| json!({"list": id.to_string()});
        let on = |name: &str| made[name].created_on.to_string();
        all_of(&book, &[
            (listed(vip.id), &["Ada"]),
            (listed(won.id), &["Bob"]),
            (listed(book.list("New").await.id), &["Ada", "Eve", "Łukasz"]),
            (json!({"created": {"after": on("Bob")}}), &["Bob", "Eve", "Łukasz"]),
            (json!({"created": {"before": on("Bob")}}), &["Ada"]),
            (json!({"created": {"after": on("Bob"), "before": on("Eve")}}), &["Bob"]),
            (json!({"created": {"after": "2026-11-04", "before": "2026-11-05"}}), &["Bob"]),
            (json!({"created": {"after": "2026-11-04T10:00:00+02:00"}}), &["Bob", "Eve", "Łukasz"]),
            (json!({"created": {}}), &["Ada", "Bob", "Eve", "Łukasz"]),
            (json!({"any": [listed(vip.id), listed(won.id)]}), &["Ada", "Bob"]),
            (json!({"all": [listed(vip.id), listed(won.id)]}), &[]),
            (json!({"all": [
                {"any": [listed(vip.id), field("first_name", "eq", "Eve")]},
                {"not": {"field": "primary_email", "op": "is_set"}},
            ]}), &["Eve"]),
            (json!({"any": [{"all": [field("company", "is_set", Value::Null), {"not": listed(vip.id)}]}, custom("vip", "eq", true)]}), &["Ada", "Bob", "Łukasz"]),
        ]).await;
    }

    async fn what_happened_on_the_timeline(book: Book) {
        let made = fill(&book).await;
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        // It is 2026-11-07, 09:00.
        let email = |status: &str, opened: Option<&str>| LogContent::Email {
            subject: "Hello".to_owned(),
            body: "Hi".to_owned(),
            status: status.to_owned(),
            opened: opened.map(at),
            clicked_links: Vec::new(),
        };
        let entry = |name: &str, content: LogContent, when: &str| NewLogEntry {
            contact_id: made[name].id,
            content,
            timestamp: at(when),
            campaign_recipient_id: None,
        };
        let tx = book.ctx.db.begin().await.unwrap();
        tx.unaudited("a test");
        book.timeline.record(&tx, &book.here, vec![
            entry("Ada", email("sent", Some("2026-11-06T12:00:00Z")), "2026-11-06T09:00:00Z"),
            entry("Bob", email("sent", Some("2026-10-02T12:00:00Z")), "2026-10-01T09:00:00Z"),
            entry("Eve", email("failed", None), "2026-11-06T09:00:00Z"),
            entry("Łukasz", LogContent::Call { duration: 5, notes: String::new() }, "2026-11-06T09:00:00Z"),
        ]).await.unwrap();
        tx.commit().await.unwrap();
        let activity = |kind: &str, op: &str, days: Value| json!({"activity": {"type": kind, "op": op, "days": days}});
        all_of(&book, &[
            (activity("email", "sent", Value::Null), &["Ada", "Bob"]),
            (activity("email", "sent", json!(7)), &["Ada"]),
            (activity("email", "opened", Value::Null), &["Ada", "Bob"]),
            (activity("email", "opened", json!(7)), &["Ada"]),
            (activity("email", "none_since", json!(7)), &["Bob", "Łukasz"]),
            (activity("email", "none_since", json!(60)), &["Łukasz"]),
            (activity("call", "sent", json!(2)), &["Łukasz"]),
            (activity("call", "none_since", json!(36500)), &["Ada", "Bob", "Eve"]),
        ]).await;
    }

    async fn what_a_workspace_does_not_have_is_named(book: Book) {
        fill(&book).await;
        let theirs = book.lists.all(&book.elsewhere).await.unwrap().remove(0);
        let campaign = |id: &str| json!({"campaign": {"id": id, "op": "not_sent"}});
        let (stranger, single) = (book.campaign(&book.elsewhere, "campaign").await, book.campaign(&book.here, "single").await);
        for (json, named) in [
            (json!({"all": [campaign(&stranger)]}), stranger.clone()),
            (json!({"not": campaign(&single)}), single.clone()),
            (json!({"all": [{"list": theirs.id.to_string()}]}), theirs.id.to_string()),
            (custom("shoe_size", "eq", 44), "shoe_size".to_owned()),
            (field("owner_id", "eq", "somebody"), "somebody".to_owned()),
        ] {
            let segment = Segment::parse(&json).unwrap();
            let refused = book.segments.check(&book.here, &segment).await.unwrap_err();
            assert!(matches!(&refused, SegmentError::Unknown(text) if text.contains(&named)), "{refused}");
            let query = ContactQuery { segment: Some(segment), ..ContactQuery::default() };
            let refused = book.contacts.list(&book.here, query).await;
            assert!(matches!(refused, Err(ContactsError::InvalidSegment(text)) if text.contains(&named)));
        }
        for json in [
            field("company", "eq", 5),
            field("company", "in", "x"),
            field("company", "is_set", "x"),
            field("value_minor", "contains", "5"),
            field("value_minor", "eq", 5.5),
            field("owner_id", "contains", "a"),
            custom("seats", "contains", "1"),
            custom("seats", "eq", "many"),
            custom("vip", "eq", "perhaps"),
            custom("vip", "in", json!(["true"])),
            custom("plan", "eq", true),
        ] {
            let segment = Segment::parse(&json).unwrap();
            let refused = book.segments.check(&book.here, &segment).await;
            assert!(matches!(refused, Err(SegmentError::Malformed(_))), "{json}");
        }
        // A custom field of this workspace means nothing in the other one.
        let segment = Segment::parse(&custom("vip", "eq", true)).unwrap();
        assert!(book.segments.check(&book.elsewhere, &segment).await.is_err());
    }

    async fn an_audience_is_read_batch_by_batch(book: Book) {
        fill(&book).await;
        let everybody = Segment::everybody();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let tx = book.ctx.db.begin().await.unwrap();
        tx.unaudited("a test");
            let batch = book.segments.audience_in(&tx, &book.here, &everybody, after, 3).await.unwrap();
            tx.commit().await.unwrap();
            seen.extend(batch.iter().map(|contact| contact.first_name.clone()));
            after = batch.last().map(|contact| contact.id);
            if batch.len() < 3 {
                break;
            }
        }
        assert_eq!(seen, ["Ada", "Bob", "Eve", "Łukasz"]);
        let there = book.segments.preview(&book.elsewhere, &everybody).await.unwrap();
        assert_eq!(there.count, 0);
    }

    async fn an_audience_in_a_transaction_sees_what_it_wrote(book: Book) {
        let made = fill(&book).await;
        let sent = Segment::parse(&json!({"activity": {"type": "note", "op": "sent"}})).unwrap();
        let tx = book.ctx.db.begin().await.unwrap();
        tx.unaudited("a test");
        let entry = NewLogEntry {
            contact_id: made["Eve"].id,
            content: LogContent::Note { text: "hello".to_owned() },
            timestamp: book.ctx.now(),
            campaign_recipient_id: None,
        };
        book.timeline.record(&tx, &book.here, vec![entry]).await.unwrap();
        let inside = book.segments.audience_in(&tx, &book.here, &sent, None, 10).await.unwrap();
        assert_eq!(inside.len(), 1);
        assert!(book.segments.audience(&book.here, &sent, None, 10).await.unwrap().is_empty());
        tx.rollback().await.unwrap();
    }
}

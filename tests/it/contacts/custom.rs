//! Custom fields of contacts.

use std::collections::BTreeMap;

use crm_contacts::contacts::{ContactChange, CustomValue, NewContact};
use crm_contacts::{Contacts, ContactsError};
use support::both_databases;

use super::book::Book;

const PLAIN: (&str, bool, Option<&str>) = ("NULL", false, None);

fn text(text: &str) -> CustomValue {
    CustomValue::Text(text.to_owned())
}

fn ada(custom: &[(&str, CustomValue)]) -> NewContact {
    let custom = custom.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    NewContact { first_name: "Ada".to_owned(), custom, ..NewContact::default() }
}

both_databases! {
    async fn values_come_back_as_their_type(book: Book) {
        book.define(false, "plan", "select", ("'[\"Basic\",\"Pro\"]'", false, Some("Basic"))).await;
        book.define(false, "seats", "number", PLAIN).await;
        book.define(true, "vip", "boolean", PLAIN).await;
        book.define(false, "since", "date", PLAIN).await;
        book.define(false, "site", "url", PLAIN).await;
        let made = book.add(ada(&[
            ("seats", text("12.50")),
            ("vip", CustomValue::Boolean(true)),
            ("since", text("2024-02-29")),
            ("site", text("https://example.org/?q=日本")),
        ])).await;
        let expected = BTreeMap::from([
            ("plan".to_owned(), text("Basic")),
            ("seats".to_owned(), CustomValue::Number(12.5)),
            ("vip".to_owned(), CustomValue::Boolean(true)),
            ("since".to_owned(), text("2024-02-29")),
            ("site".to_owned(), text("https://example.org/?q=日本")),
        ]);
        assert_eq!(made.custom, expected);
        assert_eq!(book.reload(&made).await, made);

        // A field the owner defined for all workspaces holds in the other one; a workspace's own does not.
        let there = book.contacts.create(&book.elsewhere, ada(&[("vip", text("no"))])).await.unwrap();
        assert_eq!(there.custom, BTreeMap::from([("vip".to_owned(), CustomValue::Boolean(false))]));
        let refused = book.contacts.create(&book.elsewhere, ada(&[("seats", text("1"))])).await;
        assert!(matches!(refused, Err(ContactsError::InvalidCustom { field, .. }) if field == "seats"));
    }

    async fn values_are_changed_and_removed_by_name(book: Book) {
        book.define(false, "seats", "number", PLAIN).await;
        book.define(false, "note", "text", PLAIN).await;
        let made = book.add(ada(&[("seats", CustomValue::Number(3.0)), ("note", text("it's \"fine\""))])).await;
        assert_eq!(serde_json::to_value(&made.custom).unwrap(), serde_json::json!({"note": "it's \"fine\"", "seats": 3}));
        let change = |name: &str, value: Option<CustomValue>| ContactChange {
            custom: BTreeMap::from([(name.to_owned(), value)]),
            ..ContactChange::default()
        };
        let changed = book.contacts.change(&book.here, made.id, None, change("seats", Some(text("4")))).await.unwrap().unwrap();
        assert_eq!((changed.version, &changed.custom["seats"]), (2, &CustomValue::Number(4.0)));
        let changed = book.contacts.change(&book.here, made.id, None, change("note", None)).await.unwrap().unwrap();
        assert_eq!(changed.custom, BTreeMap::from([("seats".to_owned(), CustomValue::Number(4.0))]));
        let replaced = book.contacts.replace(&book.here, made.id, None, ada(&[])).await.unwrap().unwrap();
        assert!(replaced.custom.is_empty());
        let refused = book.contacts.change(&book.here, made.id, None, change("seats", Some(text("many")))).await;
        assert!(matches!(refused, Err(ContactsError::InvalidCustom { field, .. }) if field == "seats"));
        let refused = book.contacts.change(&book.here, made.id, None, change("shoe", Some(text("44")))).await;
        assert!(matches!(refused, Err(ContactsError::InvalidCustom { field, .. }) if field == "shoe"));
    }

    async fn a_required_field_must_be_given(book: Book) {
        book.define(false, "plan", "text", ("NULL", true, None)).await;
        let refused = book.contacts.create(&book.here, ada(&[("plan", text("  "))])).await;
        assert!(matches!(refused, Err(ContactsError::InvalidCustom { field, .. }) if field == "plan"));
        let made = book.add(ada(&[("plan", text("Pro"))])).await;
        let refused = book.contacts.replace(&book.here, made.id, None, ada(&[])).await;
        assert!(matches!(refused, Err(ContactsError::InvalidCustom { .. })));
        // Changing something else need not name it again.
        let change = ContactChange { company: Some("X".to_owned()), ..ContactChange::default() };
        assert!(book.contacts.change(&book.here, made.id, None, change).await.is_ok());
    }
}

//! "Missing for 31 of 412": who of an audience has no value for a variable, as the message would find it.

use std::collections::BTreeMap;

use crm_campaigns::templates::{Channel, NewTemplate};
use crm_campaigns::{Templates, TemplatesError};
use crm_contacts::contacts::NewContact;
use crm_contacts::{Contacts, Segment};
use crm_core::Scope;
use serde_json::json;
use support::both_databases;

use super::desk::{Desk, letter};

/// Everything a template can say of a contact.
const BODY: &str = "<p>{{ contact.first_name }} {{ contact.last_name | default('x') }} {{ contact.full_name }} {{ email }} \
    {{ contact.phone }} {% if contact.company %}{{ contact.company }}{% endif %} {{ contact.custom.plan }} \
    {{ workspace.name }} {{ unsubscribe_url }}</p>";

async fn counted(
    desk: &Desk,
    scope: &Scope,
    segment: &Segment,
) -> (u64, BTreeMap<String, (u64, bool)>) {
    let found = desk.templates.coverage(scope, &letter("C", BODY), segment).await.unwrap();
    let of = found.variables.into_iter().map(|one| (one.name, (one.missing, one.is_needed)));
    (found.audience, of.collect())
}

fn segment(json: serde_json::Value) -> Segment {
    Segment::parse(&json).unwrap()
}

both_databases! {
    async fn each_variable_is_counted_as_messages_find_it(desk: Desk) {
        desk.define("plan").await;
        for n in 0..20_usize {
            let plan = if n % 4 == 0 { &[][..] } else { &[("plan", "gold")][..] };
            let name = if n % 3 == 0 { String::new() } else { format!("P{n}") };
            let contact = desk.contact_with(&name, &format!("p{n}@example.org"), plan).await;
            // What came in by roads that check less is counted like it is rendered.
            if n % 5 == 0 {
                desk.run(&format!("UPDATE base_contacts SET last_name = '', company = '  ' WHERE id = '{}'", contact.id)).await;
            }
        }
        let silent = NewContact { last_name: "Silent".to_owned(), ..NewContact::default() };
        desk.contacts.create(&desk.here, silent).await.unwrap();

        let (audience, missing) = counted(&desk, &desk.here, &Segment::everybody()).await;
        assert_eq!(audience, 21);
        let expected = [
            ("contact.first_name", (8, true)), ("contact.last_name", (4, false)), ("contact.full_name", (2, true)),
            ("email", (1, true)), ("contact.phone", (21, true)), ("contact.company", (21, false)), ("contact.custom.plan", (6, true)),
        ];
        assert_eq!(missing, expected.map(|(name, counts)| (name.to_owned(), counts)).into_iter().collect());

        // The same numbers come from rendering everybody.
        let mut rendered: BTreeMap<String, u64> = BTreeMap::new();
        for id in desk.db.texts("SELECT id FROM base_contacts").await {
            let message = desk.templates.preview(&desk.here, &letter("C", BODY), Some(id.parse().unwrap())).await.unwrap();
            for name in message.missing {
                *rendered.entry(name).or_default() += 1;
            }
        }
        for (name, (count, needed)) in missing {
            if needed {
                assert_eq!(rendered.get(&name).copied().unwrap_or_default(), count, "{name}");
            }
        }

        let some = segment(json!({"custom": "plan", "op": "eq", "value": "gold"}));
        let (audience, missing) = counted(&desk, &desk.here, &some).await;
        assert_eq!((audience, missing["contact.custom.plan"].0), (15, 0));
        let none = segment(json!({"any": []}));
        assert_eq!(counted(&desk, &desk.here, &none).await.0, 0);
    }

    async fn another_workspace_counts_its_own_only(desk: Desk) {
        desk.people(3).await;
        let content = letter("C", "<p>{{ contact.first_name }}</p>");
        let there = desk.templates.coverage(&desk.elsewhere, &content, &Segment::everybody()).await.unwrap();
        assert_eq!((there.audience, there.variables[0].missing), (0, 0));
    }

    async fn what_cannot_be_compiled_cannot_be_counted(desk: Desk) {
        let everybody = Segment::everybody();
        let wrong = desk.templates.coverage(&desk.here, &letter("C", "{{ contact.nick }}"), &everybody).await;
        assert!(matches!(wrong, Err(TemplatesError::UnknownVariable { .. })), "{wrong:?}");
        let text = NewTemplate { channel: Channel::Text, body_text: "{{ contact.phone }}".to_owned(), ..NewTemplate::default() };
        let found = desk.templates.coverage(&desk.here, &text, &everybody).await.unwrap();
        assert_eq!(found.variables.len(), 1);
    }
}

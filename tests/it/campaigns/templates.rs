//! Templates: what is taken, what is refused and how it looks.

use crm_campaigns::templates::{Format, NewTemplate};
use crm_campaigns::{Templates, TemplatesError};
use crm_core::{Cursor, PageRequest};
use support::both_databases;

use super::desk::{Desk, letter};

both_databases! {
    async fn a_template_is_kept_changed_and_deleted(desk: Desk) {
        let new = NewTemplate {
            preheader: "Hello".to_owned(),
            signature: "Andy".to_owned(),
            ..letter("  Welcome ", "<p>Hi {{ contact.first_name }}</p>")
        };
        let made = desk.templates.create(&desk.here, new).await.unwrap();
        assert_eq!((made.content.name.as_str(), made.version), ("Welcome", 1));
        assert_eq!(desk.templates.get(&desk.here, made.id).await.unwrap().unwrap(), made);

        let change = NewTemplate { format: Format::Mjml,
            body_html: "<mjml><mj-body><mj-section><mj-column><mj-text>Hi</mj-text></mj-column></mj-section></mj-body></mjml>".to_owned(),
            ..made.content.clone() };
        let changed = desk.templates.update(&desk.here, made.id, Some(1), change.clone()).await.unwrap().unwrap();
        assert_eq!((changed.version, changed.content.format), (2, Format::Mjml));
        let late = desk.templates.update(&desk.here, made.id, Some(1), change).await;
        assert!(matches!(late, Err(TemplatesError::Stale)), "{late:?}");

        assert!(desk.templates.delete(&desk.here, made.id).await.unwrap());
        assert!(!desk.templates.delete(&desk.here, made.id).await.unwrap());
        let audited = desk.db.texts("SELECT action FROM audit_logs WHERE entity_type = 'template' ORDER BY seq").await;
        assert_eq!(audited, ["template.created", "template.updated", "template.deleted"]);
    }

    async fn a_name_is_taken_once_in_a_workspace(desk: Desk) {
        desk.templates.create(&desk.here, letter("A", "<p>x</p>")).await.unwrap();
        let again = desk.templates.create(&desk.here, letter("A", "<p>x</p>")).await;
        assert!(matches!(again, Err(TemplatesError::DuplicateName)), "{again:?}");
        let other = desk.templates.create(&desk.here, letter("B", "<p>x</p>")).await.unwrap();
        let renamed = desk.templates.update(&desk.here, other.id, None, letter("A", "<p>x</p>")).await;
        assert!(matches!(renamed, Err(TemplatesError::DuplicateName)), "{renamed:?}");
        desk.templates.create(&desk.elsewhere, letter("A", "<p>x</p>")).await.unwrap();
    }

    async fn another_workspaces_template_is_not_there(desk: Desk) {
        let made = desk.template("<p>x</p>").await;
        assert!(desk.templates.get(&desk.elsewhere, made.id).await.unwrap().is_none());
        assert!(desk.templates.update(&desk.elsewhere, made.id, None, letter("Z", "<p>y</p>")).await.unwrap().is_none());
        assert!(!desk.templates.delete(&desk.elsewhere, made.id).await.unwrap());
        let contact = desk.contact("Ada", "ada@example.org").await;
        let spied = desk.templates.preview(&desk.elsewhere, &letter("P", "<p>{{ contact.email }}</p>"), Some(contact.id)).await;
        assert!(matches!(spied, Err(TemplatesError::UnknownContact)), "{spied:?}");
    }

    async fn only_custom_fields_of_the_workspace_are_known(desk: Desk) {
        let new = letter("Plan", "<p>{{ contact.custom.plan }}</p>");
        let refused = desk.templates.create(&desk.here, new.clone()).await;
        match refused {
            Err(TemplatesError::UnknownVariable { field, variable }) => {
                assert_eq!((field, variable.as_str()), ("body_html", "contact.custom.plan"));
            }
            other => panic!("{other:?}"),
        }
        desk.define("plan").await;
        desk.templates.create(&desk.here, new.clone()).await.unwrap();
        assert!(desk.templates.create(&desk.elsewhere, new).await.is_err());
    }

    async fn what_cannot_be_sent_is_refused(desk: Desk) {
        let refused = async |new: NewTemplate| desk.templates.create(&desk.here, new).await.unwrap_err();
        assert!(matches!(refused(letter(" ", "<p>x</p>")).await, TemplatesError::InvalidName));
        assert!(matches!(refused(letter("A", " ")).await, TemplatesError::InvalidBody("body_html")));
        assert!(matches!(refused(letter("A", &"x".repeat(500_001))).await, TemplatesError::InvalidBody("body_html")));
        for subject in ["", "a\r\nBcc: evil@example.org"] {
            let new = NewTemplate { subject: subject.to_owned(), ..letter("A", "<p>x</p>") };
            assert!(matches!(refused(new).await, TemplatesError::InvalidSubject), "{subject:?}");
        }
        assert!(matches!(refused(letter("A", "{% for x in contact %}{% endfor %}")).await, TemplatesError::Syntax { field: "body_html", .. }));
    }

    async fn a_preview_is_of_a_contact_or_a_made_up_one(desk: Desk) {
        let content = letter("P", "<p>{{ contact.first_name }} of {{ workspace.name }}</p>");
        let made_up = desk.templates.preview(&desk.here, &content, None).await.unwrap();
        assert_eq!(made_up.subject, "News for Ada");
        assert!(made_up.html.contains("Ada of Kornfeld") && made_up.missing.is_empty(), "{}", made_up.html);

        let contact = desk.contact("<b>Zoë</b>", "zoe@example.org").await;
        let shown = desk.templates.preview(&desk.here, &content, Some(contact.id)).await.unwrap();
        assert!(shown.html.contains("&lt;b&gt;Zoë&lt;/b&gt; of Kornfeld"), "{}", shown.html);
        assert!(shown.text.contains("<b>Zoë</b> of Kornfeld"), "{}", shown.text);
    }

    async fn pages_go_through_all_templates_both_ways(desk: Desk) {
        for n in 0..5 {
            desk.templates.create(&desk.here, letter(&format!("T{n}"), "<p>x</p>")).await.unwrap();
        }
        let page = async |cursor: Option<Cursor>| {
            desk.templates.list(&desk.here, PageRequest { limit: 2, cursor }).await.unwrap()
        };
        let names = |page: &crm_core::Page<crm_campaigns::Template>| -> Vec<String> {
            page.items.iter().map(|template| template.content.name.clone()).collect()
        };
        let first = page(None).await;
        let second = page(first.next.clone()).await;
        let third = page(second.next.clone()).await;
        assert_eq!((first.total, names(&first)), (5, vec!["T4".to_owned(), "T3".to_owned()]));
        assert_eq!((names(&second), names(&third)), (vec!["T2".to_owned(), "T1".to_owned()], vec!["T0".to_owned()]));
        assert!(third.next.is_none());
        assert_eq!(names(&page(third.previous).await), names(&second));
    }
}

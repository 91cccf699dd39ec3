//! Versions of templates: each change keeps what was there, and campaigns keep the version they were submitted with.

use crm_campaigns::templates::{Block, Change, NewTemplate, changes, starters};
use crm_campaigns::{Campaigns, Templates, TemplatesError};
use crm_core::{Cursor, PageRequest, Role};
use support::both_databases;

use super::desk::{Desk, letter};

both_databases! {
    async fn each_change_keeps_the_version_before(desk: Desk) {
        let colleague = desk.colleague(Role::Editor).await;
        let made = desk.templates.create(&desk.here, letter("Rye", "<p>one</p>")).await.unwrap();
        let two = NewTemplate { subject: "Two".to_owned(), ..letter("Rye", "<p>two</p>") };
        desk.templates.update(&colleague, made.id, Some(1), two.clone()).await.unwrap().unwrap();
        desk.templates.update(&desk.here, made.id, Some(2), letter("Rye bread", "<p>three</p>")).await.unwrap().unwrap();

        let page = async |limit: u64, cursor: Option<Cursor>| {
            let request = PageRequest { limit, cursor };
            desk.templates.versions(&desk.here, made.id, request).await.unwrap().unwrap()
        };
        let all = page(10, None).await;
        let told: Vec<_> = all.items.iter().map(|one| (one.version, one.name.as_str(), one.saved_by)).collect();
        assert_eq!(told, [(3, "Rye bread", desk.here.user_id()), (2, "Rye", colleague.user_id()), (1, "Rye", desk.here.user_id())]);
        let first = page(2, None).await;
        let rest = page(2, first.next.clone()).await;
        assert_eq!((first.items[1].version, rest.items[0].version, first.total), (2, 1, 3));
        assert!(rest.next.is_none());
        assert_eq!(page(2, rest.previous).await.items, first.items);

        let (about, content) = desk.templates.version(&desk.here, made.id, 2).await.unwrap().unwrap();
        assert_eq!((about.version, &content), (2, &two));
        let (_, one) = desk.templates.version(&desk.here, made.id, 1).await.unwrap().unwrap();
        let changed = changes(&one, &content);
        assert_eq!(changed.iter().map(|change| change.field.as_str()).collect::<Vec<_>>(), ["subject", "body_html"]);
        assert_eq!(changed[1].lines[0].change, Change::Removed);
        assert!(desk.templates.version(&desk.here, made.id, 4).await.unwrap().is_none());
    }

    async fn an_earlier_version_is_brought_back_as_a_new_one(desk: Desk) {
        let made = desk.templates.create(&desk.here, letter("Rye", "<p>one</p>")).await.unwrap();
        desk.templates.update(&desk.here, made.id, None, letter("Rye", "<p>two</p>")).await.unwrap().unwrap();
        let late = desk.templates.restore(&desk.here, made.id, 1, Some(1)).await;
        assert!(matches!(late, Err(TemplatesError::Stale)), "{late:?}");
        let back = desk.templates.restore(&desk.here, made.id, 1, Some(2)).await.unwrap().unwrap();
        assert_eq!((back.version, &back.content), (3, &made.content));
        let all = desk.templates.versions(&desk.here, made.id, PageRequest::default()).await.unwrap().unwrap();
        let told: Vec<_> = all.items.iter().map(|one| (one.version, one.restored_from)).collect();
        assert_eq!(told, [(3, Some(1)), (2, None), (1, None)]);
        assert!(desk.templates.restore(&desk.here, made.id, 9, None).await.unwrap().is_none());
        let audited = desk.db.texts("SELECT action FROM audit_logs WHERE entity_type = 'template' ORDER BY seq").await;
        assert_eq!(audited, ["template.created", "template.updated", "template.restored"]);
    }

    async fn what_names_a_field_that_is_gone_is_not_brought_back(desk: Desk) {
        desk.define("plan").await;
        let made = desk.templates.create(&desk.here, letter("Plan", "<p>{{ contact.custom.plan }}</p>")).await.unwrap();
        desk.templates.update(&desk.here, made.id, None, letter("Plan", "<p>x</p>")).await.unwrap().unwrap();
        desk.run("DELETE FROM custom_field_definitions").await;
        let refused = desk.templates.restore(&desk.here, made.id, 1, None).await;
        assert!(matches!(refused, Err(TemplatesError::UnknownVariable { .. })), "{refused:?}");
        assert_eq!(desk.templates.get(&desk.here, made.id).await.unwrap().unwrap().version, 2);
    }

    async fn a_campaign_keeps_the_version_it_was_submitted_with(desk: Desk) {
        desk.people(2).await;
        let template = desk.templates.create(&desk.here, letter("Rye", "<p>one</p>")).await.unwrap();
        desk.templates.update(&desk.here, template.id, None, letter("Rye", "<p>two</p>")).await.unwrap().unwrap();
        let draft = desk.campaigns.create(&desk.here, desk.to_everybody(&template)).await.unwrap();
        assert_eq!(draft.template_version, None);
        let submitted = desk.campaigns.submit(&desk.here, draft.id).await.unwrap().unwrap();
        assert_eq!(submitted.template_version, Some(2));
        desk.templates.update(&desk.here, template.id, None, letter("Rye", "<p>three</p>")).await.unwrap().unwrap();
        let approved = desk.campaigns.approve(&desk.here, draft.id, None, None).await.unwrap().unwrap();
        assert_eq!(approved.template_version, Some(2));
        let sample = &desk.campaigns.preflight(&desk.here, draft.id).await.unwrap().unwrap().samples[0];
        assert!(sample.rendered.html.contains("two"), "{}", sample.rendered.html);
    }

    async fn a_copy_has_the_content_and_a_name_of_its_own(desk: Desk) {
        let made = desk.templates.create(&desk.here, letter("Rye", "<p>one</p>")).await.unwrap();
        let copy = desk.templates.duplicate(&desk.here, made.id, None).await.unwrap().unwrap();
        assert_eq!((copy.content.name.as_str(), copy.version), ("Rye copy", 1));
        assert_eq!(NewTemplate { name: "Rye".to_owned(), ..copy.content.clone() }, made.content);
        let next = desk.templates.duplicate(&desk.here, made.id, Some(" ".to_owned())).await.unwrap().unwrap();
        assert_eq!(next.content.name, "Rye copy 2");
        let named = desk.templates.duplicate(&desk.here, made.id, Some("Oats".to_owned())).await.unwrap().unwrap();
        assert_eq!(named.content.name, "Oats");
        let taken = desk.templates.duplicate(&desk.here, made.id, Some("Rye".to_owned())).await;
        assert!(matches!(taken, Err(TemplatesError::DuplicateName)), "{taken:?}");
        let all = desk.templates.versions(&desk.here, copy.id, PageRequest::default()).await.unwrap().unwrap();
        assert_eq!(all.total, 1);
    }

    async fn another_workspace_sees_no_versions(desk: Desk) {
        let made = desk.template("<p>x</p>").await;
        let there = &desk.elsewhere;
        assert!(desk.templates.versions(there, made.id, PageRequest::default()).await.unwrap().is_none());
        assert!(desk.templates.version(there, made.id, 1).await.unwrap().is_none());
        assert!(desk.templates.restore(there, made.id, 1, None).await.unwrap().is_none());
        assert!(desk.templates.duplicate(there, made.id, None).await.unwrap().is_none());
    }

    async fn every_starter_can_be_made_and_previewed(desk: Desk) {
        let nobody = desk.contact("", "nobody@example.org").await;
        for starter in starters::all() {
            let made = desk.templates.create(&desk.here, starter.content).await.unwrap();
            let message = desk.templates.preview(&desk.here, &made.content, Some(nobody.id)).await.unwrap();
            assert!(message.missing.is_empty(), "{}: {:?}", starter.key, message.missing);
            assert!(!message.text.trim().is_empty(), "{}", starter.key);
        }
    }

    async fn blocks_are_kept_beside_the_body_they_make(desk: Desk) {
        let text = |text: &str| Block::Text { text: text.to_owned() };
        let new = NewTemplate { blocks: Some(vec![text("Dear {{ contact.first_name }},")]), ..letter("Blocks", "ignored") };
        let made = desk.templates.create(&desk.here, new).await.unwrap();
        assert!(made.content.body_html.starts_with("<mjml>") && !made.content.body_html.contains("ignored"));
        let kept = desk.templates.get(&desk.here, made.id).await.unwrap().unwrap();
        let blocks = kept.content.blocks.clone().unwrap();
        assert!(matches!(&blocks[..], [Block::Text { .. }, Block::Unsubscribe { .. }]), "{blocks:?}");

        let wrong = NewTemplate { blocks: Some(vec![text("x"), text("{{ contact.nick }}")]), ..kept.content.clone() };
        match desk.templates.update(&desk.here, made.id, None, wrong).await {
            Err(TemplatesError::Block { number: 2, message }) => assert!(message.contains("contact.nick"), "{message}"),
            other => panic!("{other:?}"),
        }
        // Written by hand from now on; the version before has its blocks still.
        let source = NewTemplate { blocks: None, ..kept.content };
        let changed = desk.templates.update(&desk.here, made.id, None, source).await.unwrap().unwrap();
        assert!(changed.content.blocks.is_none() && changed.content.body_html.starts_with("<mjml>"));
        let back = desk.templates.restore(&desk.here, made.id, 1, None).await.unwrap().unwrap();
        assert_eq!(back.content.blocks, Some(blocks));
    }
}

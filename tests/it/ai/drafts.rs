//! What leaves, what comes back, and what is written down about it.

use std::time::Duration;

use crm_ai::drafts::{Brief, Channel as DraftChannel, Draft, Event, KeyChange, NewAiSettings};
use crm_ai::{Drafts, DraftsError};
use crm_campaigns::Templates;
use crm_campaigns::templates::{Channel, NewTemplate};
use crm_core::Role;
use support::model::Behaviour;
use support::{both_databases, wait};

use super::rig::{KEY, Rig, brief};

both_databases! {
    async fn a_draft_comes_in_pieces_and_is_a_template(rig: Rig) {
        let mut drafting = rig.drafts.start(&rig.desk.here, brief("The rye is in")).await.unwrap();
        let (mut pieces, mut finished) = (Vec::new(), None);
        while let Some(event) = drafting.next().await {
            match event {
                Event::More(draft) => pieces.push(draft),
                Event::Done(done) => finished = Some(done),
                Event::Failed(error) => panic!("{error}"),
            }
        }
        let finished = finished.unwrap();
        assert_eq!(finished.draft.subject, "The rye is in, {{ contact.first_name | default(\"there\") }}");
        assert_eq!(finished.draft.preheader, "Fresh from the silo");
        assert_eq!(
            finished.draft.body_html,
            "<p>Dear {{ contact.first_name | default(\"there\") }},</p>\n\
             <p>the rye is in &amp; it is &quot;dry&quot;.</p>"
        );
        assert_eq!((finished.tokens.prompt, finished.tokens.completion), (210, 42));
        assert!(pieces.len() > 2, "{pieces:?}");
        assert!(pieces.iter().any(|piece| piece.body_text.starts_with("Dear") && piece.subject.is_empty()), "{pieces:?}");

        // It can be saved as it is, and shown to somebody.
        let new = NewTemplate {
            name: "Draft".to_owned(),
            subject: finished.draft.subject,
            preheader: finished.draft.preheader,
            body_html: finished.draft.body_html,
            ..NewTemplate::default()
        };
        let made = rig.desk.templates.create(&rig.desk.here, new).await.unwrap();
        let shown = rig.desk.templates.preview(&rig.desk.here, &made.content, None).await.unwrap();
        assert_eq!(shown.subject, "The rye is in, Ada");
        assert!(shown.missing.is_empty() && shown.html.contains("the rye is in &amp;"), "{shown:?}");
    }

    async fn a_draft_of_a_text_message_is_one(rig: Rig) {
        let asked = Brief { channel: DraftChannel::Text, ..brief("The rye is in") };
        let mut drafting = rig.drafts.start(&rig.desk.here, asked).await.unwrap();
        let mut finished = None;
        while let Some(event) = drafting.next().await {
            match event {
                // Some models write a subject all the same; nobody sees it.
                Event::More(draft) => assert!(draft.subject.is_empty() && draft.body_html.is_empty(), "{draft:?}"),
                Event::Done(done) => finished = Some(done.draft),
                Event::Failed(error) => panic!("{error}"),
            }
        }
        let draft = finished.unwrap();
        let body = "Dear {{ contact.first_name | default(\"there\") }},\n\nthe rye is in & it is \"dry\".";
        assert_eq!(draft, Draft { body_text: body.to_owned(), ..Draft::default() });
        let sent = rig.server.requests().remove(0).body;
        assert_eq!(sent["response_format"]["json_schema"]["schema"]["required"], serde_json::json!(["body"]));
        assert!(sent["messages"][1]["content"].as_str().unwrap().starts_with("What the text message is for"), "{sent}");
        let new = NewTemplate {
            name: "Draft".to_owned(),
            channel: Channel::Text,
            body_text: draft.body_text,
            ..NewTemplate::default()
        };
        let made = rig.desk.templates.create(&rig.desk.here, new).await.unwrap();
        let shown = rig.desk.templates.preview(&rig.desk.here, &made.content, None).await.unwrap();
        assert_eq!(shown.text, "Dear Ada,\n\nthe rye is in & it is \"dry\".");
    }

    async fn nothing_personal_leaves(rig: Rig) {
        let ada = rig.desk.contact("Wilhelmina", "wilhelmina@secret.example").await;
        rig.desk.contact("Grace", "grace@navy.example").await;
        let prompt = "Thank Wilhelmina Test (wilhelmina@secret.example) for her call. Grace Test will \
                      answer at 01 / 234 567 89 or sales@kornfeld.example.";
        let brief = Brief { contact_id: Some(ada.id), ..brief(prompt) };
        let would = rig.drafts.look(&rig.desk.here, brief.clone()).await.unwrap();
        assert!(rig.server.requests().is_empty(), "looking sends nothing");
        rig.drafts.start(&rig.desk.here, brief).await.unwrap().whole().await.unwrap();

        let sent = rig.server.requests().remove(0);
        assert_eq!(sent.body, would.body, "what is shown is what is sent");
        assert_eq!(format!("{}/chat/completions", would.address), format!("{}/chat/completions", rig.server.base()));
        assert_eq!(sent.line, "POST /v1/chat/completions");
        assert_eq!(sent.header("authorization"), format!("Bearer {KEY}"));
        let text = sent.body.to_string().to_lowercase();
        for personal in ["wilhelmina", "secret.example", "grace", "navy", "kornfeld", "234 567"] {
            assert!(!text.contains(personal), "{personal} has left: {text}");
        }
        for placeholder in ["[first_name]", "[last_name]", "[email]", "[person_", "[phone_", "[email_"] {
            assert!(text.contains(placeholder), "{placeholder} is missing: {text}");
        }
        assert!(!text.contains(KEY), "the key is in the text");

        // The timeline of whom it is for keeps it, as it left.
        let logged = rig.desk.db.texts("SELECT CAST(content AS text) FROM communication_logs WHERE type = 'ai'").await;
        assert_eq!(logged.len(), 1, "{logged:?}");
        assert!(logged[0].contains("stand-in") && !logged[0].to_lowercase().contains("wilhelmina"), "{logged:?}");
    }

    async fn uses_are_written_down_with_who_and_how_many(rig: Rig) {
        let colleague = rig.desk.colleague(Role::Editor).await;
        rig.drafts.start(&rig.desk.here, brief("One")).await.unwrap().whole().await.unwrap();
        rig.server.behave(Behaviour::WithoutUsage);
        rig.drafts.start(&colleague, brief("Two")).await.unwrap().whole().await.unwrap();
        rig.server.behave(Behaviour::KeyRefused);
        rig.drafts.start(&colleague, brief("Three")).await.unwrap().whole().await.unwrap_err();

        let used = rig.drafts.usage(&rig.desk.here).await.unwrap();
        assert_eq!((used.uses, used.last.len()), (3, 3));
        let outcomes: Vec<&str> = used.last.iter().map(|one| one.outcome.as_str()).collect();
        let mut sorted = outcomes.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, ["done", "done", "key_refused"]);
        let of = |who| used.last.iter().filter(|one| one.user_id == Some(who)).count();
        assert_eq!((of(rig.desk.owner), of(colleague.user_id().unwrap())), (1, 2));
        let guessed: Vec<_> = used.last.iter().filter(|one| one.is_estimate).collect();
        assert_eq!(guessed.len(), 1);
        assert!(guessed[0].tokens.prompt > 50 && guessed[0].tokens.completion > 10, "{guessed:?}");
        assert!(used.last.iter().all(|one| one.model == "stand-in"));
        let elsewhere = rig.drafts.usage(&rig.desk.elsewhere).await.unwrap();
        assert_eq!((elsewhere.uses, elsewhere.tokens), (0, 0));
        let audited = rig.desk.db.count("SELECT count(*) FROM audit_logs WHERE action = 'ai.asked'").await;
        assert_eq!(audited, 3);
    }

    async fn the_tokens_of_a_month_end(rig: Rig) {
        let cap = |monthly_tokens| NewAiSettings { is_enabled: true, monthly_tokens, ..NewAiSettings::default() };
        rig.drafts.change_settings(&rig.desk.here, None, cap(900)).await.unwrap();
        rig.drafts.start(&rig.desk.here, brief("One")).await.unwrap().whole().await.unwrap();
        // What it may take at most has to be left, so that two at once cannot go over it.
        let refused = rig.drafts.start(&rig.desk.here, brief("Two")).await.err();
        assert!(matches!(refused, Some(DraftsError::CapReached { used: 252, cap: 900 })), "{refused:?}");
        assert_eq!(rig.server.requests().len(), 1, "nothing leaves");
        rig.drafts.start(&rig.desk.elsewhere, brief("Mine")).await.unwrap().whole().await.unwrap();
        rig.drafts.change_settings(&rig.desk.here, None, cap(0)).await.unwrap();
        rig.drafts.start(&rig.desk.here, brief("Three")).await.unwrap().whole().await.unwrap();
        // Last month's do not count.
        rig.drafts.change_settings(&rig.desk.here, None, cap(1_300)).await.unwrap();
        rig.desk.run("UPDATE ai_usage SET at = '2026-10-31T23:59:59.999Z'").await;
        rig.drafts.start(&rig.desk.here, brief("Four")).await.unwrap().whole().await.unwrap();
    }

    async fn uses_side_by_side_stay_below_the_limit(rig: Rig) {
        // The first one is not over when the second is asked for.
        rig.server.behave(Behaviour::Silent);
        let cap = NewAiSettings { is_enabled: true, monthly_tokens: 1_000, ..NewAiSettings::default() };
        rig.drafts.change_settings(&rig.desk.here, None, cap).await.unwrap();
        let (one, other) = tokio::join!(
            rig.drafts.start(&rig.desk.here, brief("One")),
            rig.drafts.start(&rig.desk.here, brief("Other")),
        );
        assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|ok| **ok).count(), 1);
    }

    async fn who_goes_away_stops_the_model(rig: Rig) {
        rig.server.behave(Behaviour::Stalls);
        let mut drafting = rig.drafts.start(&rig.desk.here, brief("One")).await.unwrap();
        assert!(matches!(drafting.next().await, Some(Event::More(_))));
        drop(drafting);
        let limit = Duration::from_secs(10);
        wait::until("the connection to be closed", limit, || async {
            (rig.server.hung_up() == 1).then_some(())
        })
        .await;
        wait::until("the use to be written down", limit, || async {
            let uses = rig.uses().await;
            uses[0].starts_with("stopped ").then_some(())
        })
        .await;
        assert!(rig.uses().await[0].ends_with(" about"));
    }

    async fn what_is_asked_for_is_checked(rig: Rig) {
        let start = async |brief| rig.drafts.start(&rig.desk.here, brief).await.err();
        assert!(matches!(start(brief("  ")).await, Some(DraftsError::InvalidGoal)));
        assert!(matches!(start(brief(&"x".repeat(4_001))).await, Some(DraftsError::InvalidGoal)));
        let long = Brief { tone: "x".repeat(61), ..brief("x") };
        assert!(matches!(start(long).await, Some(DraftsError::InvalidWord("tone"))));
        let odd = Brief { facts: vec!["contact.shoe_size".to_owned()], ..brief("x") };
        assert!(matches!(start(odd).await, Some(DraftsError::UnknownFact(name)) if name == "contact.shoe_size"));
        let theirs = rig.desk.contact("Ada", "ada@example.com").await.id;
        let spied = Brief { contact_id: Some(theirs), ..brief("x") };
        let spied = rig.drafts.start(&rig.desk.elsewhere, spied).await.err();
        assert!(matches!(spied, Some(DraftsError::UnknownContact)), "{spied:?}");
        assert!(rig.server.requests().is_empty() && rig.uses().await.is_empty());
        let off = NewAiSettings { key: KeyChange::Keep, ..NewAiSettings::default() };
        rig.drafts.change_settings(&rig.desk.here, None, off).await.unwrap();
        assert!(matches!(start(brief("x")).await, Some(DraftsError::Off)));
    }
}

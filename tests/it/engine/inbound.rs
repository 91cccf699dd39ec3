//! What comes in from outside: answers, wishes to hear no more, and what providers tell of messages they took.

use crm_campaigns::Inbound as _;
use crm_campaigns::campaigns::{Campaigns as _, Schedule};
use crm_campaigns::inbound::{Delivery, Keyword, ReceivedText, Refusal};
use crm_core::{CampaignId, Clock as _, Phone, RecipientId};
use support::both_databases;

use super::rig::Rig;
use super::texts::{note, number, people, practice};

fn said(rig: &Rig, n: usize, body: &str, external_id: &str) -> ReceivedText {
    ReceivedText {
        from: Phone::parse(&number(n), "").unwrap(),
        body: body.to_owned(),
        external_id: external_id.to_owned(),
        keyword: None,
        at: rig.clock.now(),
    }
}

async fn receive(rig: &Rig, text: ReceivedText) -> bool {
    rig.services.inbound().text(&rig.scope, text).await.unwrap()
}

/// A text campaign to `count` people, sent.
async fn sent(rig: &Rig, count: usize) -> CampaignId {
    people(rig, count).await;
    let id = rig.approved_from(note("Hi"), practice(rig).await, Schedule::default()).await;
    rig.services.campaigns.send(&rig.scope, id).await.unwrap().unwrap();
    rig.look_at(id).await;
    rig.until_sent(id).await;
    id
}

async fn suppressed(rig: &Rig) -> Vec<String> {
    rig.db
        .texts(
            "SELECT channel || '|' || address || '|' || reason FROM suppressions ORDER BY address",
        )
        .await
}

async fn set(rig: &Rig, column: &str) -> i64 {
    rig.db
        .count(&format!("SELECT count(*) FROM campaign_recipients WHERE {column} IS NOT NULL"))
        .await
}

async fn row(rig: &Rig, n: usize) -> RecipientId {
    let sql = format!("SELECT id FROM campaign_recipients WHERE address = '{}'", number(n));
    rig.db.texts(&sql).await[0].parse().unwrap()
}

both_databases! {
    async fn whoever_says_stop_hears_no_more_until_start(rig: Rig) {
        sent(&rig, 2).await;
        assert!(receive(&rig, said(&rig, 0, " Stop! ", "SM1")).await);
        assert!(!receive(&rig, said(&rig, 0, " Stop! ", "SM1")).await, "told twice");
        assert!(receive(&rig, said(&rig, 0, "STOP", "SM2")).await, "said twice");
        assert_eq!(suppressed(&rig).await, [format!("text|{}|unsubscribed", number(0))]);
        assert_eq!((set(&rig, "unsubscribed_at").await, set(&rig, "replied_at").await), (1, 0));
        let told = "SELECT count(*) FROM communication_logs WHERE type = 'system' AND CAST(content AS text) LIKE '%Unsubscribed from text%'";
        assert_eq!(rig.db.count(told).await, 1);

        assert!(receive(&rig, said(&rig, 0, "start", "SM3")).await);
        assert_eq!(suppressed(&rig).await, Vec::<String>::new());
        // What was switched off by hand is not switched on by a text.
        rig.run(&format!(
            "INSERT INTO suppressions (id, workspace_id, channel, address, reason, created_at) \
             VALUES ('s1', '{}', 'text', '{}', 'manual', '2026-11-01T00:00:00.000Z')",
            rig.scope.workspace_id(), number(1)
        ))
        .await;
        assert!(receive(&rig, said(&rig, 1, "START", "SM4")).await);
        assert_eq!(suppressed(&rig).await, [format!("text|{}|manual", number(1))]);
    }

    async fn a_provider_may_say_what_a_text_asks_for(rig: Rig) {
        people(&rig, 1).await;
        let text = ReceivedText { keyword: Some(Keyword::Stop), ..said(&rig, 0, "genug", "SM1") };
        assert!(receive(&rig, text).await);
        assert_eq!(suppressed(&rig).await.len(), 1);
    }

    async fn an_answer_stands_on_the_timeline_and_in_the_ledger(rig: Rig) {
        sent(&rig, 1).await;
        assert!(receive(&rig, said(&rig, 0, "See you at 9", "SM1")).await);
        assert!(receive(&rig, said(&rig, 0, "Or at 10", "SM2")).await);
        assert!(!receive(&rig, said(&rig, 0, "Or at 10", "SM2")).await);
        assert_eq!((set(&rig, "replied_at").await, suppressed(&rig).await.len()), (1, 0));
        let told = "SELECT CAST(content AS text) FROM communication_logs WHERE type = 'text' ORDER BY timestamp, id";
        let told = rig.db.texts(told).await;
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[1].contains("See you at 9") && told[1].contains("received"), "{told:?}");
        assert_eq!(rig.db.count("SELECT count(*) FROM tasks").await, 0);
        assert_eq!(rig.db.count("SELECT count(*) FROM audit_logs WHERE action = 'text.received'").await, 2);
    }

    async fn other_words_that_may_mean_stop_are_for_a_person(rig: Rig) {
        people(&rig, 1).await;
        assert!(receive(&rig, said(&rig, 0, "Please stop texting\nme", "SM1")).await);
        assert!(!receive(&rig, said(&rig, 0, "Please stop texting\nme", "SM1")).await);
        assert_eq!(suppressed(&rig).await, Vec::<String>::new());
        let tasks = rig.db.texts("SELECT title FROM tasks").await;
        assert_eq!(tasks, ["May want no more text messages: “Please stop texting me”"]);
    }

    async fn a_number_nobody_has_becomes_a_contact_unless_it_only_says_stop(rig: Rig) {
        let numbers = "SELECT primary_phone FROM base_contacts";
        assert!(receive(&rig, said(&rig, 5, "STOP", "SM1")).await);
        assert_eq!(rig.db.texts(numbers).await, Vec::<String>::new());
        assert_eq!(suppressed(&rig).await.len(), 1);
        assert!(receive(&rig, said(&rig, 6, "Do you still bake rye?", "SM2")).await);
        assert!(!receive(&rig, said(&rig, 6, "Do you still bake rye?", "SM2")).await);
        assert_eq!(rig.db.texts(numbers).await, [number(6)]);
        let told = "SELECT count(*) FROM communication_logs WHERE CAST(content AS text) LIKE '%bake rye%'";
        assert_eq!(rig.db.count(told).await, 1);
    }

    async fn a_message_only_goes_forward(rig: Rig) {
        sent(&rig, 3).await;
        let inbound = rig.services.inbound();
        let tell = async |n, told| inbound.delivery(&rig.scope, row(&rig, n).await, told, rig.clock.now()).await.unwrap();
        let failed = |suppress| Delivery::Failed { message: "30005 Unknown destination".to_owned(), suppress };
        assert!(!tell(0, Delivery::UnderWay).await);
        assert!(tell(0, Delivery::Delivered).await);
        assert!(!tell(0, Delivery::Delivered).await, "told twice");
        assert!(!tell(0, failed(Some(Refusal::Dead))).await, "told too late");
        assert!(!tell(0, Delivery::UnderWay).await, "told in disorder");
        assert!(tell(1, failed(Some(Refusal::Dead))).await);
        assert!(!tell(1, failed(Some(Refusal::Dead))).await);
        assert!(!tell(1, Delivery::Delivered).await);
        assert!(tell(2, failed(None)).await);
        assert_eq!((set(&rig, "delivered_at").await, set(&rig, "bounced_at").await), (1, 2));
        assert_eq!(suppressed(&rig).await, [format!("text|{}|bounced", number(1))]);
        assert_eq!(rig.db.count("SELECT count(*) FROM audit_logs WHERE action = 'message.bounced'").await, 2);
    }

    async fn what_is_told_settles_what_nobody_could_tell(rig: Rig) {
        let id = sent(&rig, 1).await;
        let recipient = row(&rig, 0).await;
        rig.run(&format!("UPDATE campaign_recipients SET state = 'unknown', sent_at = NULL WHERE id = '{recipient}'")).await;
        rig.run("DELETE FROM communication_logs").await;
        rig.run(&format!("UPDATE campaigns SET count_sent = 0, count_unknown = 1 WHERE id = '{id}'")).await;
        let inbound = rig.services.inbound();
        let now = rig.clock.now();
        assert!(inbound.delivery(&rig.scope, recipient, Delivery::UnderWay, now).await.unwrap());
        let counts = rig.get(id).await.counts;
        assert_eq!((counts.sent, counts.unknown), (1, 0));
        rig.assert_sound(id).await;
        // Nobody else's.
        let nobody = RecipientId::from_uuid(rig.services.ctx.ids.uuid());
        assert!(!inbound.delivery(&rig.scope, nobody, Delivery::Delivered, now).await.unwrap());
    }

    async fn words_turn_the_consent_to_texts_and_to_nothing_else(rig: Rig) {
        let ids = people(&rig, 2).await;
        let states = async || rig.db.texts(
            "SELECT channel || ' ' || state || ' ' || source FROM consents ORDER BY at, id"
        ).await;
        for (n, channel) in [(1, "email"), (2, "text")] {
            rig.run(&format!(
                "INSERT INTO consents (id, workspace_id, contact_id, channel, state, at, source, wording, created_at) \
                 VALUES ('0193563d-8a00-7000-8000-00000000000{n}', '{}', '{}', '{channel}', 'granted', '2026-11-01T00:00:00.000Z', 'form', '', '2026-11-01T00:00:00.000Z')",
                rig.scope.workspace_id(), ids[0]
            ))
            .await;
        }
        let mut wanted = vec!["email granted form".to_owned(), "text granted form".to_owned()];
        for (id, word, now) in [
            ("SM1", "HELP", None),
            ("SM2", "Stop", Some("text withdrawn answered STOP")),
            ("SM3", "stop", None),
            ("SM4", "START", Some("text granted answered START")),
            ("SM5", "start", None),
            ("SM6", "See you", None),
            ("SM7", "OPTOUT", Some("text withdrawn answered STOP")),
        ] {
            rig.clock.advance(std::time::Duration::from_secs(1));
            assert!(receive(&rig, said(&rig, 0, word, id)).await);
            wanted.extend(now.map(ToOwned::to_owned));
            assert_eq!(states().await, wanted, "{word}");
        }
        assert_eq!(suppressed(&rig).await, [format!("text|{}|unsubscribed", number(0))]);
        // Whoever had said nothing has nothing to withdraw, and is suppressed all the same.
        assert!(receive(&rig, said(&rig, 1, "STOP", "SM8")).await);
        assert_eq!((states().await.len(), suppressed(&rig).await.len()), (wanted.len(), 2));
    }
}

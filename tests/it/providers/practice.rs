//! The practice provider keeps what a real one would have sent.

use crm_core::accounts::WorkspaceSeed;
use crm_core::{PageRequest, PracticeMessageId, Scope};
use crm_providers::email::Settled;
use crm_providers::{
    EmailProvider, Outcome, PracticeOutbox, PracticeSeed, ProviderKind, Providers,
    SeaPracticeOutbox,
};
use support::{TestDb, both_databases};

use super::{Bench, NOW, message};

async fn seeded(bench: &Bench) -> (Scope, std::sync::Arc<dyn EmailProvider>) {
    let scope = bench.workspace().await;
    let tx = bench.ctx.db.begin().await.unwrap();
    tx.unaudited("a test");
    PracticeSeed { ctx: bench.ctx.clone() }.seed(&tx, &scope).await.unwrap();
    tx.commit().await.unwrap();
    let providers = bench.providers();
    let found = providers.default(&scope, ProviderKind::Email).await.unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.config.kind()), ("Practice outbox", "practice"));
    assert!(found.is_default && !found.has_secret);
    let provider = providers.open(&scope, found.id).await.unwrap().unwrap();
    (scope, provider.email().unwrap())
}

both_databases! {
    async fn a_new_workspace_practises_and_a_message_is_kept_once(db: TestDb) {
        let bench = Bench::on(db).await;
        let (scope, provider) = seeded(&bench).await;
        assert_eq!(provider.concurrency(), 4);
        let outbox = SeaPracticeOutbox::new(bench.ctx.clone());
        let mut sent = message(&scope, "ada@example.org");
        // Neither is there any more: the message is kept all the same.
        sent.campaign_id = Some(crm_core::CampaignId::from_uuid(bench.ctx.ids.uuid()));
        sent.contact_id = Some(crm_core::ContactId::from_uuid(bench.ctx.ids.uuid()));
        let recipient = sent.recipient_id.unwrap();
        assert_eq!(provider.settle(recipient).await, Settled::NotAccepted);

        for _ in 0..2 {
            let outcome = provider.send(&sent).await;
            assert_eq!(outcome, Outcome::Accepted { provider_id: Some(recipient.to_string()) });
        }
        let settled = provider.settle(recipient).await;
        assert_eq!(settled, Settled::Accepted { provider_id: Some(recipient.to_string()) });

        let page = outbox.list(&scope, "", PageRequest::default()).await.unwrap();
        assert_eq!((page.items.len(), page.total, page.total_exact), (1, 1, true));
        let id = PracticeMessageId::from_uuid(recipient.as_uuid());
        let kept = outbox.get(&scope, id).await.unwrap().unwrap();
        assert_eq!(kept, page.items[0]);
        assert_eq!((kept.channel.as_str(), kept.to.as_str()), ("email", "ada@example.org"));
        assert_eq!((&kept.subject, &kept.html, &kept.text), (&sent.subject, &sent.html, &sent.text));
        assert_eq!(kept.sent_at.to_string(), NOW);
        let expected = [
            ("From", "Practice outbox <practice@pi-crm.example>"),
            ("To", "Θεοδώρα <ada@example.org>"),
            ("Subject", "Winter rye is in, Θεοδώρα"),
            ("Message-ID", &format!("<{recipient}@kornfeld.example>")),
            ("Date", "Sun, 22 Nov 2026 23:30:00 +0000"),
            ("MIME-Version", "1.0"),
            (
                "List-Unsubscribe",
                "<https://crm.kornfeld.example/u/token>, \
                 <mailto:hello@kornfeld.example?subject=unsubscribe%20token>",
            ),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ];
        let headers: Vec<_> =
            kept.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(headers, expected);
    }

    async fn the_outbox_is_searched_and_paged_inside_its_workspace(db: TestDb) {
        let bench = Bench::on(db).await;
        let (scope, provider) = seeded(&bench).await;
        let (other, _) = seeded(&bench).await;
        let outbox = SeaPracticeOutbox::new(bench.ctx.clone());
        for number in 0..7 {
            let mut sent = message(&scope, &format!("r{number}@example.org"));
            sent.subject = if number % 2 == 0 { "50% RYE".to_owned() } else { "Θεοδώρα".to_owned() };
            assert!(matches!(provider.send(&sent).await, Outcome::Accepted { .. }));
            if number % 3 == 0 {
                bench.clock.advance(std::time::Duration::from_millis(1));
            }
        }
        let strange = provider.send(&message(&other, "x@example.org")).await;
        assert!(matches!(strange, Outcome::Permanent { .. }), "{strange:?}");
        assert_eq!(outbox.list(&other, "", PageRequest::default()).await.unwrap().total, 0);

        let mut seen = Vec::new();
        let mut request = PageRequest { limit: 3, cursor: None };
        let last = loop {
            let page = outbox.list(&scope, "", request.clone()).await.unwrap();
            assert_eq!(page.total, 7);
            seen.extend(page.items.iter().map(|message| message.to.clone()));
            match page.next {
                Some(next) => request.cursor = Some(next),
                None => break page,
            }
        };
        let newest_first: Vec<_> = (0..7).rev().map(|n| format!("r{n}@example.org")).collect();
        assert_eq!(seen, newest_first);
        request.cursor = last.previous;
        let before = outbox.list(&scope, "", request).await.unwrap();
        let before: Vec<_> = before.items.iter().map(|message| message.to.as_str()).collect();
        assert_eq!(before, ["r3@example.org", "r2@example.org", "r1@example.org"]);

        for (search, found) in [
            ("rye", 4),
            ("50% r", 4),
            ("50_ r", 0),
            ("R3@EXAMPLE", 1),
            ("Θεοδώρα", 3),
            ("example.org", 7),
            ("nothing", 0),
            ("\\", 0),
        ] {
            let page = outbox.list(&scope, search, PageRequest::default()).await.unwrap();
            assert_eq!(page.total, found, "{search}");
        }
        let elsewhere = outbox.list(&scope, "", PageRequest::default()).await.unwrap().items[0].id;
        assert!(outbox.get(&other, elsewhere).await.unwrap().is_none());
    }
}

//! Campaigns through Mailgun's API: each kind of trouble by address, and what its events tell afterwards.

use std::time::Duration;

use crm_campaigns::campaigns::Status;
use crm_core::ProviderId;
use crm_providers::providers::{MailgunConfig, NewProvider, ProviderConfig};
use support::both_databases;
use support::mailgun::{DOMAIN, Events, KEY, MailgunServer};

use super::rig::{Rig, assert_once};
use super::words::{at_rest, ledger, people};

pub(super) async fn mailgun(rig: &Rig, server: &MailgunServer, key: &str) -> ProviderId {
    let config = MailgunConfig {
        domain: DOMAIN.to_owned(),
        base_url: Some(server.base().to_owned()),
        from_email: "hello@mg.acme.example".to_owned(),
        from_name: "Acme".to_owned(),
        reply_to: None,
        rate_per_minute: None,
        rate_per_day: None,
        warm_up_from: None,
    };
    let new = NewProvider {
        webhook_key: None,
        name: String::new(),
        config: ProviderConfig::Mailgun(config),
        secret: Some(key.to_owned().into()),
        is_default: false,
    };
    rig.services.providers.create(&rig.scope, new).await.unwrap().id
}

const WORDS: [&str; 15] = [
    "ok",
    "perm400",
    "limit429",
    "retry429",
    "broke500",
    "busy503",
    "gateway502",
    "gatewaytaken",
    "garbage",
    "cutanswer",
    "resetafter",
    "resetlost",
    "stalltaken",
    "stalllost",
    "fine",
];

/// Addresses of those of [`WORDS`] whose message is taken, sorted.
fn taken() -> Vec<String> {
    let taken = ["ok", "gatewaytaken", "garbage", "cutanswer", "resetafter", "stalltaken", "fine"];
    let numbered = WORDS.iter().enumerate().filter(|(_, word)| taken.contains(word));
    let mut all: Vec<String> =
        numbered.map(|(number, word)| format!("{word}.{number}@example.com")).collect();
    all.sort();
    all
}

both_databases! {
    async fn the_ledger_says_what_mailgun_took(rig: Rig) {
        let server = MailgunServer::start().await;
        people(&rig, &WORDS).await;
        let id = rig.sending(mailgun(&rig, &server, KEY).await).await;
        let campaign = rig.until("nothing to be left to do now", id, at_rest).await;
        assert_eq!(campaign.status, Status::Sending, "{campaign:?}");
        let ledger = ledger(&rig, id).await;
        for (word, wanted) in [
            ("ok", "sent"),
            ("fine", "sent"),
            ("perm400", "failed"),
            ("limit429", "retry_wait"),
            ("retry429", "retry_wait"),
            ("broke500", "retry_wait"),
            ("busy503", "retry_wait"),
            // No answer that says so, but Mailgun's events do.
            ("gatewaytaken", "sent"),
            ("garbage", "sent"),
            ("cutanswer", "sent"),
            ("resetafter", "sent"),
            ("stalltaken", "sent"),
            // Not listed so soon after is not the same as not taken.
            ("gateway502", "unknown"),
            ("resetlost", "unknown"),
            ("stalllost", "unknown"),
        ] {
            assert_eq!(ledger[word].0, wanted, "{word}: {}", ledger[word].1);
        }
        assert!(ledger["perm400"].1.contains("not a valid address"), "{}", ledger["perm400"].1);
        assert!(ledger["limit429"].1.contains("try again after 60 seconds"));
        assert_eq!(server.recipients(), taken());
        // Bad syntax is no dead mailbox.
        assert_eq!(rig.db.count("SELECT count(*) FROM suppressions").await, 0);
        rig.assert_sound(id).await;
        let mut ids: Vec<String> = server.taken().into_iter().map(|taken| taken.message_id).collect();
        let mut fixed = rig.db.texts(&format!(
            "SELECT message_id FROM campaign_recipients WHERE campaign_id = '{id}' AND state = 'sent'"
        )).await;
        ids.sort();
        fixed.sort();
        assert_eq!(ids, fixed);
    }

    async fn what_mailgun_wants_to_wait_for_is_waited_for(rig: Rig) {
        let server = MailgunServer::start().await;
        people(&rig, &["limit429", "retry429", "busy503"]).await;
        let id = rig.sending(mailgun(&rig, &server, KEY).await).await;
        rig.until("all to wait", id, |now| now.counts.retry_wait == 3).await;
        let mut at = rig.ledger(id, "next_attempt_at").await;
        at.sort();
        assert!(at[0].as_str() >= "2026-11-22T23:30:30.000Z", "{at:?}");
        assert!(at[2].as_str() >= "2026-11-22T23:32:00.000Z", "{at:?}");
        assert!(at[1].as_str() >= "2026-11-22T23:30:48.000Z", "{at:?}");
    }

    async fn trouble_that_passes_costs_nobody_and_doubles_nobody(rig: Rig) {
        let server = MailgunServer::start().await;
        let words = ["ok", "limit429-once", "broke500-once", "busy503-once", "retry429-once"];
        let all: Vec<&str> = (0..40).map(|number| words[number % words.len()]).collect();
        people(&rig, &all).await;
        let id = rig.sending(mailgun(&rig, &server, KEY).await).await;
        rig.until("all to have been tried", id, at_rest).await;
        rig.clock.advance(Duration::from_mins(3));
        let campaign = rig.until_sent(id).await;
        assert_eq!(campaign.counts.sent, 40);
        let recipients = server.recipients();
        assert_once(&recipients);
        assert_eq!(recipients.len(), 40);
        rig.assert_sound(id).await;
    }

    async fn a_key_that_may_only_send_leaves_it_to_a_person(rig: Rig) {
        let server = MailgunServer::with(Events::Forbidden).await;
        people(&rig, &["ok", "resetafter", "garbage", "resetlost"]).await;
        let id = rig.sending(mailgun(&rig, &server, KEY).await).await;
        let campaign = rig.until_sent(id).await;
        assert_eq!((campaign.counts.sent, campaign.counts.unknown), (1, 3));
        assert_once(&server.recipients());
        rig.assert_sound(id).await;
    }

    async fn a_refused_key_pauses_and_costs_nobody(rig: Rig) {
        let server = MailgunServer::start().await;
        people(&rig, &["ok"; 6]).await;
        let provider = mailgun(&rig, &server, "key-of-somebody-else").await;
        let id = rig.sending(provider).await;
        let paused = rig
            .until("a pause", id, |now| now.status == Status::Paused && now.counts.sending == 0)
            .await;
        let reason = paused.pause_reason.clone().unwrap();
        assert!(reason.contains("authentication") && reason.contains("Forbidden"), "{reason}");
        assert_eq!(paused.counts.queued, 6);
        let noted = rig.services.providers.get(&rig.scope, provider).await.unwrap().unwrap();
        assert!(noted.last_error.is_some_and(|error| error.contains("401 Forbidden")));

        let stored = rig.services.providers.get(&rig.scope, provider).await.unwrap().unwrap();
        let change = NewProvider {
            webhook_key: None,
            name: stored.name,
            config: stored.config,
            secret: Some(KEY.to_owned().into()),
            is_default: false,
        };
        rig.services.providers.update(&rig.scope, provider, None, change).await.unwrap().unwrap();
        rig.resume(id).await;
        let campaign = rig.until_sent(id).await;
        assert_eq!(campaign.counts.sent, 6);
        assert_once(&server.recipients());
        rig.assert_sound(id).await;
    }

    async fn what_was_in_flight_at_a_stop_is_asked_for(rig: Rig) {
        let server = MailgunServer::start().await;
        people(&rig, &["ok", "ok", "ok", "ok"]).await;
        let provider = mailgun(&rig, &server, KEY).await;
        let id = rig.sending(provider).await;
        rig.until_sent(id).await;
        assert_eq!(server.recipients().len(), 4);

        // As a kill leaves it: all were under way, of two of them Mailgun knows nothing.
        let interrupted = |since: &str| format!(
            "UPDATE campaign_recipients SET state = 'sending', boot_id = NULL, sent_at = NULL, claim_token = 'gone', \
             claimed_at = '{since}' WHERE campaign_id = '{id}'"
        );
        let reset = [
            format!("DELETE FROM communication_logs WHERE campaign_recipient_id IN (SELECT id FROM campaign_recipients WHERE campaign_id = '{id}')"),
            format!("UPDATE campaigns SET status = 'paused', count_sent = 0 WHERE id = '{id}'"),
        ];
        let lose = |column: &str| format!(
            "UPDATE campaign_recipients SET message_id = 'lost-' || id || '@mg.acme.example' \
             WHERE campaign_id = '{id}' AND {column} IN ('ok.2@example.com', 'ok.3@example.com')"
        );
        for sql in [&interrupted("2026-11-22T23:29:00.000Z"), &reset[0], &reset[1], &lose("address")] {
            rig.run(sql).await;
        }
        // Mailgun also finds a message by the row it names; of these two it shall not.
        server.forget(&["ok.2@example.com", "ok.3@example.com"]);
        drop(rig.services.engine().await);
        let campaign = rig.get(id).await;
        assert_eq!((campaign.counts.sent, campaign.counts.unknown), (2, 2), "a minute after nobody can be sure");
        rig.assert_sound(id).await;

        // An hour after, what is not listed was not taken.
        rig.run(&format!("UPDATE campaigns SET count_unknown = 0 WHERE id = '{id}'")).await;
        rig.run(&format!(
            "UPDATE campaign_recipients SET state = 'sending', boot_id = NULL, claim_token = 'gone', error = NULL, \
             claimed_at = '2026-11-22T22:20:00.000Z' WHERE campaign_id = '{id}' AND state = 'unknown'"
        )).await;
        drop(rig.services.engine().await);
        let campaign = rig.get(id).await;
        assert_eq!((campaign.counts.sent, campaign.counts.unknown, campaign.counts.queued), (2, 0, 2));
        rig.assert_sound(id).await;
    }
}

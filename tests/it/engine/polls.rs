//! Where nobody outside can reach this installation, providers are asked what they cannot tell by themselves.

use std::time::Duration;

use crm_campaigns::Inbound as _;
use crm_campaigns::inbound::{Delivery, MailEvent, Told};
use crm_campaigns::mailbox::IncomingMail as _;
use crm_core::{Clock as _, RecipientId};
use crm_providers::smtp::Trust;
use serde_json::{Value, json};
use support::both_databases;
use support::mailgun::{Events, KEY, MailgunServer, event};
use support::twilio::{TOKEN, TwilioServer};

use super::mailgun::mailgun;
use super::rig::{Rig, Services, address};
use super::texts::{number, people};
use super::twilio::{NOW, sending, twilio};

const WAIT: Duration = Duration::from_mins(3);

async fn row(rig: &Rig, address: &str) -> RecipientId {
    let sql = format!("SELECT id FROM campaign_recipients WHERE address = '{address}'");
    rig.db.texts(&sql).await[0].parse().unwrap()
}

async fn poll(rig: &Rig) -> usize {
    rig.services.inbound().poll_due().await.unwrap()
}

/// Whoever is new is asked after a while.
async fn begin(rig: &Rig) {
    assert_eq!(poll(rig).await, 0);
    rig.clock.advance(WAIT);
}

/// What there is to change by asking.
async fn known(rig: &Rig) -> Vec<String> {
    let mut all = Vec::new();
    for sql in [
        "SELECT address || ' delivered' FROM campaign_recipients WHERE delivered_at IS NOT NULL ORDER BY address",
        "SELECT address || ' bounced' FROM campaign_recipients WHERE bounced_at IS NOT NULL ORDER BY address",
        "SELECT address || ' suppressed ' || reason FROM suppressions ORDER BY address",
        "SELECT type || ' ' || CAST(content AS text) FROM communication_logs WHERE campaign_recipient_id IS NULL ORDER BY id",
        "SELECT kind FROM inbound_messages ORDER BY id",
    ] {
        all.extend(rig.db.texts(sql).await);
    }
    all
}

fn permanent() -> Value {
    json!({"severity": "permanent", "reason": "bounce", "delivery-status": {"code": 550, "enhanced-code": "5.1.1"}})
}

both_databases! {
    async fn mailgun_is_asked_page_by_page(rig: Rig) {
        let server = MailgunServer::start().await;
        rig.contacts(6).await;
        let provider = mailgun(&rig, &server, KEY).await;
        let id = rig.sending(provider).await;
        rig.until_sent(id).await;
        let told = [
            ("delivered", json!({})),
            ("failed", permanent()),
            ("failed", json!({"severity": "temporary", "reason": "generic"})),
            ("unsubscribed", json!({})),
            ("complained", json!({})),
        ];
        for (n, (kind, more)) in told.into_iter().enumerate() {
            let row = row(&rig, &address(n)).await.to_string();
            server.happen(event(&format!("e{n}"), kind, &row, &more));
        }
        // Mailgun reached us with one of them, before anybody closed the door.
        let heard = MailEvent {
            provider_id: provider,
            external_id: "e3".to_owned(),
            token: Some("t1".to_owned()),
            recipient_id: row(&rig, &address(3)).await,
            told: Told::Unsubscribed,
            at: rig.clock.now(),
        };
        assert!(rig.services.inbound().event(&rig.scope, heard).await.unwrap());
        begin(&rig).await;
        assert_eq!(poll(&rig).await, 1);
        let suppressed = rig.db.texts("SELECT address || ' ' || reason FROM suppressions ORDER BY address").await;
        let wanted = [(1, "bounced"), (3, "unsubscribed"), (4, "complained")];
        assert_eq!(suppressed, wanted.map(|(n, reason)| format!("{} {reason}", address(n))));
        let all = known(&rig).await;
        assert!(all.contains(&format!("{} delivered", address(0))) && all.contains(&format!("{} bounced", address(1))), "{all:?}");
        let wishes = all.iter().filter(|line| line.contains("Unsubscribed from e-mail")).count();
        assert_eq!(wishes, 1, "{all:?}");

        assert_eq!(poll(&rig).await, 0, "it is not time yet");
        rig.clock.advance(WAIT);
        let late = row(&rig, &address(5)).await.to_string();
        server.happen(event("e5", "delivered", &late, &json!({})));
        assert_eq!(poll(&rig).await, 1);
        let mut now = known(&rig).await;
        now.retain(|line| *line != format!("{} delivered", address(5)));
        assert_eq!(now, all, "what was heard is not heard twice");
        assert_eq!(rig.db.count("SELECT count(*) FROM campaign_recipients WHERE delivered_at IS NOT NULL").await, 2);
        rig.assert_sound(id).await;
    }

    async fn a_key_that_may_only_send_is_asked_less_and_less(rig: Rig) {
        let server = MailgunServer::with(Events::Forbidden).await;
        let provider = mailgun(&rig, &server, KEY).await;
        begin(&rig).await;
        assert_eq!(poll(&rig).await, 1);
        rig.clock.advance(WAIT);
        assert_eq!(poll(&rig).await, 1);
        rig.clock.advance(WAIT);
        assert_eq!(poll(&rig).await, 0, "it waits twice as long");
        rig.clock.advance(WAIT);
        assert_eq!(poll(&rig).await, 1);
        let found = rig.services.providers.get(&rig.scope, provider).await.unwrap().unwrap();
        assert_eq!(found.last_error, None, "it sends all the same");
        server.tell(Events::Listed);
        rig.clock.advance(Duration::from_mins(12));
        assert_eq!(poll(&rig).await, 1);
        assert_eq!(rig.db.texts("SELECT CAST(failures AS text) FROM provider_polls").await, ["0"]);
    }

    async fn twilio_is_asked_for_answers_and_for_what_became_of_ours(rig: Rig) {
        let server = TwilioServer::start(NOW).await;
        // The last digits of the others are troubles.
        people(&rig, 12).await;
        for n in 1..9 {
            rig.run(&format!("DELETE FROM base_contacts WHERE primary_phone = '{}'", number(n))).await;
        }
        let provider = twilio(&rig, &server, TOKEN).await;
        let id = sending(&rig, provider).await;
        rig.until_sent(id).await;
        server.became(&number(0), "delivered", None);
        server.became(&number(9), "undelivered", Some(30_005));
        server.became(&number(10), "sent", None);
        let ours = "+12025550100";
        server.receive(900, (&number(10), ours), "Stop", NOW);
        server.receive(901, (&number(11), ours), "See you at 9", NOW);
        server.receive(902, (&number(11), "+12025550199"), "For somebody else", NOW);
        begin(&rig).await;
        assert_eq!(poll(&rig).await, 1);
        let all = known(&rig).await;
        for line in [
            format!("{} delivered", number(0)),
            format!("{} bounced", number(9)),
            format!("{} suppressed bounced", number(9)),
            format!("{} suppressed unsubscribed", number(10)),
        ] {
            assert!(all.contains(&line), "{line}: {all:?}");
        }
        assert_eq!(rig.db.texts("SELECT kind FROM inbound_messages ORDER BY kind").await, ["message", "stop"]);
        // A request of Twilio's that comes late tells nothing new.
        let first = row(&rig, &number(0)).await;
        let inbound = rig.services.inbound();
        let told = inbound.delivery(&rig.scope, first, Delivery::Delivered, rig.clock.now());
        assert!(!told.await.unwrap());
        rig.clock.advance(WAIT);
        assert_eq!(poll(&rig).await, 1);
        assert_eq!(known(&rig).await, all);
        server.became(&number(10), "delivered", None);
        rig.clock.advance(WAIT);
        poll(&rig).await;
        assert!(known(&rig).await.contains(&format!("{} delivered", number(10))));
        rig.assert_sound(id).await;
    }

    async fn nobody_is_asked_who_can_tell_by_themselves(rig: Rig) {
        let server = MailgunServer::start().await;
        mailgun(&rig, &server, KEY).await;
        let public = Some("https://crm.example.com".to_owned());
        let reached = Services::reached(rig.db.url(), &rig.clock, public).await;
        assert_eq!(reached.inbound().poll_due().await.unwrap(), 0);
        let incoming = reached.incoming(Trust::system(), Duration::from_secs(1));
        rig.clock.advance(WAIT);
        assert_eq!(reached.inbound().poll_due().await.unwrap(), 0);
        incoming.set_closed(&rig.scope, true).await.unwrap();
        assert_eq!(reached.inbound().poll_due().await.unwrap(), 0);
        rig.clock.advance(WAIT);
        assert_eq!(reached.inbound().poll_due().await.unwrap(), 1, "the port is closed all the same");
        assert_eq!(server.requests().len(), 1);
    }
}

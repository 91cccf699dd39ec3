//! Twilio as a server that nobody here wrote: a text goes out, and what becomes of it comes back, signed.

use std::time::Duration;

use serde_json::json;
use support::emulate_twilio::{EmulateTwilio, NUMBER};
use support::process::Site;
use support::twilio::{ACCOUNT, TOKEN};
use support::{both_databases, ports, wait};

const ADA: &str = "+436641234500";
const SOON: Duration = Duration::from_mins(1);

both_databases! {
    async fn a_text_goes_out_and_its_fate_and_its_answer_come_back(site: Site) {
        let public = site.base();
        let port = ports::free();
        let site = site
            .set("PUBLIC_URL", public.clone())
            .set("OUTBOUND_ALLOW", "127.0.0.0/8");
        let server = site.start().await;
        let owner = server.owner().await;
        let config = json!({
            "account_sid": ACCOUNT, "auth_token": TOKEN, "from": NUMBER, "base_url": format!("http://127.0.0.1:{port}"),
        });
        let new = json!({"kind": "text", "provider_type": "twilio", "config": config, "is_default": true});
        let provider = owner.post("/api/providers", new).await.expect(201).id();
        let twilio = EmulateTwilio::start(port, &format!("{public}/hooks/twilio/{provider}")).await;
        let new = json!({"first_name": "Ada", "primary_phone": ADA});
        let contact = owner.post("/api/contacts", new).await.expect(201).id();
        let text = json!({"channel": "text", "body": "Hi Ada"});
        owner.post(&format!("/api/contacts/{contact}/messages"), text).await.expect(202);
        let known = async |column: &str| {
            site.db.count(&format!("SELECT count({column}) FROM campaign_recipients")).await
        };
        // It is held for some seconds, to be taken back.
        wait::until("the message to leave", SOON, || async {
            (known("sent_at").await == 1).then_some(())
        })
        .await;
        let sent = twilio.list().await;
        assert_eq!(sent.len(), 1, "{sent:?}");
        assert_eq!((&sent[0]["to"], &sent[0]["body"]), (&json!(ADA), &json!("Hi Ada")));
        let sid = sent[0]["sid"].as_str().unwrap();
        let ids = site.db.texts("SELECT external_id FROM campaign_recipients").await;
        assert_eq!(ids, [sid]);

        twilio.simulate("message-status", &[("MessageSid", sid), ("Status", "delivered")]).await;
        wait::until("its fate to come back", SOON, || async {
            (known("delivered_at").await == 1).then_some(())
        })
        .await;
        for (body, count) in [("What time?", 0), ("Stop", 1)] {
            twilio.simulate("inbound-message", &[("From", ADA), ("To", NUMBER), ("Body", body)]).await;
            let noted = "SELECT count(*) FROM inbound_messages WHERE kind IN ('message', 'stop')";
            wait::until("the answer to come in", SOON, || async {
                (site.db.count(noted).await == count + 1).then_some(())
            })
            .await;
            assert_eq!(site.db.count("SELECT count(*) FROM suppressions").await, count);
        }
        assert_eq!(known("replied_at").await, 1);
    }
}

//! What Twilio tells by itself, signed by Twilio's own library: texts that come in and what became of those sent; forged,
//! repeated, disordered and oversized.

use sea_orm::ConnectionTrait as _;
use serde_json::json;
use support::twilio::{ACCOUNT, Fields, TOKEN, sign, sign_sha256};
use support::{Backend, Client, PerBackend, TestApp, both_databases};

const PUBLIC: &str = "https://crm.example.com";
const ADA: &str = "+436641234500";

/// The application with a public address.
struct Reachable(TestApp);

impl PerBackend for Reachable {
    async fn fresh(backend: Backend) -> Self {
        Self(TestApp::start_with(backend, &[("PUBLIC_URL", PUBLIC)]).await)
    }
}

struct Stage {
    app: TestApp,
    owner: Client,
    provider: String,
    contact: String,
}

impl Stage {
    async fn set(app: TestApp) -> Self {
        let owner = app.owner().await;
        let config = json!({"account_sid": ACCOUNT, "auth_token": TOKEN, "from": "+12025550100"});
        let new = json!({"kind": "text", "provider_type": "twilio", "config": config});
        let provider = owner.post("/api/providers", new).await.expect(201).id();
        let new = json!({"first_name": "Ada", "primary_phone": ADA});
        let contact = owner.post("/api/contacts", new).await.expect(201).id();
        Self { app, owner, provider, contact }
    }

    fn path(&self) -> String {
        format!("/hooks/twilio/{}", self.provider)
    }

    /// Posts a form as it is, with this signature.
    async fn post(&self, path: &str, fields: Fields<'_>, signature: &str) -> u16 {
        let client = reqwest::Client::new();
        let request = client.post(format!("{}{path}", self.app.base())).form(fields);
        let request = request.header("x-twilio-signature", signature);
        request.send().await.unwrap().status().as_u16()
    }

    /// The same as Twilio does it.
    async fn tell(&self, path: &str, fields: Fields<'_>) -> u16 {
        let signature = sign(TOKEN, &format!("{PUBLIC}{path}"), fields);
        self.post(path, fields, &signature).await
    }

    async fn texts(&self) -> i64 {
        self.app.db().count("SELECT count(*) FROM communication_logs WHERE type = 'text'").await
    }
}

fn text<'a>(sid: &'a str, body: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("MessageSid", sid),
        ("AccountSid", ACCOUNT),
        ("From", ADA),
        ("To", "+12025550100"),
        ("Body", body),
        ("NumMedia", "0"),
    ]
}

both_databases! {
    async fn texts_come_in_once_and_stop_is_listened_to(app: Reachable) {
        let stage = Stage::set(app.0).await;
        let path = stage.path();
        assert_eq!(stage.tell(&path, &text("SM1", "Grüße & 100 % + mehr")).await, 200);
        assert_eq!(stage.tell(&path, &text("SM1", "Grüße & 100 % + mehr")).await, 200, "told twice");
        assert_eq!(stage.texts().await, 1);
        let shown = stage.owner.get(&format!("/contacts/{}", stage.contact)).await;
        assert!(shown.expect(200).text.contains("100 % + mehr"), "{}", shown.text);
        assert_eq!(stage.tell(&path, &text("SM2", "Stop")).await, 200);
        let list = stage.owner.get("/api/suppressions").await;
        let entry = &list.data()[0];
        assert_eq!((entry["channel"].as_str(), entry["address"].as_str()), (Some("text"), Some(ADA)));
        let send = json!({"channel": "text", "body": "Still there?"});
        let refused = stage.owner.post(&format!("/api/contacts/{}/messages", stage.contact), send).await;
        refused.expect_error(409, "unsubscribed");
    }

    async fn what_is_forged_changes_nothing(app: Reachable) {
        let stage = Stage::set(app.0).await;
        let (path, stop) = (stage.path(), text("SM1", "STOP"));
        let url = format!("{PUBLIC}{path}");
        let genuine = sign(TOKEN, &url, &stop);
        for (what, status) in [
            ("no signature", stage.post(&path, &stop, "").await),
            ("nonsense", stage.post(&path, &stop, "AAAA").await),
            ("another key", stage.post(&path, &stop, &sign("0".repeat(32).as_str(), &url, &stop)).await),
            ("another text", stage.post(&path, &text("SM1", "START"), &genuine).await),
            ("another address", stage.post(&format!("{path}?x=1"), &stop, &genuine).await),
            // The address it was asked by is not the one it was given.
            ("by host", stage.post(&path, &stop, &sign(TOKEN, &format!("{}{path}", stage.app.base()), &stop)).await),
        ] {
            assert_eq!(status, 403, "{what}");
        }
        let big = "x".repeat(40_000);
        let big = text("SM2", &big);
        assert_eq!(stage.tell(&path, &big).await, 413);
        let nobodys = "/hooks/twilio/01920000-0000-7000-8000-000000000001";
        assert_eq!(stage.tell(nobodys, &stop).await, 403);
        assert_eq!(stage.texts().await, 0);
        assert_eq!(stage.app.db().count("SELECT count(*) FROM suppressions").await, 0);
        assert_eq!(stage.app.db().count("SELECT count(*) FROM inbound_messages").await, 0);
    }

    async fn what_became_of_a_text_goes_forward_only(app: Reachable) {
        let stage = Stage::set(app.0).await;
        let db = stage.app.db();
        // A message as it stands once Twilio has taken it; nothing may leave for Twilio here.
        let send = json!({"channel": "text", "body": "Hi"});
        let sent = stage.owner.post(&format!("/api/contacts/{}/messages", stage.contact), send).await;
        let row = sent.expect(202).id();
        let set_sent = format!("UPDATE campaign_recipients SET state = 'sent', sent_at = created_at WHERE id = '{row}'");
        db.raw().execute_unprepared(&set_sent).await.unwrap();
        let path = format!("{}?recipient={row}", stage.path());
        let state = |status: &'static str| [("MessageSid", "SM9"), ("MessageStatus", status), ("To", ADA), ("ErrorCode", "30005")];
        let set = async |column: &str| db.count(&format!("SELECT count({column}) FROM campaign_recipients")).await;
        for status in ["queued", "sent", "something new"] {
            assert_eq!(stage.tell(&path, &state(status)).await, 200);
        }
        assert_eq!((set("delivered_at").await, set("bounced_at").await), (0, 0));
        assert_eq!(stage.tell(&path, &state("delivered")).await, 200);
        for late in ["undelivered", "sent", "delivered"] {
            assert_eq!(stage.tell(&path, &state(late)).await, 200);
        }
        assert_eq!((set("delivered_at").await, set("bounced_at").await), (1, 0));
        assert_eq!(db.count("SELECT count(*) FROM suppressions").await, 0);
    }

    async fn a_shared_key_signs_in_place_of_the_token(app: Reachable) {
        let stage = Stage::set(app.0).await;
        let (path, stop) = (stage.path(), text("SM1", "STOP"));
        let url = format!("{PUBLIC}{path}");
        let post = async |settings: &str, signature: String| {
            let request = reqwest::Client::new().post(format!("{}{path}", stage.app.base()));
            let request = request.form(&stop).header("x-twilio-signature", signature);
            let request = request.header("x-twilio-webhooks-signature-settings", settings);
            request.send().await.unwrap().status().as_u16()
        };
        let settings = "key=CS0123456789abcdef,algorithm=HMAC_SHA256";
        assert_eq!(post(settings, sign_sha256("shared-s3cret", &url, &stop)).await, 403, "none is entered");
        let config = json!({
            "account_sid": ACCOUNT, "from": "+12025550100", "webhook_key": "shared-s3cret",
        });
        let change = json!({"kind": "text", "provider_type": "twilio", "config": config});
        stage.owner.put(&format!("/api/providers/{}", stage.provider), change).await.expect(200);
        for (what, settings, signature) in [
            ("the token", settings, sign_sha256(TOKEN, &url, &stop)),
            ("the other way", settings, sign("shared-s3cret", &url, &stop)),
            ("an unknown way", "key=CS,algorithm=HMAC_MD5", sign_sha256("shared-s3cret", &url, &stop)),
            ("no way", "key=CS", sign_sha256("shared-s3cret", &url, &stop)),
        ] {
            assert_eq!(post(settings, signature).await, 403, "{what}");
        }
        assert_eq!(stage.post(&path, &stop, &sign("shared-s3cret", &url, &stop)).await, 403);
        assert_eq!(stage.texts().await, 0);
        assert_eq!(post(settings, sign_sha256("shared-s3cret", &url, &stop)).await, 200);
        assert_eq!(stage.texts().await, 1);
        // Without the header the token signs, as before.
        assert_eq!(stage.tell(&path, &text("SM2", "Hello")).await, 200);
    }

    async fn json_is_believed_by_the_hash_in_the_address(app: Reachable) {
        let stage = Stage::set(app.0).await;
        let body = json!({"MessageSid": "SM1", "From": ADA, "To": "+12025550100", "Body": "Stop"});
        let body = body.to_string();
        let path = format!("{}?bodySHA256={}", stage.path(), support::twilio::sha256(&body));
        let post = async |body: String| {
            let request = reqwest::Client::new().post(format!("{}{path}", stage.app.base()));
            let signature = sign(TOKEN, &format!("{PUBLIC}{path}"), &[]);
            let request = request.header("x-twilio-signature", signature).body(body);
            let request = request.header("content-type", "application/json");
            request.send().await.unwrap().status().as_u16()
        };
        assert_eq!(post(body.replace("Stop", "Start")).await, 403);
        assert_eq!(stage.app.db().count("SELECT count(*) FROM suppressions").await, 0);
        assert_eq!(post(body).await, 200);
        assert_eq!(stage.app.db().count("SELECT count(*) FROM suppressions").await, 1);
    }
}

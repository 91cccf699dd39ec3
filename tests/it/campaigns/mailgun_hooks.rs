//! What Mailgun tells by itself, signed by Python's own library: forged, kept, repeated, disordered, oversized, and of somebody
//! else.

use std::time::{SystemTime, UNIX_EPOCH};

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use support::mailgun::{DOMAIN, KEY, WEBHOOK_KEY, event, webhook};
use support::{Backend, Client, PerBackend, Snapshot, TestApp, both_databases};

const ADA: &str = "ada@example.com";

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// A Mailgun account of a workspace.
async fn account(owner: &Client, key: &str) -> String {
    let config = json!({
        "domain": DOMAIN, "api_key": KEY, "webhook_key": key,
        "from_email": "hello@mg.acme.example", "from_name": "Acme",
    });
    let new = json!({"kind": "email", "provider_type": "mailgun", "config": config});
    owner.post("/api/providers", new).await.expect(201).id()
}

/// The application with a public address, so that nobody is asked.
struct Reachable(TestApp);

impl PerBackend for Reachable {
    async fn fresh(backend: Backend) -> Self {
        let public = [("PUBLIC_URL", "https://crm.example.com")];
        Self(TestApp::start_with(backend, &public).await)
    }
}

struct Stage {
    app: TestApp,
    owner: Client,
    provider: String,
    row: String,
}

impl Stage {
    async fn set(app: TestApp) -> Self {
        let owner = app.owner().await;
        let provider = account(&owner, WEBHOOK_KEY).await;
        let new = json!({"first_name": "Ada", "primary_email": ADA});
        let contact = owner.post("/api/contacts", new).await.expect(201).id();
        let letter = json!({"channel": "email", "subject": "S", "body": "Hi"});
        let queued = owner.post(&format!("/api/contacts/{contact}/messages"), letter).await;
        let row = queued.expect(202).id();
        // A message as it stands once Mailgun has taken it; nothing may leave for Mailgun here.
        let as_taken = format!(
            "UPDATE campaign_recipients SET state = 'sent', sent_at = created_at, provider_id = '{provider}' \
             WHERE id = '{row}'"
        );
        app.db().raw().execute_unprepared(&as_taken).await.unwrap();
        let over = "UPDATE campaigns SET status = 'sent', finished_at = created_at, count_sent = 1";
        app.db().raw().execute_unprepared(over).await.unwrap();
        Self { app, owner, provider, row }
    }

    async fn post(&self, provider: &str, body: String) -> u16 {
        let url = format!("{}/hooks/mailgun/{provider}", self.app.base());
        let request = reqwest::Client::new().post(url).header("content-type", "application/json");
        request.body(body).send().await.unwrap().status().as_u16()
    }

    /// An event as Mailgun tells it, just now.
    async fn tell(&self, token: &str, kind: &str, more: Value) -> u16 {
        let event = event(&format!("e-{token}"), kind, &self.row, &more);
        self.post(&self.provider, webhook(WEBHOOK_KEY, (now(), token), &event)).await
    }

    async fn is_set(&self, column: &str) -> bool {
        let count = format!("SELECT count({column}) FROM campaign_recipients");
        self.app.db().count(&count).await > 0
    }

    async fn suppressed(&self) -> Vec<String> {
        self.app.db().texts("SELECT address || ' ' || reason FROM suppressions").await
    }

    /// Waits for the server to have done what it does by itself.
    async fn unchanged_by(&self, before: &Snapshot) -> Vec<String> {
        before.differences(&Snapshot::of(self.app.db()).await)
    }
}

fn permanent(code: u16, enhanced: &str) -> Value {
    json!({
        "severity": "permanent", "reason": "bounce",
        "delivery-status": {"code": code, "enhanced-code": enhanced, "message": "No such user here"},
    })
}

both_databases! {
    async fn a_bounce_counts_once_and_the_address_gets_no_more(app: Reachable) {
        let stage = Stage::set(app.0).await;
        for (token, kind, more) in [
            ("t1", "accepted", json!({})),
            ("t2", "opened", json!({})),
            ("t3", "failed", json!({"severity": "temporary", "reason": "generic"})),
        ] {
            assert_eq!(stage.tell(token, kind, more).await, 200);
        }
        assert!(!stage.is_set("bounced_at").await && !stage.is_set("delivered_at").await);
        assert_eq!(stage.tell("t4", "failed", permanent(550, "5.1.1")).await, 200);
        assert!(stage.is_set("bounced_at").await);
        assert_eq!(stage.suppressed().await, [format!("{ADA} bounced")]);
        let before = Snapshot::of(stage.app.db()).await;
        // The same request once more, and what comes late.
        assert_eq!(stage.tell("t4", "failed", permanent(550, "5.1.1")).await, 200);
        assert_eq!(stage.unchanged_by(&before).await, Vec::<String>::new());
        assert_eq!(stage.tell("t5", "delivered", json!({})).await, 200);
        assert!(!stage.is_set("delivered_at").await);
        let timeline = "SELECT count(*) FROM communication_logs WHERE type = 'system'";
        assert_eq!(stage.app.db().count(timeline).await, 1);
    }

    async fn what_arrived_does_not_come_back(app: Reachable) {
        let stage = Stage::set(app.0).await;
        assert_eq!(stage.tell("t1", "delivered", json!({})).await, 200);
        assert!(stage.is_set("delivered_at").await);
        assert_eq!(stage.tell("t2", "failed", permanent(550, "5.1.1")).await, 200);
        assert!(!stage.is_set("bounced_at").await);
        assert_eq!(stage.suppressed().await, Vec::<String>::new());
    }

    async fn a_complaint_and_a_wish_are_obeyed_once(app: Reachable) {
        let stage = Stage::set(app.0).await;
        assert_eq!(stage.tell("t1", "unsubscribed", json!({})).await, 200);
        assert_eq!(stage.suppressed().await, [format!("{ADA} unsubscribed")]);
        assert!(stage.is_set("unsubscribed_at").await);
        // They come back; the same event, told again in another request, is no second wish.
        let back = "DELETE FROM suppressions";
        stage.app.db().raw().execute_unprepared(back).await.unwrap();
        let again = event("e-t1", "unsubscribed", &stage.row, &json!({}));
        let again = webhook(WEBHOOK_KEY, (now(), "t2"), &again);
        assert_eq!(stage.post(&stage.provider, again).await, 200);
        assert_eq!(stage.suppressed().await, Vec::<String>::new());
        assert_eq!(stage.tell("t3", "complained", json!({})).await, 200);
        assert_eq!(stage.suppressed().await, [format!("{ADA} complained")]);
    }

    async fn what_is_forged_old_or_somebody_elses_changes_nothing(app: Reachable) {
        let stage = Stage::set(app.0).await;
        let other = account(&stage.owner, "whsk-another").await;
        let keyless = json!({"domain": DOMAIN, "api_key": KEY, "from_email": "a@mg.acme.example", "from_name": "A"});
        let keyless = json!({"kind": "email", "provider_type": "mailgun", "config": keyless});
        let keyless = stage.owner.post("/api/providers", keyless).await.expect(201).id();
        let elsewhere = stage.owner.post("/api/workspaces", json!({"name": "Elsewhere"})).await;
        let elsewhere = stage.owner.in_workspace(&elsewhere.expect(201).id());
        let theirs = account(&elsewhere, "whsk-theirs").await;
        let bounce = event("e1", "failed", &stage.row, &permanent(550, "5.1.1"));
        let signed = |key: &str, at: i64, token: &str| webhook(key, (at, token), &bounce);
        let tampered = signed(WEBHOOK_KEY, now(), "t1").replace("\"t1\"", "\"t2\"");
        let big = event("e1", "failed", &stage.row, &json!({"severity": "permanent", "x": "x".repeat(200_000)}));
        let mine = stage.provider.as_str();
        let nobodys = "01920000-0000-7000-8000-000000000001";
        let before = Snapshot::of(stage.app.db()).await;
        for (what, provider, body, status) in [
            ("no JSON", mine, "<html>".to_owned(), 406),
            ("no signature", mine, json!({"event-data": bounce}).to_string(), 406),
            ("the API key", mine, signed(KEY, now(), "t3"), 406),
            ("another token", mine, tampered, 406),
            ("old", mine, signed(WEBHOOK_KEY, now() - 330, "t4"), 406),
            ("of tomorrow", mine, signed(WEBHOOK_KEY, now() + 330, "t5"), 406),
            ("too large", mine, webhook(WEBHOOK_KEY, (now(), "t6"), &big), 406),
            ("another account's key", mine, signed("whsk-another", now(), "t7"), 406),
            ("nobody's", nobodys, signed(WEBHOOK_KEY, now(), "t8"), 406),
            ("no key", &keyless, signed("", now(), "t9"), 406),
            // Rightly signed, of a message that account was never given.
            ("another account", &other, signed("whsk-another", now(), "t10"), 200),
            ("another workspace", &theirs, signed("whsk-theirs", now(), "t11"), 200),
        ] {
            assert_eq!(stage.post(provider, body).await, status, "{what}");
        }
        assert_eq!(stage.unchanged_by(&before).await, Vec::<String>::new());
    }

    async fn a_message_in_doubt_was_taken(app: Reachable) {
        let stage = Stage::set(app.0).await;
        let doubt = "UPDATE campaign_recipients SET state = 'unknown', sent_at = NULL, attempts = 1";
        stage.app.db().raw().execute_unprepared(doubt).await.unwrap();
        let by_id = json!({"user-variables": {}});
        assert_eq!(stage.tell("t1", "delivered", by_id).await, 200);
        let state = stage.app.db().texts("SELECT state FROM campaign_recipients").await;
        assert_eq!(state, ["sent"]);
        assert!(stage.is_set("delivered_at").await);
    }

    async fn the_key_goes_in_and_never_comes_out(app: Reachable) {
        let stage = Stage::set(app.0).await;
        let path = format!("/api/providers/{}", stage.provider);
        let shown = stage.owner.get(&path).await;
        assert_eq!(shown.expect(200).data()["config"]["webhook_key"], "••••");
        let page = stage.owner.get(&format!("/settings/providers/{}", stage.provider)).await;
        assert!(page.expect(200).text.contains("A key is stored") && !page.text.contains(WEBHOOK_KEY));
        assert_eq!(Snapshot::of(stage.app.db()).await.holding(WEBHOOK_KEY), Vec::<&str>::new());
        // A change that does not name it keeps it.
        let change = json!({"kind": "email", "provider_type": "mailgun", "name": "Post", "config": {
            "domain": DOMAIN, "from_email": "hello@mg.acme.example", "from_name": "Acme", "webhook_key": "••••",
        }});
        stage.owner.put(&path, change).await.expect(200);
        assert_eq!(stage.tell("t1", "delivered", json!({})).await, 200);
        assert!(stage.is_set("delivered_at").await);
    }
}

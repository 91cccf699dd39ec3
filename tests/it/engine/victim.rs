//! A whole server that is killed while it sends, driven as a user drives it.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::multipart::{Form, Part};
use sea_orm::ConnectionTrait;
use serde_json::json;
use support::process::{OWNER_EMAIL, PASSWORD, Process, Site, first_user};
use support::{Backend, Client, PerBackend, wait};

use super::rig::SOON;

/// Messages in flight at once, with either provider, where a test does not say.
pub(super) const CONCURRENCY: i64 = 4;

/// The promise: sending goes on within this time after a start.
const RECOVERY: Duration = Duration::from_secs(10);

/// On PostgreSQL a silent process is given a minute before it is taken for dead.
const FINISH: Duration = Duration::from_secs(150);

/// One installation that is killed over and over while it sends a campaign.
pub(super) struct Victim {
    pub(super) process: Process,
    pub(super) client: Client,
    pub(super) site: Site,
    pub(super) seed: u64,
    /// Who was in flight at any of its ends.
    pub(super) at_crash: BTreeSet<String>,
    random: u64,
}

impl Victim {
    /// A server with its first user and so many contacts.
    pub(super) async fn begin(backend: Backend, people: usize) -> Self {
        Self::on(Site::fresh(backend).await, people).await
    }

    /// The same on this site.
    pub(super) async fn on(site: Site, people: usize) -> Self {
        let seed = std::env::var("PI_CRM_KILL_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            u64::try_from(now.unwrap().as_nanos() % u128::from(u64::MAX)).unwrap()
        });
        let process = site.start().await;
        let code = process.setup_code().await;
        process.client().post("/api/auth/register", first_user(&code)).await.expect(201);
        let mut client = process.client();
        client.login(OWNER_EMAIL, PASSWORD).await;
        let victim = Self { process, client, site, seed, at_crash: BTreeSet::new(), random: seed };
        victim.import(people).await;
        victim
    }

    async fn import(&self, people: usize) {
        let wanted = i64::try_from(people).unwrap();
        self.upload(people).await;
        wait::until("the import to end", SOON, || async {
            let done = self.count("SELECT count(*) FROM imports WHERE state = 'done'").await;
            (done == 1).then_some(())
        })
        .await;
        assert_eq!(self.count("SELECT count(*) FROM base_contacts").await, wanted);
    }

    /// Has a file of so many people imported, and does not wait for it.
    pub(super) async fn upload(&self, people: usize) -> String {
        let people = (0..people).map(|number| format!("Rita {number},r{number:03}@example.com\n"));
        let csv: String = std::iter::once("First name,Email\n".to_owned()).chain(people).collect();
        let mapping = json!({"First name": "first_name", "Email": "primary_email"}).to_string();
        let form = Form::new()
            .part("file", Part::text(csv).file_name("people.csv"))
            .text("mapping", mapping)
            .text("mode", "skip");
        let answer = self.client.upload("/api/import", form).await;
        answer.expect(202).id()
    }

    pub(super) async fn smtp(&self, port: u16, connections: i64) -> String {
        let body = json!({
            "kind": "email", "provider_type": "smtp", "is_default": false,
            "config": {
                "host": "127.0.0.1", "port": port, "security": "none", "connections": connections,
                "from_email": "hello@acme.example", "from_name": "Acme",
            },
        });
        self.client.post("/api/providers", body).await.expect(201).id()
    }

    /// Makes a campaign to everybody and sends it.
    pub(super) async fn send(&self, provider: Option<&str>) -> String {
        let template = json!({
            "name": "News", "channel": "email", "format": "html", "subject": "News for {{ contact.first_name }}",
            "body_html": "<p>Dear {{ contact.first_name }}, all is well.</p>",
        });
        let template = self.client.post("/api/templates", template).await.expect(201).id();
        let campaign = json!({
            "name": "News", "type": "email", "template_id": template, "segment_json": {"all": []},
            "provider_id": provider,
        });
        let id = self.client.post("/api/campaigns", campaign).await.expect(201).id();
        for step in ["submit", "approve", "send"] {
            self.client.post(&format!("/api/campaigns/{id}/{step}"), json!({})).await.expect(200);
        }
        id
    }

    /// Kills and restarts the server `kills` times, or until the campaign is sent; then waits for that. Returns how
    /// often it was killed.
    pub(super) async fn kill_until_sent(&mut self, kills: usize) -> usize {
        let mut killed = 0;
        while killed < kills && !self.is_sent().await {
            // The moment lies anywhere between two commits of a campaign under way.
            let before = self.sent().await;
            self.goes_on(before).await;
            tokio::time::sleep(Duration::from_micros(self.next() % 500_000)).await;
            self.process.kill();
            killed += 1;
            if self.site.db.backend() == Backend::Postgres {
                // A transaction that was on its way may still commit; it has the campaign until then.
                let wait = "UPDATE campaigns SET name = name";
                self.site.db.raw().execute_unprepared(wait).await.unwrap();
            }
            let in_flight = self.in_state("sending").await;
            self.at_crash.extend(in_flight);
            self.tell(&format!("killed after {} were sent", self.sent().await));

            let seed = self.seed;
            let in_flight = self
                .count("SELECT count(*) FROM campaign_recipients WHERE state = 'sending'")
                .await;
            assert!(
                in_flight <= CONCURRENCY * i64::try_from(killed).unwrap(),
                "seed {seed}: {in_flight} in flight after {killed} kills"
            );
            self.process = self.site.start().await;
        }
        assert!(killed > 0, "the campaign was over before it could be interrupted");
        self.tell(&format!("killed {killed} times, {} sent by then", self.sent().await));
        wait::until("the campaign to be sent", FINISH, || async {
            self.is_sent().await.then_some(())
        })
        .await;
        killed
    }

    #[expect(clippy::print_stderr, reason = "the harness keeps it for a test that fails")]
    pub(super) fn tell(&self, what: &str) {
        eprintln!("seed {}: {what}", self.seed);
    }

    /// Waits until more has been sent than `before`, which must not take longer than promised.
    pub(super) async fn goes_on(&self, before: i64) {
        let left = RECOVERY.saturating_sub(self.process.started().elapsed());
        wait::until(&format!("something to be sent, seed {}", self.seed), left, || async {
            let goes_on = self.sent().await > before || self.waiting().await == 0;
            goes_on.then_some(())
        })
        .await;
    }

    /// What must hold at the end, whoever sent it.
    pub(super) async fn assert_books(&self) {
        let seed = self.seed;
        for state in ["sent", "failed", "skipped", "unknown"] {
            let sql = format!(
                "SELECT (SELECT count_{state} FROM campaigns) - \
                 (SELECT count(*) FROM campaign_recipients WHERE state = '{state}')"
            );
            assert_eq!(self.count(&sql).await, 0, "seed {seed}: the counter of {state}");
        }
        let sql = "SELECT count(*) FROM campaign_recipients WHERE state IN ('queued', 'sending', 'retry_wait', 'failed', 'skipped')";
        assert_eq!(self.count(sql).await, 0, "seed {seed}");
        let unlike = "SELECT count(*) FROM campaign_recipients r WHERE (r.state = 'sent') <> EXISTS \
            (SELECT 1 FROM communication_logs l WHERE l.campaign_recipient_id = r.id)";
        assert_eq!(self.count(unlike).await, 0, "seed {seed}: timeline and ledger differ");
        // The audit log survived as well.
        let audit = self.client.get("/api/audit/verify").await;
        assert_eq!(audit.expect(200).data()["ok"], true, "seed {seed}: {}", audit.text);
    }

    pub(super) async fn in_state(&self, state: &str) -> BTreeSet<String> {
        let sql = format!("SELECT address FROM campaign_recipients WHERE state = '{state}'");
        self.site.db.texts(&sql).await.into_iter().collect()
    }

    pub(super) async fn sent(&self) -> i64 {
        self.count("SELECT count(*) FROM campaign_recipients WHERE state = 'sent'").await
    }

    pub(super) async fn waiting(&self) -> i64 {
        self.count("SELECT count(*) FROM campaign_recipients WHERE state = 'queued'").await
    }

    pub(super) async fn is_sent(&self) -> bool {
        self.count("SELECT count(*) FROM campaigns WHERE status = 'sent'").await == 1
    }

    pub(super) async fn count(&self, sql: &str) -> i64 {
        self.site.db.count(sql).await
    }

    /// The next number of a random sequence (`SplitMix64`).
    pub(super) fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

//! `kill -9` at any moment, again and again, and then the books are compared: what the mail server took against what
//! the ledger says. The whole server runs, driven as a user drives it; the moments are random, and their seed is in the
//! message of a test that fails (`PI_CRM_KILL_SEED` repeats it as far as timing can be repeated).

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde_json::json;
use support::process::{OWNER_EMAIL, PASSWORD, Process, Site, first_user};
use support::smtp::SmtpSink;
use support::{Backend, Client, PerBackend, wait};

use super::relay::Relay;
use super::rig::{SOON, assert_once};

const PEOPLE: usize = 500;

/// Messages in flight at once, with either provider.
const CONCURRENCY: i64 = 4;

/// Each of the four replies to a message takes this much longer: a campaign lasts a few seconds.
const DELAY: Duration = Duration::from_millis(5);

/// The promise: sending goes on within this time after a start.
const RECOVERY: Duration = Duration::from_secs(10);

/// On PostgreSQL a silent process is given a minute before it is taken for dead.
const FINISH: Duration = Duration::from_secs(150);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn smtp_on_sqlite() {
    over_smtp(Backend::Sqlite, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn smtp_on_sqlite_once_more() {
    over_smtp(Backend::Sqlite, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn smtp_on_postgres() {
    over_smtp(Backend::Postgres, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn practice_on_sqlite() {
    into_the_practice_outbox(Backend::Sqlite, 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn practice_on_postgres() {
    into_the_practice_outbox(Backend::Postgres, 3).await;
}

async fn over_smtp(backend: Backend, kills: usize) {
    let sink = SmtpSink::start();
    let relay = Relay::to(sink.port(), DELAY).await;
    let mut torture = Torture::begin(backend).await;
    let provider = torture.smtp(relay.port()).await;
    torture.send(Some(&provider)).await;
    let kills = torture.kill_until_sent(kills).await;

    let seed = torture.seed;
    let taken = sink.recipients();
    assert_once(&taken);
    let (sent, unknown) = (torture.in_state("sent").await, torture.in_state("unknown").await);
    let taken: BTreeSet<String> = taken.into_iter().collect();
    let lost: Vec<_> = sent.difference(&taken).collect();
    assert!(lost.is_empty(), "seed {seed}: {} called sent and never taken: {lost:?}", lost.len());
    let doubt: BTreeSet<String> = taken.difference(&sent).cloned().collect();
    assert!(doubt.is_subset(&unknown), "seed {seed}: taken and not known: {doubt:?}");
    assert_eq!(sent.len() + unknown.len(), PEOPLE, "seed {seed}");
    let most = usize::try_from(CONCURRENCY).unwrap() * kills;
    torture.tell(&format!("{} unknown, {} of them taken", unknown.len(), doubt.len()));
    assert!(unknown.len() <= most, "seed {seed}: {} unknown after {kills} kills", unknown.len());
    torture.assert_books().await;
}

async fn into_the_practice_outbox(backend: Backend, kills: usize) {
    let mut torture = Torture::begin(backend).await;
    torture.send(None).await;
    torture.kill_until_sent(kills).await;

    let seed = torture.seed;
    let taken = torture.site.db.texts("SELECT to_address FROM practice_messages").await;
    assert_once(&taken);
    // It can be asked, so nothing is left in doubt.
    assert_eq!(taken.len(), PEOPLE, "seed {seed}");
    assert_eq!(torture.in_state("sent").await.len(), PEOPLE, "seed {seed}");
    torture.assert_books().await;
}

/// One installation that is killed over and over while it sends a campaign.
struct Torture {
    process: Process,
    client: Client,
    site: Site,
    seed: u64,
    random: u64,
}

impl Torture {
    /// A server with its first user and 500 contacts.
    async fn begin(backend: Backend) -> Self {
        let seed = std::env::var("PI_CRM_KILL_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            u64::try_from(now.unwrap().as_nanos() % u128::from(u64::MAX)).unwrap()
        });
        let site = Site::fresh(backend).await;
        let process = site.start().await;
        let code = process.setup_code().await;
        process.client().post("/api/auth/register", first_user(&code)).await.expect(201);
        let mut client = process.client();
        client.login(OWNER_EMAIL, PASSWORD).await;
        let torture = Self { process, client, site, seed, random: seed };
        torture.import().await;
        torture
    }

    async fn import(&self) {
        let people = (0..PEOPLE).map(|number| format!("Rita {number},r{number:03}@example.com\n"));
        let csv: String = std::iter::once("First name,Email\n".to_owned()).chain(people).collect();
        let mapping = json!({"First name": "first_name", "Email": "primary_email"}).to_string();
        let form = Form::new()
            .part("file", Part::text(csv).file_name("people.csv"))
            .text("mapping", mapping)
            .text("mode", "skip");
        let answer = self.client.upload("/api/import", form).await;
        let path = format!("/api/import/{}", answer.expect(202).id());
        wait::until("the import to end", SOON, || async {
            let answer = self.client.get(&path).await;
            let state = answer.expect(200).data()["state"].as_str().unwrap().to_owned();
            assert_ne!(state, "failed", "{}", answer.text);
            (state == "done").then_some(())
        })
        .await;
        assert_eq!(self.count("SELECT count(*) FROM base_contacts").await, 500);
    }

    async fn smtp(&self, port: u16) -> String {
        let body = json!({
            "kind": "email", "provider_type": "smtp", "is_default": false,
            "config": {
                "host": "127.0.0.1", "port": port, "security": "none", "connections": CONCURRENCY,
                "from_email": "hello@acme.example", "from_name": "Acme",
            },
        });
        self.client.post("/api/providers", body).await.expect(201).id()
    }

    /// Makes a campaign to everybody and sends it.
    async fn send(&self, provider: Option<&str>) -> String {
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
    async fn kill_until_sent(&mut self, kills: usize) -> usize {
        let mut killed = 0;
        while killed < kills && !self.is_sent().await {
            // The moment lies anywhere between two commits of a campaign under way.
            let before = self.sent().await;
            self.goes_on(before).await;
            tokio::time::sleep(Duration::from_micros(self.next() % 500_000)).await;
            self.process.kill();
            killed += 1;
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
    fn tell(&self, what: &str) {
        eprintln!("seed {}: {what}", self.seed);
    }

    /// Waits until more has been sent than `before`, which must not take longer than promised.
    async fn goes_on(&self, before: i64) {
        let start = self.process.started();
        while self.sent().await <= before && self.waiting().await > 0 {
            assert!(
                start.elapsed() < RECOVERY,
                "seed {}: nothing sent for {RECOVERY:?}",
                self.seed
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// What must hold at the end, whoever sent it.
    async fn assert_books(&self) {
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

    async fn in_state(&self, state: &str) -> BTreeSet<String> {
        let sql = format!("SELECT address FROM campaign_recipients WHERE state = '{state}'");
        self.site.db.texts(&sql).await.into_iter().collect()
    }

    async fn sent(&self) -> i64 {
        self.count("SELECT count(*) FROM campaign_recipients WHERE state = 'sent'").await
    }

    async fn waiting(&self) -> i64 {
        self.count("SELECT count(*) FROM campaign_recipients WHERE state = 'queued'").await
    }

    async fn is_sent(&self) -> bool {
        self.count("SELECT count(*) FROM campaigns WHERE status = 'sent'").await == 1
    }

    async fn count(&self, sql: &str) -> i64 {
        self.site.db.count(sql).await
    }

    /// The next number of a random sequence (`SplitMix64`).
    fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

//! What takes too long for every run: `cargo xtask torture` runs it, with a binary that can be told to end at named places
//! (`PI_CRM_ABORT_AT`) and to be wrong on purpose (`PI_CRM_MUTANT`): a harness that never failed proves nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crm_core::IdGen as _;
use crm_core::clock::SystemIds;
use sea_orm::ConnectionTrait;
use support::process::Site;
use support::smtp::faults::FaultServer;
use support::{Backend, PerBackend, TestDb, paths, wait};
use tempfile::TempDir;

use super::rig::assert_once;
use super::victim::{CONCURRENCY, Victim};

const PEOPLE: usize = 500;

/// How long the mail server takes for each message: a campaign lasts some seconds.
const DELAY: Duration = Duration::from_millis(30);

/// Longer than a start and the rest of a campaign take.
const END: Duration = Duration::from_secs(60);

const KEYS: [(&str, &str); 2] = [
    ("SESSION_SECRET", "a key of the torture tests, long enough"),
    ("ENCRYPTION_KEY", "another key of them, also long enough!!"),
];

fn rounds() -> usize {
    std::env::var("PI_CRM_TORTURE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(20)
}

/// An installation whose keys are in its settings, wrong in the way that was asked for.
fn prepared(mut site: Site) -> Site {
    for (name, value) in KEYS {
        site = site.set(name, value);
    }
    match std::env::var("PI_CRM_MUTANT") {
        Ok(mutant) => site.set("PI_CRM_MUTANT", mutant),
        Err(_) => site,
    }
}

async fn resend(db: &TestDb) {
    let id = SystemIds.uuid();
    let sql = format!(
        "INSERT INTO system_settings (id, scope, scope_id, setting_key, setting_value) \
         SELECT '{id}', 'workspace', id, 'send_policy', \
         '{{\"approve_own\":true,\"resend_unknown\":true,\"max_drift_percent\":10}}' FROM workspaces"
    );
    db.raw().execute_unprepared(&sql).await.unwrap();
}

/// Who got it how often.
fn copies(server: &FaultServer) -> BTreeMap<String, usize> {
    let mut copies = BTreeMap::new();
    for to in server.recipients() {
        *copies.entry(to).or_default() += 1;
    }
    copies
}

/// What must hold where nothing is sent again unasked: nobody is lost, nobody got two.
async fn assert_held(victim: &Victim, server: &FaultServer, kills: usize) {
    let seed = victim.seed;
    let taken = server.recipients();
    assert_once(&taken);
    let taken: BTreeSet<String> = taken.into_iter().collect();
    let (sent, unknown) = (victim.in_state("sent").await, victim.in_state("unknown").await);
    let lost: Vec<_> = sent.difference(&taken).collect();
    assert!(lost.is_empty(), "seed {seed}: {} called sent and never taken: {lost:?}", lost.len());
    let doubt: BTreeSet<String> = taken.difference(&sent).cloned().collect();
    assert!(doubt.is_subset(&unknown), "seed {seed}: taken and not known: {doubt:?}");
    assert_eq!(sent.len() + unknown.len(), PEOPLE, "seed {seed}");
    let most = usize::try_from(CONCURRENCY).unwrap() * kills;
    assert!(unknown.len() <= most, "seed {seed}: {} unknown after {kills} kills", unknown.len());
    victim.tell(&format!("held: {} unknown, {} of them taken", unknown.len(), doubt.len()));
}

/// What must hold where it is sent again: nobody is lost, and whoever got two was in flight at a kill.
async fn assert_resent(victim: &Victim, server: &FaultServer, kills: usize) {
    let seed = victim.seed;
    assert_eq!(victim.in_state("sent").await.len(), PEOPLE, "seed {seed}");
    let copies = copies(server);
    assert_eq!(copies.len(), PEOPLE, "seed {seed}: called sent and never taken");
    let doubled: BTreeSet<String> =
        copies.iter().filter(|(_, count)| **count > 1).map(|(to, _)| to.clone()).collect();
    let unasked: Vec<_> = doubled.difference(&victim.at_crash).collect();
    assert!(unasked.is_empty(), "seed {seed}: got it twice and was not in flight: {unasked:?}");
    let extra: usize = copies.values().map(|count| count - 1).sum();
    let most = usize::try_from(CONCURRENCY).unwrap() * kills;
    assert!(extra <= most, "seed {seed}: {extra} doubles after {kills} kills");
    let ids: BTreeSet<String> = server.taken().into_iter().map(|taken| taken.message_id).collect();
    assert_eq!(ids.len(), PEOPLE, "seed {seed}: a message has one Message-ID on every attempt");
    victim.tell(&format!("sent again: {extra} doubles after {kills} kills"));
}

async fn kill_loop(backend: Backend, rounds: usize) {
    for round in 0..rounds {
        let server = FaultServer::slow(DELAY);
        let mut victim = Victim::on(prepared(Site::fresh(backend).await), PEOPLE).await;
        let again = round % 2 == 1;
        if again {
            resend(&victim.site.db).await;
        }
        let provider = victim.smtp(server.port(), CONCURRENCY).await;
        victim.send(Some(&provider)).await;
        let kills = victim.kill_until_sent(6).await;
        if again {
            assert_resent(&victim, &server, kills).await;
        } else {
            assert_held(&victim, &server, kills).await;
        }
        victim.assert_books().await;
        victim.tell(&format!("round {} of {rounds}: {kills} kills", round + 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_on_sqlite() {
    kill_loop(Backend::Sqlite, rounds()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_on_postgres() {
    // A killed server counts as alive for a minute there.
    kill_loop(Backend::Postgres, rounds().div_ceil(10)).await;
}

/// Ends at each named place once, with one message at a time so that what follows is certain.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn named_places() {
    for (place, doubles) in [
        ("after_claim", 0),
        ("before_data", 0),
        ("after_accept", 1),
        ("before_outcome", 1),
        ("after_outcome", 0),
    ] {
        let server = FaultServer::start();
        let site = prepared(Site::fresh(Backend::Sqlite).await);
        let site = site.set("PI_CRM_ABORT_AT", format!("{place}:5"));
        let mut victim = Victim::on(site, 30).await;
        resend(&victim.site.db).await;
        let provider = victim.smtp(server.port(), 1).await;
        victim.send(Some(&provider)).await;
        wait::until(&format!("an end at {place}"), END, || async { victim.process.ended() }).await;
        victim.site.put("PI_CRM_ABORT_AT", "nowhere");
        victim.process = victim.site.start().await;
        wait::until("the campaign to be sent", END, || async {
            victim.is_sent().await.then_some(())
        })
        .await;
        let copies = copies(&server);
        let extra: usize = copies.values().map(|count| count - 1).sum();
        assert_eq!((copies.len(), extra), (30, doubles), "{place}");
        victim.assert_books().await;
        victim.tell(&format!("{place}: {extra} doubles"));
    }
}

/// An import that ended in the middle of a batch ends with the contacts of one that did not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_ends_the_same() {
    const ROWS: i64 = 3000;
    let site = prepared(Site::fresh(Backend::Sqlite).await);
    // The first import of one row passes the place once.
    let mut victim = Victim::on(site.set("PI_CRM_ABORT_AT", "mid_import_batch:4"), 1).await;
    victim.upload(usize::try_from(ROWS).unwrap()).await;
    wait::until("an end in a batch", END, || async { victim.process.ended() }).await;
    victim.site.put("PI_CRM_ABORT_AT", "nowhere");
    victim.process = victim.site.start().await;
    wait::until("the import to be done", END, || async {
        let open = "SELECT count(*) FROM imports WHERE state <> 'done'";
        (victim.count(open).await == 0).then_some(())
    })
    .await;
    assert_eq!(victim.count("SELECT count(*) FROM base_contacts").await, ROWS);
    let different = "SELECT count(DISTINCT primary_email) FROM base_contacts";
    assert_eq!(victim.count(different).await, ROWS);
    let counted = "SELECT total FROM imports ORDER BY created_at DESC LIMIT 1";
    assert_eq!(victim.count(counted).await, ROWS, "no row was counted twice");
}

/// The shim that keeps what was synced, built here.
fn shim(dir: &Path) -> PathBuf {
    let built = dir.join("cut.so");
    let source = paths::server("cut.c");
    let done = Command::new("cc")
        .args(["-O1", "-shared", "-fPIC", "-o"])
        .arg(&built)
        .arg(source)
        .arg("-ldl")
        .status()
        .expect("a C compiler");
    assert!(done.success(), "the shim is built");
    built
}

/// An installation under the shim: what it syncs is kept in a folder of its own.
fn shimmed(db: TestDb, shim: &Path) -> (Site, TempDir) {
    let kept = tempfile::tempdir().unwrap();
    for file in db.files() {
        std::fs::copy(&file, kept.path().join(file.file_name().unwrap())).unwrap();
    }
    let site = prepared(Site::on(db))
        .set("LD_PRELOAD", shim.display().to_string())
        .set("CUT_DIR", kept.path().display().to_string());
    (site, kept)
}

/// The power goes again and again while a campaign is sent: only what was synced is there afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn power_cuts() {
    let tools = tempfile::tempdir().unwrap();
    let shim = shim(tools.path());
    for round in 0..rounds().div_ceil(5) {
        let server = FaultServer::slow(DELAY);
        let (site, mut kept) = shimmed(TestDb::sqlite().await, &shim);
        let mut victim = Victim::on(site, PEOPLE).await;
        let provider = victim.smtp(server.port(), CONCURRENCY).await;
        victim.send(Some(&provider)).await;
        let mut cuts = 0;
        while cuts < 6 && !victim.is_sent().await {
            let before = victim.sent().await;
            victim.goes_on(before).await;
            tokio::time::sleep(Duration::from_micros(victim.next() % 700_000)).await;
            let said = victim.in_state("sent").await;
            victim.process.kill();
            cuts += 1;

            let db = TestDb::sqlite_from(kept.path()).await;
            assert_eq!(db.texts("PRAGMA integrity_check").await, ["ok"], "seed {}", victim.seed);
            let (site, next) = shimmed(db, &shim);
            let seen = kept.path().join("server-seen.json");
            std::fs::create_dir_all(site.data_dir()).unwrap();
            if seen.exists() {
                std::fs::copy(&seen, site.data_dir().join("server-seen.json")).unwrap();
                std::fs::copy(&seen, next.path().join("server-seen.json")).unwrap();
            }
            victim.site = site;
            kept = next;
            let remembered = victim.in_state("sent").await;
            let forgotten = said.difference(&remembered).count();
            let seed = victim.seed;
            assert_eq!(
                forgotten, 0,
                "seed {seed}: {forgotten} called sent and forgotten by a power cut"
            );
            victim.tell(&format!("cut {cuts} after {} were sent", remembered.len()));
            victim.process = victim.site.start().await;
            // Who was signed in still is.
            victim.client.rebase(&victim.site.base());
        }
        assert!(cuts > 0, "the campaign was over before it could be interrupted");
        wait::until("the campaign to be sent", END, || async {
            victim.is_sent().await.then_some(())
        })
        .await;
        assert_held(&victim, &server, cuts).await;
        victim.assert_books().await;
        victim.tell(&format!("round {}: {cuts} power cuts", round + 1));
    }
}

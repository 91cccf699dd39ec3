//! `kill -9` at any moment, again and again, and then the books are compared: what the mail server took against what
//! the ledger says. The whole server runs, driven as a user drives it; the moments are random, and their seed is in the
//! message of a test that fails (`PI_CRM_KILL_SEED` repeats it as far as timing can be repeated).

use std::collections::BTreeSet;
use std::time::Duration;

use support::Backend;
use support::smtp::SmtpSink;

use super::relay::Relay;
use super::rig::assert_once;
use super::victim::{CONCURRENCY, Victim};

const PEOPLE: usize = 500;

/// Each of the four replies to a message takes this much longer: a campaign lasts a few seconds.
const DELAY: Duration = Duration::from_millis(5);

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
    let mut victim = Victim::begin(backend, PEOPLE).await;
    let provider = victim.smtp(relay.port(), CONCURRENCY).await;
    victim.send(Some(&provider)).await;
    let kills = victim.kill_until_sent(kills).await;

    let seed = victim.seed;
    let taken = sink.recipients();
    assert_once(&taken);
    let (sent, unknown) = (victim.in_state("sent").await, victim.in_state("unknown").await);
    let taken: BTreeSet<String> = taken.into_iter().collect();
    let lost: Vec<_> = sent.difference(&taken).collect();
    assert!(lost.is_empty(), "seed {seed}: {} called sent and never taken: {lost:?}", lost.len());
    let doubt: BTreeSet<String> = taken.difference(&sent).cloned().collect();
    assert!(doubt.is_subset(&unknown), "seed {seed}: taken and not known: {doubt:?}");
    assert!(
        unknown.is_subset(&victim.at_crash),
        "seed {seed}: in doubt and not in flight at a kill"
    );
    assert_eq!(sent.len() + unknown.len(), PEOPLE, "seed {seed}");
    let most = usize::try_from(CONCURRENCY).unwrap() * kills;
    victim.tell(&format!("{} unknown, {} of them taken", unknown.len(), doubt.len()));
    assert!(unknown.len() <= most, "seed {seed}: {} unknown after {kills} kills", unknown.len());
    victim.assert_books().await;
}

async fn into_the_practice_outbox(backend: Backend, kills: usize) {
    let mut victim = Victim::begin(backend, PEOPLE).await;
    victim.send(None).await;
    victim.kill_until_sent(kills).await;

    let seed = victim.seed;
    let taken = victim.site.db.texts("SELECT to_address FROM practice_messages").await;
    assert_once(&taken);
    // It can be asked, so nothing is left in doubt.
    assert_eq!(taken.len(), PEOPLE, "seed {seed}");
    assert_eq!(victim.in_state("sent").await.len(), PEOPLE, "seed {seed}");
    victim.assert_books().await;
}

//! Connections that are open and wait for the next message.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::session::Session;

/// How long a server may take to say goodbye.
const QUIT_LIMIT: Duration = Duration::from_secs(5);

/// Sessions nobody uses at the moment, the most recently used last.
pub(super) struct Pool {
    idle: Mutex<Idle>,
    limit: Duration,
    runtime: Handle,
}

#[derive(Default)]
struct Idle {
    sessions: Vec<(Session, Instant)>,
    /// No session is kept any more.
    closed: bool,
    /// A task waits for the oldest session to become too old.
    watched: bool,
}

impl Pool {
    /// A pool that keeps a session of `runtime` for `limit`.
    pub(super) fn new(limit: Duration, runtime: Handle) -> Self {
        Self { idle: Mutex::new(Idle::default()), limit, runtime }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session used last, unless it has waited too long.
    pub(super) fn take(&self) -> Option<Session> {
        let (session, since) = self.idle().sessions.pop()?;
        (since.elapsed() < self.limit).then_some(session)
    }

    /// Keeps a session for the next message.
    pub(super) fn put(self: &Arc<Self>, session: Session) {
        let mut idle = self.idle();
        if idle.closed {
            drop(idle);
            self.runtime.spawn(quit(vec![session]));
            return;
        }
        idle.sessions.push((session, Instant::now()));
        if !idle.watched {
            idle.watched = true;
            self.runtime.spawn(watch(Arc::downgrade(self), self.limit));
        }
    }

    /// Ends all idle sessions, and from now on every one that is handed back.
    pub(super) async fn close(&self) {
        let sessions = {
            let mut idle = self.idle();
            idle.closed = true;
            std::mem::take(&mut idle.sessions)
        };
        quit(sessions.into_iter().map(|(session, _)| session).collect()).await;
    }

    /// Takes out what has waited too long; tells when the next one will have, or `None` where none is left.
    fn expire(&self) -> (Vec<Session>, Option<Instant>) {
        let mut idle = self.idle();
        let now = Instant::now();
        let (old, young): (Vec<_>, Vec<_>) = std::mem::take(&mut idle.sessions)
            .into_iter()
            .partition(|(_, since)| *since + self.limit <= now);
        let next = young.iter().map(|(_, since)| *since + self.limit).min();
        idle.sessions = young;
        idle.watched = next.is_some();
        (old.into_iter().map(|(session, _)| session).collect(), next)
    }
}

/// Ends sessions of a pool as they become too old; ends itself when there are none, or no pool.
async fn watch(pool: std::sync::Weak<Pool>, limit: Duration) {
    let mut next = Instant::now() + limit;
    loop {
        tokio::time::sleep_until(next).await;
        let Some(pool) = pool.upgrade() else { return };
        let (old, then) = pool.expire();
        drop(pool);
        quit(old).await;
        match then {
            Some(then) => next = then,
            None => return,
        }
    }
}

/// Says goodbye over all of them at once; a server that does not answer is left without one.
pub(super) async fn quit(sessions: Vec<Session>) {
    let mut goodbyes: JoinSet<()> = sessions.into_iter().map(goodbye).collect();
    while goodbyes.join_next().await.is_some() {}
}

async fn goodbye(session: Session) {
    let answer = tokio::time::timeout(QUIT_LIMIT, session.client.quit()).await;
    if !matches!(answer, Ok(Ok(()))) {
        tracing::debug!("a mail server did not answer QUIT");
    }
}

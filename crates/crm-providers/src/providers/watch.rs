//! A provider whose successes and failures are noted as they happen, so that its page tells how it stands with it
//! whoever sends through it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use crm_core::{Context, ProviderId, RecipientId, Scope, WorkspaceId};
use tokio::runtime::Handle;

use super::sea::note;
use crate::email::{EmailProvider, InFlight, Outcome, OutgoingEmail, Sender, Settled};
use crate::text::{OutgoingText, TextProvider};

/// What has not changed is noted this often.
const OFTEN: Duration = Duration::from_mins(1);

/// What was noted last.
struct Noted {
    at: Instant,
    error: Option<String>,
}

/// A provider that is watched.
pub(super) struct Watched<P: ?Sized> {
    inner: Arc<P>,
    ctx: Context,
    scope: Scope,
    id: ProviderId,
    runtime: Handle,
    noted: Mutex<Option<Noted>>,
}

impl<P: ?Sized> Watched<P> {
    pub(super) fn new(
        inner: Arc<P>,
        ctx: Context,
        (workspace_id, id): (WorkspaceId, ProviderId),
        runtime: Handle,
    ) -> Self {
        let scope = Scope::for_job(workspace_id, "provider");
        Self { inner, ctx, scope, id, runtime, noted: Mutex::new(None) }
    }

    /// Whether this is news, or it is time to say the same again.
    fn is_due(&self, error: Option<&str>) -> bool {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let known = noted
            .as_ref()
            .is_some_and(|noted| noted.error.as_deref() == error && noted.at.elapsed() < OFTEN);
        if !known {
            *noted = Some(Noted { at: Instant::now(), error: error.map(ToOwned::to_owned) });
        }
        !known
    }

    /// Notes what an outcome says about the provider.
    fn saw(&self, outcome: &Outcome) {
        match sign(outcome) {
            Sign::Works => self.note(None),
            Sign::Fails(error) => self.note(Some(error.to_owned())),
            Sign::Nothing => {}
        }
    }

    /// Losing a note harms nothing, and no message waits for it.
    fn note(&self, error: Option<String>) {
        if !self.is_due(error.as_deref()) {
            return;
        }
        let (ctx, scope, id) = (self.ctx.clone(), self.scope.clone(), self.id);
        self.runtime.spawn(async move {
            if let Err(error) = note(&ctx, &scope, id, error).await {
                tracing::warn!(provider = %id, "how it stands with a provider was not noted: {error}");
            }
        });
    }
}

/// What an outcome says about the provider.
enum Sign<'a> {
    Works,
    Fails(&'a str),
    /// It was about one recipient.
    Nothing,
}

fn sign(outcome: &Outcome) -> Sign<'_> {
    match outcome {
        Outcome::Accepted { .. } => Sign::Works,
        Outcome::Blocked { message, .. } | Outcome::Unknown { message } => Sign::Fails(message),
        Outcome::Transient { kind, message, .. }
            if matches!(kind.as_str(), "connect" | "tls" | "timeout") =>
        {
            Sign::Fails(message)
        }
        Outcome::Transient { .. } | Outcome::Permanent { .. } => Sign::Nothing,
    }
}

#[async_trait]
impl EmailProvider for Watched<dyn EmailProvider> {
    async fn send(&self, message: &OutgoingEmail) -> Outcome {
        let outcome = self.inner.send(message).await;
        self.saw(&outcome);
        outcome
    }

    async fn settle(&self, recipient_id: RecipientId) -> Settled {
        self.inner.settle(recipient_id).await
    }

    async fn settle_in_flight(&self, about: &InFlight) -> Settled {
        self.inner.settle_in_flight(about).await
    }

    fn concurrency(&self) -> usize {
        self.inner.concurrency()
    }

    fn sender(&self) -> &Sender {
        self.inner.sender()
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}

#[async_trait]
impl TextProvider for Watched<dyn TextProvider> {
    async fn send(&self, message: &OutgoingText) -> Outcome {
        let outcome = self.inner.send(message).await;
        self.saw(&outcome);
        outcome
    }

    async fn settle(&self, recipient_id: RecipientId) -> Settled {
        self.inner.settle(recipient_id).await
    }

    async fn settle_in_flight(&self, about: &InFlight) -> Settled {
        self.inner.settle_in_flight(about).await
    }

    fn concurrency(&self) -> usize {
        self.inner.concurrency()
    }

    fn sender(&self) -> &str {
        self.inner.sender()
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}

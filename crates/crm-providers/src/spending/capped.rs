//! A provider of text messages that sends no more in a month than it may.

use std::sync::Arc;

use async_trait::async_trait;
use crm_core::{Context, ProviderId, RecipientId, Scope, WorkspaceId};

use super::{SPENT, give_back, take};
use crate::email::{InFlight, Outcome, Settled};
use crate::sms;
use crate::text::{OutgoingText, TextProvider};

/// A provider with a limit of parts a month. Without one, parts are counted all the same.
pub(crate) struct Capped {
    inner: Arc<dyn TextProvider>,
    ctx: Context,
    scope: Scope,
    id: ProviderId,
    most: Option<u32>,
}

impl Capped {
    pub(crate) fn new(
        inner: Arc<dyn TextProvider>,
        ctx: Context,
        (workspace_id, id): (WorkspaceId, ProviderId),
        most: Option<u32>,
    ) -> Self {
        let scope = Scope::for_job(workspace_id, "provider");
        Self { inner, ctx, scope, id, most }
    }
}

#[async_trait]
impl TextProvider for Capped {
    async fn send(&self, message: &OutgoingText) -> Outcome {
        let (ctx, scope, id) = (&self.ctx, &self.scope, self.id);
        let parts = i64::try_from(sms::count(&message.body).segments).unwrap_or(i64::MAX);
        let month = match take(ctx, scope, id, (parts, self.most)).await {
            Ok(Ok(month)) => month,
            Ok(Err(used)) => {
                let most = self.most.unwrap_or_default();
                let message = format!(
                    "The limit of {most} text parts a month is reached: {used} are used, and this message takes {parts}. \
                     Raise it at the provider, or go on in the next month."
                );
                return Outcome::Blocked { kind: SPENT.to_owned(), message };
            }
            Err(error) => {
                return Outcome::Transient {
                    kind: "database".to_owned(),
                    message: format!("what it costs could not be noted: {error}"),
                    retry_after: None,
                };
            }
        };
        let outcome = self.inner.send(message).await;
        let is_paid = matches!(outcome, Outcome::Accepted { .. } | Outcome::Unknown { .. });
        // Where this is lost, less is sent than might be, and never more.
        if !is_paid && let Err(error) = give_back(ctx, scope, (id, &month), parts).await {
            tracing::warn!(provider = %id, "parts that did not leave stay counted: {error}");
        }
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

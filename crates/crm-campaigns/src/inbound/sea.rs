//! [`Inbound`] on the database.

use std::sync::Arc;

use async_trait::async_trait;
use crm_contacts::Tasks;
use crm_core::{AuditEvent, RecipientId, Scope, StoreError, Timestamp, Tx};

use super::{Delivery, Inbound, MailEvent, ReceivedText, Result, delivery, event, poll, text};
use crate::campaigns::Deps;

/// What it works with.
#[derive(Clone)]
pub struct InboundDeps {
    /// The services it shares with campaigns.
    pub campaigns: Deps,
    /// Where a person is asked to look at something.
    pub tasks: Arc<dyn Tasks>,
}

/// [`Inbound`] on the database.
#[derive(Clone)]
pub struct SeaInbound {
    pub(crate) deps: InboundDeps,
}

impl SeaInbound {
    /// What comes in, with these services.
    pub const fn new(deps: InboundDeps) -> Self {
        Self { deps }
    }

    pub(super) async fn record(
        &self,
        tx: &Tx,
        scope: &Scope,
        event: AuditEvent,
    ) -> std::result::Result<(), StoreError> {
        self.deps.campaigns.record(tx, scope, event).await
    }
}

#[async_trait]
impl Inbound for SeaInbound {
    async fn text(&self, scope: &Scope, received: ReceivedText) -> Result<bool> {
        text::run(self, scope, received).await
    }

    async fn delivery(
        &self,
        scope: &Scope,
        recipient: RecipientId,
        told: Delivery,
        at: Timestamp,
    ) -> Result<bool> {
        delivery::run(self, scope, recipient, told, at).await
    }

    async fn event(&self, scope: &Scope, event: MailEvent) -> Result<bool> {
        event::run(self, scope, event).await
    }

    async fn poll_due(&self) -> Result<usize> {
        poll::run(self).await
    }
}

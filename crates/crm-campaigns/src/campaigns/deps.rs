//! What campaigns are built on.

use std::sync::Arc;

use crm_contacts::{Contacts, ContactsError, Segments, Timeline};
use crm_core::accounts::{Accounts, AccountsError};
use crm_core::{AuditEvent, CampaignId, Context, Scope, StoreError, Tx};
use crm_providers::Providers;

use super::UnsubscribeLinks;

/// The services campaigns and the engine work with.
#[derive(Clone)]
pub struct Deps {
    /// Database, clock, ids and audit log.
    pub ctx: Context,
    /// The contact book.
    pub contacts: Arc<dyn Contacts>,
    /// Who an audience is.
    pub segments: Arc<dyn Segments>,
    /// Where sent messages are noted.
    pub timeline: Arc<dyn Timeline>,
    /// The ways out.
    pub providers: Arc<dyn Providers>,
    /// Workspaces and their members.
    pub accounts: Arc<dyn Accounts>,
    /// Links that unsubscribe.
    pub links: Arc<dyn UnsubscribeLinks>,
}

impl Deps {
    /// Name of the scope's workspace.
    pub(crate) async fn workspace_name(&self, scope: &Scope) -> Result<String, StoreError> {
        let workspace = self.accounts.workspace(scope).await.map_err(accounts_failed)?;
        Ok(workspace.name)
    }

    /// Writes an audit entry about a campaign.
    pub(crate) async fn record(
        &self,
        tx: &Tx,
        scope: &Scope,
        event: AuditEvent,
    ) -> Result<(), StoreError> {
        self.ctx.audit.record(tx, Some(scope.workspace_id()), scope.actor(), event).await
    }
}

/// An audit entry about a campaign.
pub(crate) fn event(action: &'static str, id: CampaignId) -> AuditEvent {
    AuditEvent::new(action, "campaign", id)
}

/// Reading accounts has no other outcome than a failing database.
pub(crate) fn accounts_failed(err: AccountsError) -> StoreError {
    match err {
        AccountsError::Store(err) => err,
        other => StoreError::Corrupt(other.to_string()),
    }
}

/// Nor has reading contacts by id.
pub(crate) fn contacts_failed(err: ContactsError) -> StoreError {
    match err {
        ContactsError::Store(err) => err,
        other => StoreError::Corrupt(other.to_string()),
    }
}

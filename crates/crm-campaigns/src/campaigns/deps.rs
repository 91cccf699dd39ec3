//! What campaigns are built on.

use std::sync::Arc;

use crm_contacts::{Contacts, ContactsError, Segments, Timeline};
use crm_core::accounts::{Accounts, AccountsError};
use crm_core::{AuditEvent, CampaignId, Context, Scope, StoreError, Tx};
use crm_providers::Providers;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{UnsubscribeLinks, policy};
use crate::entity::{campaign_recipients as row, campaigns};
use crate::tracking::TrackingLinks;

/// What messages say of the workspace they come from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Imprint {
    /// `{{ workspace.name }}`
    pub(crate) name: String,
    /// `{{ workspace.postal_address }}`, in one line; empty where there is none.
    pub(crate) postal_address: String,
}

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
    /// Pictures and links that tell what became of a message.
    pub tracking: Arc<dyn TrackingLinks>,
}

impl Deps {
    /// What messages of the scope's workspace say of it.
    pub(crate) async fn imprint(&self, scope: &Scope) -> Result<Imprint, StoreError> {
        let workspace = self.accounts.workspace(scope).await.map_err(accounts_failed)?;
        let policy = policy::get(&self.ctx, scope).await?;
        Ok(Imprint { name: workspace.name, postal_address: policy.postal_line() })
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

/// An audit entry about what the engine did to a campaign, or to a message to one person.
///
/// # Errors
/// [`StoreError`] where the database fails.
pub(crate) async fn engine_event(
    tx: &Tx,
    scope: &Scope,
    id: CampaignId,
    (campaign, message): (&'static str, &'static str),
) -> Result<AuditEvent, StoreError> {
    let single =
        campaigns::Entity::find_by_id(id).filter(campaigns::Column::Kind.eq(campaigns::SINGLE));
    if tx.one(scope, single).await?.is_none() {
        return Ok(event(campaign, id));
    }
    let row = row::Entity::find().filter(row::Column::CampaignId.eq(id));
    let row = tx.one(scope, row).await?.map(|row| row.id.to_string());
    Ok(AuditEvent { entity_id: row, ..AuditEvent::about(message, "message") })
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

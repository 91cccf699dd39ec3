//! [`Suppressions`] on the database.

use std::sync::Arc;

use async_trait::async_trait;
use crm_core::accounts::Accounts;
use crm_core::{
    AuditEvent, Context, EmailAddress, Page, Phone, Scope, StoreError, SuppressionId, Tx,
};
use sea_orm::EntityTrait as _;

use super::service::{
    Entry, Filter, ImportReport, NewEntry, Result, Suppressions, SuppressionsError,
};
use super::{Reason, add, export, import, list, remove};
use crate::campaigns::deps::accounts_failed;
use crate::entity::suppressions::Entity;
use crate::templates::Channel;

/// [`Suppressions`] on the database.
#[derive(Clone)]
pub struct SeaSuppressions {
    pub(super) ctx: Context,
    accounts: Arc<dyn Accounts>,
}

impl SeaSuppressions {
    /// The list on this context; the accounts know in which country a workspace's numbers are.
    pub fn new(ctx: Context, accounts: Arc<dyn Accounts>) -> Self {
        Self { ctx, accounts }
    }

    /// The country of numbers that name none.
    pub(super) async fn region(&self, scope: &Scope) -> std::result::Result<String, StoreError> {
        let workspace = self.accounts.workspace(scope).await.map_err(accounts_failed)?;
        Ok(workspace.default_region)
    }

    pub(super) async fn record(
        &self,
        tx: &Tx,
        scope: &Scope,
        event: AuditEvent,
    ) -> std::result::Result<(), StoreError> {
        self.ctx.audit.record(tx, Some(scope.workspace_id()), scope.actor(), event).await
    }
}

/// An address as it is stored.
///
/// # Errors
/// In words, where it is none of the channel.
pub(super) fn normal(
    channel: Channel,
    address: &str,
    region: &str,
) -> std::result::Result<String, String> {
    match channel {
        Channel::Email => EmailAddress::parse(address)
            .map(|address| address.as_str().to_owned())
            .map_err(|err| err.to_string()),
        Channel::Text => Phone::parse(address, region)
            .map(|phone| phone.as_str().to_owned())
            .map_err(|err| err.to_string()),
    }
}

#[async_trait]
impl Suppressions for SeaSuppressions {
    async fn list(&self, scope: &Scope, filter: Filter) -> Result<Page<Entry>> {
        list::run(self, scope, filter).await
    }

    async fn get(&self, scope: &Scope, id: SuppressionId) -> Result<Option<Entry>> {
        let found = self.ctx.db.one(scope, Entity::find_by_id(id)).await?;
        found.map(list::read).transpose().map_err(SuppressionsError::from)
    }

    async fn add(&self, scope: &Scope, new: NewEntry) -> Result<Entry> {
        add::run(self, scope, &new).await
    }

    async fn remove(&self, scope: &Scope, id: SuppressionId, because: &str) -> Result<bool> {
        remove::run(self, scope, id, because).await
    }

    async fn import(
        &self,
        scope: &Scope,
        channel: Channel,
        reason: Reason,
        list: &[u8],
        dry_run: bool,
    ) -> Result<ImportReport> {
        import::run(self, scope, (channel, reason), list, dry_run).await
    }

    async fn note_export(&self, scope: &Scope, filter: &Filter) -> Result<()> {
        export::note(self, scope, filter).await
    }
}

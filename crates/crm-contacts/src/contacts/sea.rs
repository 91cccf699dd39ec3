//! [`Contacts`] on the database.

use std::sync::Arc;

use async_trait::async_trait;
use crm_core::{ContactId, Context, Page, Scope};

use super::{
    Contact, ContactChange, ContactCounts, ContactQuery, Contacts, NewContact, Result, change,
    counts, create, delete, list, load, replace,
};
use crate::door::Door;
use crate::ledger::{CampaignLedger, NoCampaigns};

/// [`Contacts`] on the database.
#[derive(Clone)]
pub struct SeaContacts {
    ctx: Context,
    ledger: Arc<dyn CampaignLedger>,
}

impl SeaContacts {
    /// The contact book on this context.
    pub fn new(ctx: Context) -> Self {
        Self { ctx, ledger: Arc::new(NoCampaigns) }
    }

    /// The same, with what campaigns keep about contacts.
    #[must_use]
    pub fn with_ledger(mut self, ledger: Arc<dyn CampaignLedger>) -> Self {
        self.ledger = ledger;
        self
    }
}

#[async_trait]
impl Contacts for SeaContacts {
    async fn create(&self, scope: &Scope, new: NewContact) -> Result<Contact> {
        create::run(&self.ctx, scope, new).await
    }

    async fn get(&self, scope: &Scope, id: ContactId) -> Result<Option<Contact>> {
        Ok(load::by_id(Door::Db(&self.ctx.db), scope, id).await?)
    }

    async fn get_many(&self, scope: &Scope, ids: &[ContactId]) -> Result<Vec<Contact>> {
        Ok(load::by_ids(Door::Db(&self.ctx.db), scope, ids).await?)
    }

    async fn list(&self, scope: &Scope, query: ContactQuery) -> Result<Page<Contact>> {
        list::run(&self.ctx, scope, query).await
    }

    async fn replace(
        &self,
        scope: &Scope,
        id: ContactId,
        version: Option<i64>,
        new: NewContact,
    ) -> Result<Option<Contact>> {
        replace::run(&self.ctx, scope, id, version, new).await
    }

    async fn change(
        &self,
        scope: &Scope,
        id: ContactId,
        version: Option<i64>,
        change: ContactChange,
    ) -> Result<Option<Contact>> {
        change::run(&self.ctx, scope, id, version, change).await
    }

    async fn delete(&self, scope: &Scope, id: ContactId) -> Result<bool> {
        delete::run(&self.ctx, self.ledger.as_ref(), scope, id).await
    }

    async fn custom_field_names(&self, scope: &Scope) -> Result<Vec<String>> {
        let definitions = super::definitions::load(Door::Db(&self.ctx.db), scope).await?;
        Ok(definitions.into_iter().map(|definition| definition.name).collect())
    }

    async fn counts(&self, scope: &Scope) -> Result<ContactCounts> {
        counts::run(&self.ctx, scope).await
    }
}

//! [`Templates`] on the database.

use std::sync::Arc;

use async_trait::async_trait;
use crm_contacts::Contacts;
use crm_core::accounts::Accounts;
use crm_core::{ContactId, Context, Page, PageRequest, Scope, TemplateId};

use super::{NewTemplate, Rendered, Result, Template, Templates, preview, store};

/// [`Templates`] on the database.
#[derive(Clone)]
pub struct SeaTemplates {
    pub(super) ctx: Context,
    pub(super) contacts: Arc<dyn Contacts>,
    pub(super) accounts: Arc<dyn Accounts>,
}

impl SeaTemplates {
    /// Templates whose variables are the fields of `contacts` and the workspace of `accounts`.
    pub fn new(ctx: Context, contacts: Arc<dyn Contacts>, accounts: Arc<dyn Accounts>) -> Self {
        Self { ctx, contacts, accounts }
    }
}

#[async_trait]
impl Templates for SeaTemplates {
    async fn list(&self, scope: &Scope, page: PageRequest) -> Result<Page<Template>> {
        store::list(self, scope, page).await
    }

    async fn get(&self, scope: &Scope, id: TemplateId) -> Result<Option<Template>> {
        store::get(self, scope, id).await
    }

    async fn create(&self, scope: &Scope, new: NewTemplate) -> Result<Template> {
        store::create(self, scope, new).await
    }

    async fn update(
        &self,
        scope: &Scope,
        id: TemplateId,
        version: Option<i64>,
        change: NewTemplate,
    ) -> Result<Option<Template>> {
        store::update(self, scope, id, version, change).await
    }

    async fn delete(&self, scope: &Scope, id: TemplateId) -> Result<bool> {
        store::delete(self, scope, id).await
    }

    async fn preview(
        &self,
        scope: &Scope,
        content: &NewTemplate,
        contact_id: Option<ContactId>,
    ) -> Result<Rendered> {
        preview::run(self, scope, content, contact_id).await
    }
}

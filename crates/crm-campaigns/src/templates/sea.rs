//! [`Templates`] on the database.

use std::sync::Arc;

use async_trait::async_trait;
use crm_contacts::segments::SeaSegments;
use crm_contacts::{Contacts, Segment};
use crm_core::accounts::Accounts;
use crm_core::{ContactId, Context, Page, PageRequest, Scope, TemplateId};

use super::compile::Known;
use super::{
    Coverage, NewTemplate, Rendered, Result, Template, TemplateVersion, Templates, coverage,
    duplicate, preview, store, versions,
};

/// [`Templates`] on the database.
#[derive(Clone)]
pub struct SeaTemplates {
    pub(super) ctx: Context,
    pub(super) contacts: Arc<dyn Contacts>,
    pub(super) segments: SeaSegments,
    pub(super) accounts: Arc<dyn Accounts>,
}

impl SeaTemplates {
    /// Templates whose variables are the fields of `contacts` and the workspace of `accounts`.
    pub fn new(ctx: Context, contacts: Arc<dyn Contacts>, accounts: Arc<dyn Accounts>) -> Self {
        let segments = SeaSegments::new(ctx.clone());
        Self { ctx, contacts, segments, accounts }
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

    async fn duplicate(
        &self,
        scope: &Scope,
        id: TemplateId,
        name: Option<String>,
    ) -> Result<Option<Template>> {
        duplicate::run(self, scope, id, name).await
    }

    async fn versions(
        &self,
        scope: &Scope,
        id: TemplateId,
        page: PageRequest,
    ) -> Result<Option<Page<TemplateVersion>>> {
        versions::list(self, scope, id, page).await
    }

    async fn version(
        &self,
        scope: &Scope,
        id: TemplateId,
        version: i64,
    ) -> Result<Option<(TemplateVersion, NewTemplate)>> {
        versions::get(self, scope, id, version).await
    }

    async fn restore(
        &self,
        scope: &Scope,
        id: TemplateId,
        version: i64,
        seen: Option<i64>,
    ) -> Result<Option<Template>> {
        store::restore(self, scope, id, version, seen).await
    }

    async fn coverage(
        &self,
        scope: &Scope,
        content: &NewTemplate,
        segment: &Segment,
    ) -> Result<Coverage> {
        coverage::run(self, scope, content, segment).await
    }

    async fn source(&self, scope: &Scope, content: &NewTemplate) -> Result<NewTemplate> {
        let fields = preview::custom_fields(self, scope).await?;
        store::made(content.clone(), Known::Fields(&fields))
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

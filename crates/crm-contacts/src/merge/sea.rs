//! [`Merges`] on the database.

use std::sync::Arc;

use async_trait::async_trait;
use crm_core::{ContactId, Context, MergeId, Scope};

use super::duplicates::Looks;
use super::{
    Comparison, MergeRecord, MergeRequest, Merged, Merges, Result, Suspicions, Unmerged, compare,
    dismiss, duplicates, journal, run, undo,
};
use crate::ledger::CampaignLedger;

/// [`Merges`] on the database.
#[derive(Clone)]
pub struct SeaMerges {
    pub(super) ctx: Context,
    pub(super) ledger: Arc<dyn CampaignLedger>,
    pub(super) looks: Looks,
}

impl SeaMerges {
    /// Merges on this context, with what campaigns keep about contacts.
    pub fn new(ctx: Context, ledger: Arc<dyn CampaignLedger>) -> Self {
        Self { ctx, ledger, looks: Looks::new() }
    }
}

#[async_trait]
impl Merges for SeaMerges {
    async fn compare(
        &self,
        scope: &Scope,
        source: ContactId,
        target: ContactId,
    ) -> Result<Option<Comparison>> {
        compare::run(self, scope, source, target).await
    }

    async fn merge(&self, scope: &Scope, request: MergeRequest) -> Result<Merged> {
        Box::pin(run::run(self, scope, request)).await
    }

    async fn unmerge(&self, scope: &Scope, id: MergeId) -> Result<Unmerged> {
        Box::pin(undo::run(self, scope, id)).await
    }

    async fn moved_to(&self, scope: &Scope, id: ContactId) -> Result<Option<ContactId>> {
        journal::moved_to(self, scope, id).await
    }

    async fn of_contact(&self, scope: &Scope, id: ContactId) -> Result<Vec<MergeRecord>> {
        journal::of_contact(self, scope, id).await
    }

    async fn duplicates(&self, scope: &Scope) -> Result<Suspicions> {
        duplicates::run(self, scope).await
    }

    async fn dismiss(&self, scope: &Scope, one: ContactId, other: ContactId) -> Result<()> {
        dismiss::run(self, scope, one, other).await
    }
}

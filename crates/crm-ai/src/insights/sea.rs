//! [`Insights`] on the database.

use async_trait::async_trait;
use crm_core::{Context, InsightId, Page, PageRequest, Scope, WorkspaceId};

use super::{
    Analysis, Insight, Insights, Look, Period, Question, Rating, Report, Result, reports, run,
    store, weekly,
};
use crate::SeaDrafts;

/// [`Insights`] on the database. Models are asked as drafts are: with the same settings, limits and log.
#[derive(Clone)]
pub struct SeaInsights {
    pub(super) drafts: SeaDrafts,
}

impl SeaInsights {
    /// Insights by the models of `drafts`.
    pub const fn new(drafts: SeaDrafts) -> Self {
        Self { drafts }
    }

    pub(super) const fn ctx(&self) -> &Context {
        self.drafts.context()
    }
}

#[async_trait]
impl Insights for SeaInsights {
    async fn list(
        &self,
        scope: &Scope,
        put_away: bool,
        page: PageRequest,
    ) -> Result<Page<Insight>> {
        store::list(self, scope, put_away, page).await
    }

    async fn last_look(&self, scope: &Scope) -> Result<Option<Look>> {
        store::last_look(self, scope).await
    }

    async fn analyze(&self, scope: &Scope) -> Result<Analysis> {
        run::asked(self, scope).await
    }

    async fn after(&self, scope: &Scope, looked: Analysis) -> Result<Analysis> {
        run::after(self, scope, looked).await
    }

    async fn dismiss(&self, scope: &Scope, id: InsightId) -> Result<Insight> {
        store::dismiss(self, scope, id).await
    }

    async fn rate(&self, scope: &Scope, id: InsightId, rating: Option<Rating>) -> Result<Insight> {
        store::rate(self, scope, id, rating).await
    }

    async fn report(
        &self,
        scope: &Scope,
        question: Question,
        period: Period,
        zone: &str,
    ) -> Result<Report> {
        reports::run(self.ctx(), scope, question, period, zone).await
    }

    async fn due(&self) -> Result<Vec<WorkspaceId>> {
        weekly::due(self).await
    }

    async fn weekly(&self, workspace: WorkspaceId) -> Result<bool> {
        weekly::take(self, workspace).await
    }
}

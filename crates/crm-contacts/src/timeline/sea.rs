//! [`Timeline`] on the database.

use async_trait::async_trait;
use crm_core::{ContactId, Context, Page, PageRequest, Scope, StoreError, Tx};

use super::{LogContent, LogEntry, NewLogEntry, Result, Timeline, add, page, record};

/// [`Timeline`] on the database.
#[derive(Clone)]
pub struct SeaTimeline {
    ctx: Context,
}

impl SeaTimeline {
    /// The timelines on this context.
    pub const fn new(ctx: Context) -> Self {
        Self { ctx }
    }
}

#[async_trait]
impl Timeline for SeaTimeline {
    async fn add(
        &self,
        scope: &Scope,
        contact_id: ContactId,
        content: LogContent,
    ) -> Result<LogEntry> {
        add::run(&self.ctx, scope, contact_id, content).await
    }

    async fn record(
        &self,
        tx: &Tx,
        scope: &Scope,
        entries: Vec<NewLogEntry>,
    ) -> std::result::Result<(), StoreError> {
        record::run(&self.ctx, tx, scope, entries).await
    }

    async fn page(
        &self,
        scope: &Scope,
        contact_id: ContactId,
        kind: Option<&str>,
        page: PageRequest,
    ) -> Result<Page<LogEntry>> {
        page::run(&self.ctx, scope, contact_id, kind, page).await
    }
}

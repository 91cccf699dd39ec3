//! [`Timeline`] on the database.

use async_trait::async_trait;
use crm_core::{
    ContactId, Context, LogId, Page, PageRequest, RecipientId, Scope, StoreError, Timestamp, Tx,
};
use sea_orm::EntityTrait;

use super::{
    LogChange, LogContent, LogEntry, LogFilter, NewLogEntry, Result, Timeline, add, change, opened,
    page, record,
};
use crate::entity::communication_logs::Entity;

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
        at: Option<Timestamp>,
    ) -> Result<LogEntry> {
        add::run(&self.ctx, scope, contact_id, content, at).await
    }

    async fn get(&self, scope: &Scope, id: LogId) -> Result<Option<LogEntry>> {
        let row = self.ctx.db.one(scope, Entity::find_by_id(id)).await?;
        row.map(page::entry).transpose()
    }

    async fn change(
        &self,
        scope: &Scope,
        id: LogId,
        version: Option<i64>,
        change: LogChange,
    ) -> Result<Option<LogEntry>> {
        change::run(&self.ctx, scope, id, version, change).await
    }

    async fn delete(&self, scope: &Scope, id: LogId) -> Result<bool> {
        change::delete(&self.ctx, scope, id).await
    }

    async fn record(
        &self,
        tx: &Tx,
        scope: &Scope,
        entries: Vec<NewLogEntry>,
    ) -> std::result::Result<(), StoreError> {
        record::run(&self.ctx, tx, scope, entries).await
    }

    async fn opened(
        &self,
        tx: &Tx,
        scope: &Scope,
        recipient: RecipientId,
        at: Timestamp,
        url: Option<&str>,
    ) -> std::result::Result<(), StoreError> {
        opened::run(tx, scope, recipient, at, url).await
    }

    async fn page(
        &self,
        scope: &Scope,
        contact_id: ContactId,
        filter: &LogFilter,
        page: PageRequest,
    ) -> Result<Page<LogEntry>> {
        page::run(&self.ctx, scope, contact_id, filter, page).await
    }
}

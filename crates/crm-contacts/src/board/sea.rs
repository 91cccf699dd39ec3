//! [`Board`] on the database.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use crm_core::{Context, ListId, Page, PageRequest, Scope};

use super::{Board, BoardFilter, BoardOrder, Card, Result, Total, cards, stays, totals};

/// [`Board`] on the database.
#[derive(Clone)]
pub struct SeaBoard {
    ctx: Context,
}

impl SeaBoard {
    /// The boards on this context.
    pub const fn new(ctx: Context) -> Self {
        Self { ctx }
    }
}

#[async_trait]
impl Board for SeaBoard {
    async fn totals(&self, scope: &Scope, filter: &BoardFilter) -> Result<HashMap<ListId, Total>> {
        totals::run(&self.ctx, scope, filter).await
    }

    async fn stays(
        &self,
        scope: &Scope,
        filter: &BoardFilter,
    ) -> Result<HashMap<ListId, Duration>> {
        stays::run(&self.ctx, scope, filter).await
    }

    async fn cards(
        &self,
        scope: &Scope,
        stage: ListId,
        filter: &BoardFilter,
        order: BoardOrder,
        page: PageRequest,
    ) -> Result<Page<Card>> {
        cards::run(&self.ctx, scope, stage, filter, order, page).await
    }
}

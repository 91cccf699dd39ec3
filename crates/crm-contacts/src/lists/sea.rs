//! [`Lists`] on the database.

use async_trait::async_trait;
use crm_core::{ContactId, Context, ListId, Scope};

use super::{List, Lists, NewList, Result, assign, create, delete, read, update};

/// [`Lists`] on the database.
#[derive(Clone)]
pub struct SeaLists {
    ctx: Context,
}

impl SeaLists {
    /// The lists on this context.
    pub const fn new(ctx: Context) -> Self {
        Self { ctx }
    }
}

#[async_trait]
impl Lists for SeaLists {
    async fn all(&self, scope: &Scope) -> Result<Vec<List>> {
        read::all(&self.ctx, scope).await
    }

    async fn get(&self, scope: &Scope, id: ListId) -> Result<Option<List>> {
        read::one(&self.ctx, scope, id).await
    }

    async fn create(&self, scope: &Scope, new: NewList) -> Result<List> {
        create::run(&self.ctx, scope, new).await
    }

    async fn update(
        &self,
        scope: &Scope,
        id: ListId,
        version: Option<i64>,
        change: NewList,
    ) -> Result<Option<List>> {
        update::run(&self.ctx, scope, id, version, change).await
    }

    async fn delete(&self, scope: &Scope, id: ListId) -> Result<bool> {
        delete::run(&self.ctx, scope, id).await
    }

    async fn assign(&self, scope: &Scope, contact_id: ContactId, list_id: ListId) -> Result<()> {
        assign::assign(&self.ctx, scope, contact_id, list_id).await
    }

    async fn unassign(&self, scope: &Scope, contact_id: ContactId, list_id: ListId) -> Result<()> {
        assign::unassign(&self.ctx, scope, contact_id, list_id).await
    }
}

//! [`Tasks`] on the database.

use std::collections::HashMap;

use async_trait::async_trait;
use crm_core::{ContactId, Context, Page, Scope, TaskId, Tx};
use sea_orm::EntityTrait;

use super::{NewTask, Result, Task, TaskChange, TaskFilter, Tasks, list, next, write};
use crate::entity::tasks::Entity;

/// [`Tasks`] on the database.
#[derive(Clone)]
pub struct SeaTasks {
    ctx: Context,
}

impl SeaTasks {
    /// The tasks on this context.
    pub const fn new(ctx: Context) -> Self {
        Self { ctx }
    }
}

#[async_trait]
impl Tasks for SeaTasks {
    async fn list(&self, scope: &Scope, filter: TaskFilter) -> Result<Page<Task>> {
        list::run(&self.ctx, scope, filter).await
    }

    async fn next(
        &self,
        scope: &Scope,
        contacts: &[ContactId],
    ) -> Result<HashMap<ContactId, Task>> {
        Ok(next::run(&self.ctx, scope, contacts).await?)
    }

    async fn get(&self, scope: &Scope, id: TaskId) -> Result<Option<Task>> {
        let row = self.ctx.db.one(scope, Entity::find_by_id(id)).await?;
        Ok(row.map(list::task).transpose()?)
    }

    async fn ask(&self, tx: &Tx, scope: &Scope, new: NewTask) -> Result<Task> {
        write::insert(&self.ctx, tx, scope, new).await
    }

    async fn create(&self, scope: &Scope, new: NewTask) -> Result<Task> {
        write::create(&self.ctx, scope, new).await
    }

    async fn change(
        &self,
        scope: &Scope,
        id: TaskId,
        version: Option<i64>,
        change: TaskChange,
    ) -> Result<Option<Task>> {
        write::change(&self.ctx, scope, id, version, change).await
    }

    async fn delete(&self, scope: &Scope, id: TaskId) -> Result<bool> {
        write::delete(&self.ctx, scope, id).await
    }
}

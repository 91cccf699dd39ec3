//! [`Fields`] on the database.

use async_trait::async_trait;
use crm_core::{Context, CustomFieldDefinitionId, Scope};

use super::{Field, FieldChange, Fields, NewField, Result, change, create, delete, read};

/// [`Fields`] on the database.
#[derive(Clone)]
pub struct SeaFields {
    ctx: Context,
}

impl SeaFields {
    /// The fields on this context.
    pub const fn new(ctx: Context) -> Self {
        Self { ctx }
    }
}

#[async_trait]
impl Fields for SeaFields {
    async fn all(&self, scope: &Scope) -> Result<Vec<Field>> {
        read::all(&self.ctx, scope).await
    }

    async fn get(&self, scope: &Scope, id: CustomFieldDefinitionId) -> Result<Option<Field>> {
        read::one(&self.ctx, scope, id).await
    }

    async fn create(&self, scope: &Scope, new: NewField) -> Result<Field> {
        create::run(&self.ctx, scope, new).await
    }

    async fn update(
        &self,
        scope: &Scope,
        id: CustomFieldDefinitionId,
        version: Option<i64>,
        change: FieldChange,
    ) -> Result<Option<Field>> {
        change::run(&self.ctx, scope, id, version, change).await
    }

    async fn delete(&self, scope: &Scope, id: CustomFieldDefinitionId) -> Result<bool> {
        delete::run(&self.ctx, scope, id).await
    }
}

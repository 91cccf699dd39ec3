//! [`Messages`] on the database.

use async_trait::async_trait;
use crm_core::{ContactId, RecipientId, Scope, TemplateId, UserId};

use super::{Draft, Message, Messages, NewMessage, Result, compose, look, steps, write};
use crate::campaigns::UnknownDecision;
use crate::campaigns::deps::Deps;
use crate::suppressions::{self, Suppression};
use crate::templates::Channel;

/// [`Messages`] on the database.
#[derive(Clone)]
pub struct SeaMessages {
    deps: Deps,
}

impl SeaMessages {
    /// Messages that work with these services.
    pub const fn new(deps: Deps) -> Self {
        Self { deps }
    }
}

#[async_trait]
impl Messages for SeaMessages {
    async fn send(
        &self,
        scope: &Scope,
        contact_id: ContactId,
        new: NewMessage,
    ) -> Result<Option<Message>> {
        Box::pin(write::run(&self.deps, scope, contact_id, new)).await
    }

    async fn get(&self, scope: &Scope, id: RecipientId) -> Result<Option<Message>> {
        look::one(&self.deps, scope, id).await
    }

    async fn open_of(&self, scope: &Scope, contact_id: ContactId) -> Result<Vec<Message>> {
        look::open_of(&self.deps, scope, contact_id).await
    }

    async fn waiting(&self, scope: &Scope) -> Result<Vec<Message>> {
        look::waiting(&self.deps, scope).await
    }

    async fn undo(&self, scope: &Scope, id: RecipientId) -> Result<Option<Message>> {
        steps::undo(&self.deps, scope, id).await
    }

    async fn release(&self, scope: &Scope, id: RecipientId) -> Result<Option<Message>> {
        steps::release(&self.deps, scope, id).await
    }

    async fn decide(
        &self,
        scope: &Scope,
        id: RecipientId,
        decision: UnknownDecision,
    ) -> Result<Option<Message>> {
        steps::decide(&self.deps, scope, id, decision).await
    }

    async fn draft(
        &self,
        scope: &Scope,
        contact_id: ContactId,
        template_id: TemplateId,
    ) -> Result<Option<Draft>> {
        compose::draft(&self.deps, scope, contact_id, template_id).await
    }

    async fn authors(
        &self,
        scope: &Scope,
        rows: &[RecipientId],
    ) -> Result<Vec<(RecipientId, Option<UserId>)>> {
        look::authors(&self.deps, scope, rows).await
    }

    async fn suppression(
        &self,
        scope: &Scope,
        channel: Channel,
        address: &str,
    ) -> Result<Option<Suppression>> {
        Ok(suppressions::of(&self.deps.ctx, scope, channel, address).await?)
    }
}

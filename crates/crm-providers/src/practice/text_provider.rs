//! The practice provider of text messages.

use async_trait::async_trait;
use crm_core::{Context, RecipientId, Scope, WorkspaceId};
use sea_orm::Set;

use super::keep;
use crate::email::{Outcome, Settled};
use crate::entity::practice_messages::ActiveModel;
use crate::text::{OutgoingText, TextProvider};

/// Takes text messages into the practice outbox of one workspace.
pub(crate) struct PracticeTextProvider {
    ctx: Context,
    scope: Scope,
    sender: String,
}

impl PracticeTextProvider {
    /// The practice provider of a workspace; `sender` is what messages come from.
    pub(crate) fn new(ctx: Context, workspace_id: WorkspaceId, sender: String) -> Self {
        Self { ctx, scope: Scope::for_job(workspace_id, "practice provider"), sender }
    }

    fn row(&self, message: &OutgoingText) -> ActiveModel {
        ActiveModel {
            id: Set(keep::id(&self.ctx, message.recipient_id)),
            workspace_id: Set(self.scope.workspace_id()),
            channel: Set("text".to_owned()),
            to_address: Set(message.to.to_string()),
            from_address: Set(Some(self.sender.clone())),
            subject: Set(None),
            html: Set(None),
            text: Set(Some(message.body.clone())),
            headers: Set(None),
            campaign_id: Set(message.campaign_id),
            contact_id: Set(message.contact_id),
            sent_at: Set(self.ctx.now()),
        }
    }
}

#[async_trait]
impl TextProvider for PracticeTextProvider {
    async fn send(&self, message: &OutgoingText) -> Outcome {
        if message.workspace_id != self.scope.workspace_id() {
            return keep::foreign();
        }
        let kept = keep::run(&self.ctx, &self.scope, self.row(message)).await;
        keep::outcome(kept, message.recipient_id)
    }

    async fn settle(&self, recipient_id: RecipientId) -> Settled {
        keep::settle(&self.ctx, &self.scope, recipient_id).await
    }

    fn concurrency(&self) -> usize {
        keep::CONCURRENCY
    }

    fn sender(&self) -> &str {
        &self.sender
    }

    async fn close(&self) {}
}

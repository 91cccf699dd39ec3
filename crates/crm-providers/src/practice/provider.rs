//! The practice provider: to the send engine a provider like any other, which keeps messages instead of sending them.

use async_trait::async_trait;
use crm_core::{Context, RecipientId, Scope, StoreError, WorkspaceId};
use sea_orm::Set;

use super::keep;
use crate::email::{EmailProvider, Outcome, OutgoingEmail, Sender, Settled};
use crate::entity::practice_messages::ActiveModel;
use crate::mime::{self, Headers};

/// Takes messages into the practice outbox of one workspace.
pub(crate) struct PracticeProvider {
    ctx: Context,
    scope: Scope,
    sender: Sender,
}

impl PracticeProvider {
    /// The practice provider of a workspace.
    pub(crate) fn new(ctx: Context, workspace_id: WorkspaceId, sender: Sender) -> Self {
        Self { ctx, scope: Scope::for_job(workspace_id, "practice provider"), sender }
    }

    fn row(&self, message: &OutgoingEmail) -> Result<ActiveModel, StoreError> {
        let now = self.ctx.now();
        let headers = Headers::of(message, &self.sender, now).lines();
        Ok(ActiveModel {
            id: Set(keep::id(&self.ctx, message.recipient_id)),
            workspace_id: Set(self.scope.workspace_id()),
            channel: Set("email".to_owned()),
            to_address: Set(message.to.to_string()),
            from_address: Set(Some(format!("{} <{}>", self.sender.name, self.sender.email))),
            subject: Set(Some(message.subject.clone())),
            html: Set(Some(message.html.clone())),
            text: Set(Some(mime::text_part(message).into_owned())),
            headers: Set(Some(serde_json::to_value(headers)?)),
            campaign_id: Set(message.campaign_id),
            contact_id: Set(message.contact_id),
            sent_at: Set(now),
        })
    }
}

#[async_trait]
impl EmailProvider for PracticeProvider {
    async fn send(&self, message: &OutgoingEmail) -> Outcome {
        if message.workspace_id != self.scope.workspace_id() {
            return keep::foreign();
        }
        let taken = match self.row(message) {
            Ok(row) => keep::run(&self.ctx, &self.scope, row).await,
            Err(error) => Err(error),
        };
        keep::outcome(taken, message.recipient_id)
    }

    async fn settle(&self, recipient_id: RecipientId) -> Settled {
        keep::settle(&self.ctx, &self.scope, recipient_id).await
    }

    fn concurrency(&self) -> usize {
        keep::CONCURRENCY
    }

    fn sender(&self) -> &Sender {
        &self.sender
    }

    async fn close(&self) {}
}

//! The practice provider: to the send engine a provider like any other, which keeps messages instead of sending them.

use async_trait::async_trait;
use crm_core::{Context, PracticeMessageId, RecipientId, Scope, StoreError, WorkspaceId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, Set};

use crate::email::{EmailProvider, Outcome, OutgoingEmail, Sender, Settled};
use crate::entity::practice_messages::{ActiveModel, Column, Entity};
use crate::mime::{self, Headers};

/// Messages taken at once. The database writes one at a time anyway.
const CONCURRENCY: usize = 4;

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
        let id = message.recipient_id.map_or_else(
            || self.ctx.id(PracticeMessageId::from_uuid),
            |recipient| PracticeMessageId::from_uuid(recipient.as_uuid()),
        );
        Ok(ActiveModel {
            id: Set(id),
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

    /// Writes the message once: a ledger row handed over again finds its message there.
    async fn keep(&self, row: ActiveModel) -> Result<(), StoreError> {
        let tx = self.ctx.db.begin().await?;
        tx.unaudited("a message is kept in the practice outbox");
        let rule = OnConflict::column(Column::Id).do_nothing().to_owned();
        tx.insert_many_on_conflict(&self.scope, vec![row], rule).await?;
        tx.commit().await
    }

    async fn take(&self, message: &OutgoingEmail) -> Result<(), StoreError> {
        let row = self.row(message)?;
        match self.keep(row.clone()).await {
            // The contact or the campaign was deleted meanwhile; the message went out all the same.
            Err(StoreError::ForeignKey(_)) => {
                self.keep(ActiveModel { campaign_id: Set(None), contact_id: Set(None), ..row })
                    .await
            }
            done => done,
        }
    }
}

#[async_trait]
impl EmailProvider for PracticeProvider {
    async fn send(&self, message: &OutgoingEmail) -> Outcome {
        if message.workspace_id != self.scope.workspace_id() {
            return Outcome::Permanent {
                kind: "workspace".to_owned(),
                message: "this provider belongs to another workspace".to_owned(),
                suppress: false,
            };
        }
        match self.take(message).await {
            Ok(()) => Outcome::Accepted {
                provider_id: message.recipient_id.map(|recipient| recipient.to_string()),
            },
            Err(error) => {
                tracing::warn!(%error, "the practice outbox did not take a message");
                Outcome::Transient {
                    kind: "database".to_owned(),
                    message: format!("the practice outbox did not take it: {error}"),
                    retry_after: None,
                }
            }
        }
    }

    async fn settle(&self, recipient_id: RecipientId) -> Settled {
        let id = PracticeMessageId::from_uuid(recipient_id.as_uuid());
        match self.ctx.db.one(&self.scope, Entity::find_by_id(id)).await {
            Ok(Some(_)) => Settled::Accepted { provider_id: Some(recipient_id.to_string()) },
            Ok(None) => Settled::NotAccepted,
            Err(error) => {
                tracing::warn!(%error, "the practice outbox cannot be read");
                Settled::Unknown
            }
        }
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    fn sender(&self) -> &Sender {
        &self.sender
    }

    async fn close(&self) {}
}

//! Keeping a message of either channel in the outbox, once.

use crm_core::{Context, PracticeMessageId, RecipientId, Scope, StoreError};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, Set};

use crate::email::{Outcome, Settled};
use crate::entity::practice_messages::{ActiveModel, Column, Entity};

/// Messages taken at once. The database writes one at a time anyway.
pub(super) const CONCURRENCY: usize = 4;

/// The id of a message: that of the ledger row it is sent for, where there is one.
pub(super) fn id(ctx: &Context, recipient: Option<RecipientId>) -> PracticeMessageId {
    recipient.map_or_else(
        || ctx.id(PracticeMessageId::from_uuid),
        |recipient| PracticeMessageId::from_uuid(recipient.as_uuid()),
    )
}

/// Writes a message.
pub(super) async fn run(ctx: &Context, scope: &Scope, row: ActiveModel) -> Result<(), StoreError> {
    match once(ctx, scope, row.clone()).await {
        // The contact or the campaign was deleted meanwhile; the message went out all the same.
        Err(StoreError::ForeignKey(_)) => {
            let row = ActiveModel { campaign_id: Set(None), contact_id: Set(None), ..row };
            once(ctx, scope, row).await
        }
        done => done,
    }
}

/// A ledger row handed over again finds its message there.
async fn once(ctx: &Context, scope: &Scope, row: ActiveModel) -> Result<(), StoreError> {
    let tx = ctx.db.begin().await?;
    tx.unaudited("a message is kept in the practice outbox");
    let rule = OnConflict::column(Column::Id).do_nothing().to_owned();
    tx.insert_many_on_conflict(scope, vec![row], rule).await?;
    tx.commit().await
}

/// What became of a message.
pub(super) fn outcome(kept: Result<(), StoreError>, recipient_id: Option<RecipientId>) -> Outcome {
    match kept {
        Ok(()) => {
            Outcome::Accepted { provider_id: recipient_id.map(|recipient| recipient.to_string()) }
        }
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

/// What a message of another workspace meets.
pub(super) fn foreign() -> Outcome {
    Outcome::Permanent {
        kind: "workspace".to_owned(),
        message: "this provider belongs to another workspace".to_owned(),
        suppress: false,
    }
}

/// Whether the message of a ledger row was kept.
pub(super) async fn settle(ctx: &Context, scope: &Scope, recipient_id: RecipientId) -> Settled {
    let id = PracticeMessageId::from_uuid(recipient_id.as_uuid());
    match ctx.db.one(scope, Entity::find_by_id(id)).await {
        Ok(Some(_)) => Settled::Accepted { provider_id: Some(recipient_id.to_string()) },
        Ok(None) => Settled::NotAccepted,
        Err(error) => {
            tracing::warn!(%error, "the practice outbox cannot be read");
            Settled::Unknown
        }
    }
}

//! Jobs to be started once a transaction has committed: they are written as rows of the transaction and relayed to the
//! queue afterwards. Losing or doubling a relayed job must be harmless, so a job only says what to look at.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use serde::Serialize;

use crate::entity::outbox;
use crate::{Context, OutboxId, StoreError, System, Timestamp, Tx};

/// What a job carries: ids only.
pub trait Job: Serialize {
    /// The job's name in the queue. A name once released stays registered for a release after it is retired.
    const NAME: &'static str;
}

/// A job waiting to be relayed.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The row.
    pub id: OutboxId,
    /// [`Job::NAME`].
    pub name: String,
    /// The job as JSON text.
    pub payload: String,
    /// Equal for jobs that mean the same thing.
    pub idempotency_key: String,
}

/// Writes `job` into `tx`. `key` makes it one of a kind: a second one with the same key is not written.
pub async fn enqueue<J: Job>(ctx: &Context, tx: &Tx, job: &J, key: &str) -> Result<(), StoreError> {
    let row = outbox::ActiveModel {
        id: Set(ctx.id(OutboxId::from_uuid)),
        name: Set(J::NAME.to_owned()),
        payload: Set(serde_json::to_value(job)?),
        idempotency_key: Set(format!("{}:{key}", J::NAME)),
        created_at: Set(ctx.now()),
        relayed_at: Set(None),
    };
    let rule = OnConflict::column(outbox::Column::IdempotencyKey).do_nothing().to_owned();
    match tx.upsert_system(System::task("outbox"), row, rule).await {
        // sea-orm reports "nothing inserted" as an error; here it is the point.
        Err(StoreError::Database(sea_orm::DbErr::RecordNotInserted)) => Ok(()),
        other => other.map(|_| ()),
    }
}

/// The oldest jobs not relayed yet.
pub async fn pending(ctx: &Context, limit: u64) -> Result<Vec<Pending>, StoreError> {
    let select = outbox::Entity::find()
        .filter(outbox::Column::RelayedAt.is_null())
        .order_by_asc(outbox::Column::Id)
        .limit(limit);
    let rows = ctx.db.everywhere(System::task("outbox relay"), select).await?;
    Ok(rows
        .into_iter()
        .map(|row| Pending {
            id: row.id,
            name: row.name,
            payload: row.payload.to_string(),
            idempotency_key: row.idempotency_key,
        })
        .collect())
}

/// Notes that these jobs are in the queue, and forgets those relayed before `keep_since`.
pub async fn mark_relayed(
    ctx: &Context,
    ids: &[OutboxId],
    keep_since: Timestamp,
) -> Result<(), StoreError> {
    let system = System::task("outbox relay");
    let tx = ctx.db.begin().await?;
    tx.unaudited("a job is handed to the queue");
    let update = outbox::Entity::update_many()
        .col_expr(outbox::Column::RelayedAt, sea_orm::sea_query::Expr::value(ctx.now()))
        .filter(outbox::Column::Id.is_in(ids.iter().copied()));
    tx.update_everywhere(system, update).await?;
    let delete = outbox::Entity::delete_many().filter(outbox::Column::RelayedAt.lt(keep_since));
    tx.delete_everywhere(system, delete).await?;
    tx.commit().await
}

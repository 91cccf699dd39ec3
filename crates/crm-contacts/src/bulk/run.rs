//! Going on with an action, batch by batch: each is one transaction with what became of its contacts, so that a killed
//! process leaves nothing half-done.

use crm_core::{Actor, BulkId, Scope, Tx, WorkspaceId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::rows::{self, Counted, number};
use super::{BulkError, Result, SeaBulkActions, State, apply, undo};
use crate::entity::bulk_actions as actions;

/// Contacts of one transaction. Small, so that pages stay quick meanwhile.
const BATCH: usize = 200;
/// What the program calls itself where an action goes on.
const LABEL: &str = "bulk action";

pub(super) async fn to_end(
    service: &SeaBulkActions,
    workspace_id: WorkspaceId,
    id: BulkId,
) -> Result<()> {
    let scope = Scope::for_job(workspace_id, LABEL);
    loop {
        let tx = service.ctx.db.begin().await?;
        tx.unaudited("an action on many contacts is going on");
        let more = match Box::pin(batch(service, &tx, &scope, id, BATCH)).await {
            Ok(more) => more,
            Err(BulkError::Store(err)) => return Err(err.into()),
            Err(err) => {
                tx.rollback().await?;
                return fail(service, &scope, id, &err.to_string()).await;
            }
        };
        tx.commit().await?;
        if !more {
            return Ok(());
        }
    }
}

/// Does the next batch, whichever way the action is going. Answers whether there is more to do.
pub(super) async fn batch(
    service: &SeaBulkActions,
    tx: &Tx,
    scope: &Scope,
    id: BulkId,
    limit: usize,
) -> Result<bool> {
    let Some(row) = rows::hold(tx, scope, id).await? else { return Ok(false) };
    let bulk = rows::read(row.clone())?;
    if !bulk.state.is_going_on() {
        return Ok(false);
    }
    let wanted = u64::try_from(limit).unwrap_or(u64::MAX);
    // What the action writes is its author's doing, whoever goes on with it.
    let actor = match bulk.user_id.filter(|_| scope.user_id().is_none()) {
        Some(user) => scope.clone().acting_as(Actor::user(user, None)),
        None => scope.clone(),
    };
    let undoing = bulk.state == State::Undoing;
    let from = if undoing { ("changed", true) } else { ("waiting", false) };
    let contacts = rows::waiting(tx, scope, id, from, wanted).await?;
    let last = contacts.len() < limit;
    let outcomes = if contacts.is_empty() {
        Vec::new()
    } else if undoing {
        undo::apply(service, tx, &actor, &bulk, contacts).await?
    } else {
        apply::run(service, tx, &actor, &bulk.action, contacts).await?
    };
    let of = |word: &str| number(outcomes.iter().filter(|one| one.state == word).count());
    let state = match (undoing, last) {
        (true, true) => State::Undone,
        (true, false) => State::Undoing,
        (false, true) => State::Done,
        (false, false) => State::Running,
    };
    let done = if undoing { 0 } else { number(outcomes.len()) };
    let counted = Counted { done, changed: of("changed"), undone: of("undone"), state };
    rows::note(tx, scope, id, outcomes).await?;
    rows::count(&service.ctx, tx, scope, &row, counted).await?;
    Ok(!last)
}

async fn fail(service: &SeaBulkActions, scope: &Scope, id: BulkId, why: &str) -> Result<()> {
    tracing::warn!(bulk = %id, why, "an action on many contacts ended before its time");
    let tx = service.ctx.db.begin().await?;
    tx.unaudited("an action on many contacts is going on");
    let update = actions::Entity::update_many()
        .col_expr(actions::Column::State, Expr::value(State::Failed.as_str()))
        .col_expr(actions::Column::Error, Expr::value(why))
        .col_expr(actions::Column::FinishedAt, Expr::value(service.ctx.now()))
        .filter(actions::Column::Id.eq(id));
    tx.update_many(scope, update).await?;
    Ok(tx.commit().await?)
}

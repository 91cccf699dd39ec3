//! Writing down that a message was opened or a link in it followed.

use crm_core::{RecipientId, Scope, StoreError, Timestamp};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::Hit;
use crate::campaigns::RecipientState;
use crate::campaigns::deps::Deps;
use crate::entity::campaign_recipients::{Column, Entity, Model};

/// Notes that a message was opened. What is no message, or none that was sent, is passed over.
pub(crate) async fn open(
    deps: &Deps,
    scope: &Scope,
    recipient: RecipientId,
    hit: &Hit,
) -> Result<(), StoreError> {
    let Some((row, sent_at)) = sent(deps, scope, recipient).await? else { return Ok(()) };
    if hit.is_machine(sent_at) {
        return first(
            deps,
            scope,
            &row,
            &[(Column::MachineOpenedAt, row.machine_opened_at)],
            hit,
            None,
        )
        .await;
    }
    first(deps, scope, &row, &[(Column::OpenedAt, row.opened_at)], hit, None).await
}

/// Notes that a link was followed; whoever does has opened the message.
pub(crate) async fn click(
    deps: &Deps,
    scope: &Scope,
    recipient: RecipientId,
    url: &str,
    hit: &Hit,
) -> Result<(), StoreError> {
    let Some((row, sent_at)) = sent(deps, scope, recipient).await? else { return Ok(()) };
    if hit.is_machine(sent_at) {
        let column = (Column::MachineClickedAt, row.machine_clicked_at);
        return first(deps, scope, &row, &[column], hit, None).await;
    }
    let columns = [(Column::OpenedAt, row.opened_at), (Column::ClickedAt, row.clicked_at)];
    first(deps, scope, &row, &columns, hit, Some(url)).await
}

async fn sent(
    deps: &Deps,
    scope: &Scope,
    recipient: RecipientId,
) -> Result<Option<(Model, Timestamp)>, StoreError> {
    let select =
        Entity::find_by_id(recipient).filter(Column::State.eq(RecipientState::Sent.as_str()));
    let row = deps.ctx.db.one(scope, select).await?;
    Ok(row.and_then(|row| row.sent_at.map(|at| (row, at))))
}

/// Sets what is not set yet, and tells the timeline where a person did it. A message looked at a hundred times is written
/// down once.
async fn first(
    deps: &Deps,
    scope: &Scope,
    row: &Model,
    columns: &[(Column, Option<Timestamp>)],
    hit: &Hit,
    url: Option<&str>,
) -> Result<(), StoreError> {
    let is_person = columns.iter().any(|(column, _)| matches!(column, Column::OpenedAt));
    let unset: Vec<Column> =
        columns.iter().filter(|(_, at)| at.is_none()).map(|(column, _)| *column).collect();
    if unset.is_empty() && url.is_none() {
        return Ok(());
    }
    let tx = deps.ctx.db.begin().await?;
    tx.unaudited("a recipient opened a message");
    for column in unset {
        let update = Entity::update_many()
            .col_expr(column, Expr::value(hit.at))
            .filter(Column::Id.eq(row.id))
            .filter(column.is_null());
        tx.update_many(scope, update).await?;
    }
    if is_person {
        deps.timeline.opened(&tx, scope, row.id, hit.at, url).await?;
    }
    tx.commit().await
}

//! The order of the stages, and of the tags: places counted from 1 without gaps.

use crm_core::{ListId, Scope, StoreError, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::entity::contact_lists::{Column, Entity, Model};

/// Lets one change of the workspace's lists at a time through: places and "the last stage" concern all of them.
pub(super) async fn take_turn(tx: &Tx, scope: &Scope) -> Result<(), StoreError> {
    tx.serialize_on(&format!("contact lists of {}", scope.workspace_id())).await
}

/// The lists of one kind in their order.
pub(super) async fn of_kind(
    tx: &Tx,
    scope: &Scope,
    is_primary: bool,
) -> Result<Vec<Model>, StoreError> {
    let select = Entity::find()
        .filter(Column::IsPrimary.eq(is_primary))
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Id);
    tx.all(scope, select).await
}

/// The place the one at `place` (from 1) gets among `others`: never beyond the end.
pub(super) fn index(place: Option<i64>, others: usize) -> usize {
    place.and_then(|place| usize::try_from(place - 1).ok()).map_or(others, |i| i.min(others))
}

/// Numbers lists in the order of `ids`; `lists` are as stored.
pub(super) async fn renumber(
    tx: &Tx,
    scope: &Scope,
    lists: &[Model],
    ids: &[ListId],
) -> Result<(), StoreError> {
    for (place, id) in (1_i64..).zip(ids) {
        if lists.iter().any(|list| list.id == *id && list.position != place) {
            let update = Entity::update_many()
                .col_expr(Column::Position, Expr::value(place))
                .filter(Column::Id.eq(*id));
            tx.update_many(scope, update).await?;
        }
    }
    Ok(())
}

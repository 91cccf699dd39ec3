//! Changing name, colour and place of a list.

use crm_core::{AuditEvent, Context, ListId, Scope, StoreError};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{List, ListsError, NewList, Result, check, order, read};
use crate::entity::contact_lists::{self, Column, Entity};

pub(crate) async fn run(
    ctx: &Context,
    scope: &Scope,
    id: ListId,
    version: Option<i64>,
    change: NewList,
) -> Result<Option<List>> {
    let name = check::name(&change.name)?;
    let color = check::color(change.color)?;
    let position = check::position(change.position)?;
    let tx = ctx.db.begin().await?;
    order::take_turn(&tx, scope).await?;
    let Some(row) = tx.one(scope, Entity::find_by_id(id)).await? else { return Ok(None) };
    if version.is_some_and(|seen| seen != row.version) {
        return Err(ListsError::Stale);
    }
    if row.is_primary != change.is_primary {
        return Err(ListsError::KindIsFixed);
    }
    let color = color.unwrap_or_else(|| contact_lists::color(row.color.as_deref()));
    let update = Entity::update_many()
        .col_expr(Column::Name, Expr::value(name.as_str()))
        .col_expr(Column::Color, Expr::value(color.to_string()))
        .col_expr(Column::Version, Expr::value(row.version + 1))
        .filter(Column::Id.eq(id));
    tx.update_many(scope, update).await.map_err(|err| match err {
        StoreError::Duplicate(_) => ListsError::DuplicateName,
        other => other.into(),
    })?;
    if position.is_some() {
        let lists = order::of_kind(&tx, scope, row.is_primary).await?;
        let mut ids: Vec<ListId> =
            lists.iter().map(|list| list.id).filter(|other| *other != id).collect();
        ids.insert(order::index(position, ids.len()), id);
        order::renumber(&tx, scope, &lists, &ids).await?;
    }
    let event = AuditEvent::new("list.updated", "list", id).with("name", &name);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    read::one(ctx, scope, id).await
}

//! Making a list.

use crm_core::{AuditEvent, Context, ListId, Scope, StoreError};
use sea_orm::Set;

use super::{List, ListsError, NewList, Result, check, order};
use crate::entity::contact_lists;

pub(crate) async fn run(ctx: &Context, scope: &Scope, new: NewList) -> Result<List> {
    let name = check::name(&new.name)?;
    let color = check::color(new.color)?;
    let position = check::position(new.position)?;
    let tx = ctx.db.begin().await?;
    order::take_turn(&tx, scope).await?;
    let others = order::of_kind(&tx, scope, new.is_primary).await?;
    let id = ctx.id(ListId::from_uuid);
    let mut ids: Vec<ListId> = others.iter().map(|list| list.id).collect();
    let index = order::index(position, ids.len());
    ids.insert(index, id);
    let count = i64::try_from(others.len()).unwrap_or(0);
    let row = contact_lists::ActiveModel {
        id: Set(id),
        workspace_id: Set(scope.workspace_id()),
        name: Set(name),
        is_primary: Set(new.is_primary),
        position: Set(i64::try_from(index).unwrap_or(count) + 1),
        color: Set(Some(color.unwrap_or(count % check::COLORS + 1).to_string())),
        created_at: Set(ctx.now()),
        version: Set(1),
    };
    let row = tx.insert(scope, row).await.map_err(|err| match err {
        StoreError::Duplicate(_) => ListsError::DuplicateName,
        other => other.into(),
    })?;
    order::renumber(&tx, scope, &others, &ids).await?;
    let event = AuditEvent::new("list.created", "list", id)
        .with("name", &row.name)
        .with("is_primary", row.is_primary);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(List {
        id,
        name: row.name,
        is_primary: row.is_primary,
        position: row.position,
        color: contact_lists::color(row.color.as_deref()),
        created_at: row.created_at,
        version: row.version,
        contacts: 0,
        value_minor: 0,
    })
}

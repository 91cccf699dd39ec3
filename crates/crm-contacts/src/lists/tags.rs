//! Tags a file names and the workspace does not have yet.

use crm_core::{Actor, AuditEvent, Context, ListId, Scope, StoreError, Tx};
use sea_orm::Set;

use super::{check, order};
use crate::entity::contact_lists;

/// Whether a text can be the name of a list.
pub(crate) fn is_name(text: &str) -> bool {
    check::name(text).is_ok()
}

/// Makes tags of these names, behind those that are there, each with its audit entry. A name that somebody else has
/// taken meanwhile is a [`StoreError::Duplicate`].
pub(crate) async fn make(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    actor: &Actor,
    names: &[String],
) -> Result<Vec<ListId>, StoreError> {
    order::take_turn(tx, scope).await?;
    let mut count = i64::try_from(order::of_kind(tx, scope, false).await?.len()).unwrap_or(0);
    let mut ids = Vec::with_capacity(names.len());
    for name in names {
        let id = ctx.id(ListId::from_uuid);
        let row = contact_lists::ActiveModel {
            id: Set(id),
            workspace_id: Set(scope.workspace_id()),
            name: Set(name.clone()),
            is_primary: Set(false),
            position: Set(count + 1),
            color: Set(Some((count % check::COLORS + 1).to_string())),
            created_at: Set(ctx.now()),
            version: Set(1),
        };
        tx.insert(scope, row).await?;
        let event = AuditEvent::new("list.created", "list", id)
            .with("name", name)
            .with("is_primary", false);
        ctx.audit.record(tx, Some(scope.workspace_id()), actor, event).await?;
        ids.push(id);
        count += 1;
    }
    Ok(ids)
}

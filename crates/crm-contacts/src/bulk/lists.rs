//! Stages and tags of many contacts, in few statements.

use std::collections::HashMap;

use crm_core::{ContactId, Context, ListId, Scope, Timestamp, Tx};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set, UpdateMany};
use serde::{Deserialize, Serialize};

use super::Result;
use super::apply::Batch;
use super::check;
use super::rows::Outcome;
use crate::entity::{base_contacts, contact_list_assignments as assignments, contact_lists};
use crate::timeline::{self, LogContent, NewLogEntry};

/// Where a contact was before it moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WasIn {
    pub(super) list_id: Option<ListId>,
    pub(super) assigned_at: Option<Timestamp>,
    pub(super) stage_since: Option<Timestamp>,
}

/// When a contact got the tag that was taken away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HadTag {
    pub(super) assigned_at: Timestamp,
}

/// The rows of contacts in one list, or in their stages.
pub(super) async fn current(
    tx: &Tx,
    scope: &Scope,
    ids: &[ContactId],
    list_id: Option<ListId>,
) -> Result<HashMap<ContactId, assignments::Model>> {
    let select =
        assignments::Entity::find().filter(assignments::Column::ContactId.is_in(ids.to_vec()));
    let select = match list_id {
        Some(list_id) => select.filter(assignments::Column::ListId.eq(list_id)),
        None => select.filter(assignments::Column::IsPrimary.eq(true)),
    };
    Ok(tx.all(scope, select).await?.into_iter().map(|row| (row.contact_id, row)).collect())
}

pub(super) async fn names(tx: &Tx, scope: &Scope) -> Result<HashMap<ListId, String>> {
    let lists = tx.all(scope, contact_lists::Entity::find()).await?;
    Ok(lists.into_iter().map(|list| (list.id, list.name)).collect())
}

/// Where a contact goes, from which stage, and since when it counts as being there.
pub(super) struct Step {
    pub(super) contact_id: ContactId,
    pub(super) from: Option<ListId>,
    pub(super) to: ListId,
    pub(super) assigned_at: Timestamp,
    pub(super) stage_since: Option<Timestamp>,
}

/// Moves contacts along the pipeline, with an entry on the timeline of each.
pub(super) async fn walk(ctx: &Context, tx: &Tx, scope: &Scope, steps: &[Step]) -> Result<()> {
    if steps.is_empty() {
        return Ok(());
    }
    let names = names(tx, scope).await?;
    let ids: Vec<ContactId> = steps.iter().map(|step| step.contact_id).collect();
    let delete = assignments::Entity::delete_many()
        .filter(assignments::Column::IsPrimary.eq(true))
        .filter(assignments::Column::ContactId.is_in(ids.clone()));
    tx.delete_many(scope, delete).await?;
    let rows = steps.iter().map(|step| assignments::ActiveModel {
        workspace_id: Set(scope.workspace_id()),
        contact_id: Set(step.contact_id),
        list_id: Set(step.to),
        is_primary: Set(true),
        assigned_at: Set(step.assigned_at),
    });
    tx.insert_many(scope, rows.collect()).await?;
    let entries = steps.iter().map(|step| NewLogEntry {
        contact_id: step.contact_id,
        content: LogContent::StageChange {
            old_list: step.from.and_then(|id| names.get(&id).cloned()),
            new_list: names.get(&step.to).cloned().unwrap_or_default(),
        },
        timestamp: ctx.now(),
        campaign_recipient_id: None,
    });
    timeline::record::run(ctx, tx, scope, entries.collect()).await?;
    let mut since = CaseStatement::new();
    for step in steps {
        let id = base_contacts::Column::Id.eq(step.contact_id);
        since = since.case(id, Expr::value(step.stage_since));
    }
    let update = touched(ctx, ids).col_expr(base_contacts::Column::StageSince, since.into());
    tx.update_many(scope, update).await?;
    Ok(())
}

/// Counts a change of these contacts.
pub(super) fn touched(ctx: &Context, ids: Vec<ContactId>) -> UpdateMany<base_contacts::Entity> {
    use base_contacts::Column;
    base_contacts::Entity::update_many()
        .col_expr(Column::UpdatedAt, Expr::value(ctx.now()))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.is_in(ids))
}

pub(super) async fn enter(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    batch: Batch,
    list_id: ListId,
) -> Result<Vec<Outcome>> {
    check::list(tx, scope, list_id).await?;
    let stages = current(tx, scope, &batch.ids(), None).await?;
    let now = ctx.now();
    let Batch { there, mut outcomes } = batch;
    let mut steps = Vec::new();
    for (row_no, row) in there {
        let was = stages.get(&row.id);
        if was.is_some_and(|was| was.list_id == list_id) {
            outcomes.push(Outcome::new(row_no, "unchanged"));
            continue;
        }
        let before = WasIn {
            list_id: was.map(|was| was.list_id),
            assigned_at: was.map(|was| was.assigned_at),
            stage_since: row.stage_since,
        };
        outcomes.push(Outcome::new(row_no, "changed").having(kept(&before)?));
        steps.push(Step {
            contact_id: row.id,
            from: before.list_id,
            to: list_id,
            assigned_at: now,
            stage_since: Some(now),
        });
    }
    walk(ctx, tx, scope, &steps).await?;
    Ok(outcomes)
}

pub(super) async fn tag(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    batch: Batch,
    list_id: ListId,
) -> Result<Vec<Outcome>> {
    check::list(tx, scope, list_id).await?;
    let tagged = current(tx, scope, &batch.ids(), Some(list_id)).await?;
    let Batch { there, mut outcomes } = batch;
    let mut new = Vec::new();
    for (row_no, row) in there {
        if tagged.contains_key(&row.id) {
            outcomes.push(Outcome::new(row_no, "unchanged"));
        } else {
            outcomes.push(Outcome::new(row_no, "changed"));
            new.push((row.id, ctx.now()));
        }
    }
    join(ctx, tx, scope, list_id, new).await?;
    Ok(outcomes)
}

/// Puts contacts that are not in a tag into it.
pub(super) async fn join(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    list_id: ListId,
    contacts: Vec<(ContactId, Timestamp)>,
) -> Result<()> {
    if contacts.is_empty() {
        return Ok(());
    }
    let ids = contacts.iter().map(|(id, _)| *id).collect();
    let rows = contacts.into_iter().map(|(contact_id, assigned_at)| assignments::ActiveModel {
        workspace_id: Set(scope.workspace_id()),
        contact_id: Set(contact_id),
        list_id: Set(list_id),
        is_primary: Set(false),
        assigned_at: Set(assigned_at),
    });
    tx.insert_many(scope, rows.collect()).await?;
    tx.update_many(scope, touched(ctx, ids)).await?;
    Ok(())
}

/// Takes contacts out of a tag.
pub(super) async fn leave(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    list_id: ListId,
    contacts: Vec<ContactId>,
) -> Result<()> {
    if contacts.is_empty() {
        return Ok(());
    }
    let delete = assignments::Entity::delete_many()
        .filter(assignments::Column::ListId.eq(list_id))
        .filter(assignments::Column::ContactId.is_in(contacts.clone()));
    tx.delete_many(scope, delete).await?;
    tx.update_many(scope, touched(ctx, contacts)).await?;
    Ok(())
}

pub(super) async fn untag(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    batch: Batch,
    list_id: ListId,
) -> Result<Vec<Outcome>> {
    let tagged = current(tx, scope, &batch.ids(), Some(list_id)).await?;
    let Batch { there, mut outcomes } = batch;
    let mut gone = Vec::new();
    for (row_no, row) in there {
        match tagged.get(&row.id) {
            Some(had) => {
                let before = HadTag { assigned_at: had.assigned_at };
                outcomes.push(Outcome::new(row_no, "changed").having(kept(&before)?));
                gone.push(row.id);
            }
            None => outcomes.push(Outcome::new(row_no, "unchanged")),
        }
    }
    leave(ctx, tx, scope, list_id, gone).await?;
    Ok(outcomes)
}

/// What is kept of a contact to undo a change.
pub(super) fn kept(before: &impl Serialize) -> Result<serde_json::Value> {
    Ok(serde_json::to_value(before).map_err(crm_core::StoreError::from)?)
}

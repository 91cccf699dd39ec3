//! Undoing an action: each contact that is still as the action left it is put back, the others stay.

use crm_core::{AuditEvent, BulkId, MergeId, Scope, StoreError, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::apply::Batch;
use super::columns::ColumnValue;
use super::lists::{self, HadTag, Step, WasIn};
use super::rows::{self, Outcome};
use super::values::{self, Held, Wanted};
use super::{AT_ONCE, Action, Bulk, BulkError, Result, SeaBulkActions, State, get, run};
use crate::entity::{bulk_actions as actions, bulk_rows};
use crate::merge::{MergeError, unmerge_inside};
use crate::trash::{TrashError, restore_inside};

/// Why a contact is not put back.
const CHANGED_SINCE: &str = "somebody changed it since";

pub(super) async fn start(service: &SeaBulkActions, scope: &Scope, id: BulkId) -> Result<Bulk> {
    let ctx = &service.ctx;
    let tx = ctx.db.begin().await?;
    let row = rows::hold(&tx, scope, id).await?.ok_or(BulkError::UnknownBulk)?;
    let bulk = rows::read(row)?;
    if !matches!(bulk.state, State::Done | State::Failed) {
        return Err(BulkError::InvalidState(bulk.state.as_str()));
    }
    let update = actions::Entity::update_many()
        .col_expr(actions::Column::State, Expr::value(State::Undoing.as_str()))
        .col_expr(actions::Column::FinishedAt, Expr::value(None::<String>))
        .filter(actions::Column::Id.eq(id));
    tx.update_many(scope, update).await?;
    let event = AuditEvent::new("contacts.bulk_undone", "bulk", id)
        .with("action", bulk.action.as_str())
        .with("contacts", bulk.changed);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    if usize::try_from(bulk.changed).is_ok_and(|changed| changed <= AT_ONCE) {
        Box::pin(run::batch(service, &tx, scope, id, AT_ONCE + 1)).await?;
    }
    tx.commit().await?;
    get::one(service, scope, id).await?.ok_or(BulkError::UnknownBulk)
}

/// Puts one batch back, the last one changed first.
pub(super) async fn apply(
    service: &SeaBulkActions,
    tx: &Tx,
    scope: &Scope,
    bulk: &Bulk,
    contacts: Vec<bulk_rows::Model>,
) -> Result<Vec<Outcome>> {
    match &bulk.action {
        Action::Move { list_id } => {
            let (batch, befores) = hold::<WasIn>(tx, scope, contacts).await?;
            let stages = lists::current(tx, scope, &batch.ids(), None).await?;
            let names = lists::names(tx, scope).await?;
            let Batch { there, mut outcomes } = batch;
            let mut steps = Vec::new();
            for (row_no, row) in there {
                let is_there = stages.get(&row.id).is_some_and(|now| now.list_id == *list_id);
                let before = befores.iter().find(|(no, _)| *no == row_no).map(|(_, before)| before);
                let back = before.and_then(|before| Some((before.list_id?, before)));
                match back.filter(|(list, _)| is_there && names.contains_key(list)) {
                    Some((to, before)) => {
                        steps.push(Step {
                            contact_id: row.id,
                            from: Some(*list_id),
                            to,
                            assigned_at: before.assigned_at.unwrap_or_else(|| service.ctx.now()),
                            stage_since: before.stage_since,
                        });
                        outcomes.push(Outcome::new(row_no, "undone"));
                    }
                    None => outcomes.push(Outcome::new(row_no, "kept").because(CHANGED_SINCE)),
                }
            }
            lists::walk(&service.ctx, tx, scope, &steps).await?;
            Ok(outcomes)
        }
        Action::Tag { list_id } => {
            let batch = Batch::hold(tx, scope, contacts, "kept").await?;
            let tagged = lists::current(tx, scope, &batch.ids(), Some(*list_id)).await?;
            let Batch { there, mut outcomes } = batch;
            let mut gone = Vec::new();
            for (row_no, row) in there {
                if tagged.contains_key(&row.id) {
                    gone.push(row.id);
                    outcomes.push(Outcome::new(row_no, "undone"));
                } else {
                    outcomes.push(Outcome::new(row_no, "kept").because(CHANGED_SINCE));
                }
            }
            lists::leave(&service.ctx, tx, scope, *list_id, gone).await?;
            Ok(outcomes)
        }
        Action::Untag { list_id } => {
            let (batch, befores) = hold::<HadTag>(tx, scope, contacts).await?;
            let tagged = lists::current(tx, scope, &batch.ids(), Some(*list_id)).await?;
            let exists = lists::names(tx, scope).await?.contains_key(list_id);
            let Batch { there, mut outcomes } = batch;
            let mut back = Vec::new();
            for (row_no, row) in there {
                let before = befores.iter().find(|(no, _)| *no == row_no).map(|(_, before)| before);
                match before.filter(|_| exists && !tagged.contains_key(&row.id)) {
                    Some(before) => {
                        back.push((row.id, before.assigned_at));
                        outcomes.push(Outcome::new(row_no, "undone"));
                    }
                    None => outcomes.push(Outcome::new(row_no, "kept").because(CHANGED_SINCE)),
                }
            }
            lists::join(&service.ctx, tx, scope, *list_id, back).await?;
            Ok(outcomes)
        }
        Action::Set { field, value } => {
            match Wanted::read(tx, scope, field, value.as_ref()).await {
                Ok(Wanted::Column(column)) => {
                    column_back(service, tx, scope, contacts, &column).await
                }
                Ok(Wanted::Custom { name, kind, text }) => {
                    let (batch, befores) = hold::<Held>(tx, scope, contacts).await?;
                    let held = values::held(tx, scope, &batch.ids(), &name).await?;
                    let Batch { there, mut outcomes } = batch;
                    let mut back = Vec::new();
                    for (row_no, row) in there {
                        let before = befores.iter().find(|(no, _)| *no == row_no);
                        match before.filter(|_| held.get(&row.id) == text.as_ref()) {
                            Some((_, before)) => {
                                back.push((row.id, before.value.clone()));
                                outcomes.push(Outcome::new(row_no, "undone"));
                            }
                            None => {
                                outcomes.push(Outcome::new(row_no, "kept").because(CHANGED_SINCE));
                            }
                        }
                    }
                    values::write_custom(&service.ctx, tx, scope, (&name, kind), back).await?;
                    Ok(outcomes)
                }
                // The field or the owner is gone since.
                Err(BulkError::Store(err)) => Err(err.into()),
                Err(err) => Ok(contacts
                    .iter()
                    .map(|row| Outcome::new(row.row_no, "kept").because(err.to_string()))
                    .collect()),
            }
        }
        Action::Delete => restore(service, tx, scope, contacts).await,
        Action::Merge { .. } => unmerge(service, tx, scope, contacts).await,
    }
}

/// The contacts of a batch with what was kept of each.
async fn hold<T: DeserializeOwned>(
    tx: &Tx,
    scope: &Scope,
    contacts: Vec<bulk_rows::Model>,
) -> Result<(Batch, Vec<(i64, T)>)> {
    let mut befores = Vec::new();
    for row in &contacts {
        if let Some(before) = &row.before {
            let before = serde_json::from_value(before.clone()).map_err(StoreError::from)?;
            befores.push((row.row_no, before));
        }
    }
    Ok((Batch::hold(tx, scope, contacts, "kept").await?, befores))
}

async fn column_back(
    service: &SeaBulkActions,
    tx: &Tx,
    scope: &Scope,
    contacts: Vec<bulk_rows::Model>,
    wanted: &ColumnValue,
) -> Result<Vec<Outcome>> {
    let (batch, befores) = hold::<Held>(tx, scope, contacts).await?;
    let Batch { there, mut outcomes } = batch;
    // Contacts that had the same value are written together.
    let mut groups: Vec<(ColumnValue, Vec<crm_core::ContactId>)> = Vec::new();
    for (row_no, row) in there {
        let before = befores.iter().find(|(no, _)| *no == row_no);
        let Some((_, before)) = before.filter(|_| wanted.of(&row) == *wanted) else {
            outcomes.push(Outcome::new(row_no, "kept").because(CHANGED_SINCE));
            continue;
        };
        let mut value = wanted.back(before.value.as_deref());
        if let ColumnValue::Owner(Some(owner)) = &value
            && !crm_core::workspace::is_member_in(tx, scope, *owner).await?
        {
            value = ColumnValue::Owner(None);
        }
        match groups.iter_mut().find(|(known, _)| *known == value) {
            Some((_, ids)) => ids.push(row.id),
            None => groups.push((value, vec![row.id])),
        }
        outcomes.push(Outcome::new(row_no, "undone"));
    }
    for (value, ids) in groups {
        values::write_column(&service.ctx, tx, scope, ids, &value).await?;
    }
    Ok(outcomes)
}

async fn restore(
    service: &SeaBulkActions,
    tx: &Tx,
    scope: &Scope,
    contacts: Vec<bulk_rows::Model>,
) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for row in contacts {
        let restored = Box::pin(restore_inside(&service.trash, tx, scope, row.contact_id)).await;
        outcomes.push(match restored {
            Ok(()) => Outcome::new(row.row_no, "undone"),
            Err(TrashError::Store(err)) => return Err(err.into()),
            Err(err) => Outcome::new(row.row_no, "kept").because(err.to_string()),
        });
    }
    Ok(outcomes)
}

/// What is kept of a merge.
#[derive(Deserialize)]
struct MergedBy {
    merge_id: MergeId,
}

async fn unmerge(
    service: &SeaBulkActions,
    tx: &Tx,
    scope: &Scope,
    contacts: Vec<bulk_rows::Model>,
) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for row in contacts {
        let before: Option<MergedBy> =
            row.before.map(serde_json::from_value).transpose().map_err(StoreError::from)?;
        let Some(MergedBy { merge_id }) = before else {
            outcomes.push(Outcome::new(row.row_no, "kept"));
            continue;
        };
        let undone = Box::pin(unmerge_inside(&service.merges, tx, scope, merge_id)).await;
        outcomes.push(match undone {
            Ok(_) => Outcome::new(row.row_no, "undone"),
            Err(MergeError::Store(err)) => return Err(err.into()),
            Err(err) => Outcome::new(row.row_no, "kept").because(err.to_string()),
        });
    }
    Ok(outcomes)
}

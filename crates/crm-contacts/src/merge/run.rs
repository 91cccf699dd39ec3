//! Making one contact of two.

use crm_core::{AuditEvent, ConsentId, ContactId, LogId, MergeId, Scope, StoreError, TaskId, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    QuerySelect, Set,
};

use super::journal::Record;
use super::resolve::{self, Resolved};
use super::{MergeError, MergeRequest, Merged, Result, SeaMerges};
use crate::contacts::{definitions, load, save};
use crate::door::Door;
use crate::entity::{
    base_contacts, communication_logs as logs, consents, contact_list_assignments as assignments,
    contact_lists, merge_journal, tasks,
};
use crate::ledger::{Joining, Reachable};
use crate::lists::membership;
use crate::snapshot::{Core, Snapshot, dismissed};
use crate::timeline::{self, LogContent, NewLogEntry};

pub(super) async fn run(
    service: &SeaMerges,
    scope: &Scope,
    request: MergeRequest,
) -> Result<Merged> {
    let tx = service.ctx.db.begin().await?;
    match inside(service, &tx, scope, &request).await {
        Ok(Step::Merged(merge_id)) => {
            let contact = save::finish(tx, scope, request.target_id).await?;
            Ok(Merged { merge_id, contact })
        }
        Ok(Step::Refused(fields, err)) => {
            let err = save::refused(&service.ctx, tx, scope, &fields, err).await;
            Err(MergeError::Contact(err))
        }
        Err(err) => {
            tx.rollback().await?;
            Err(err)
        }
    }
}

/// How far merging came inside a transaction.
pub(crate) enum Step {
    /// All is written.
    Merged(MergeId),
    /// The database refused an address or a number: it is a third contact's.
    Refused(Box<crate::contacts::fields::Fields>, StoreError),
}

/// Merges inside a transaction that is the caller's to end.
pub(crate) async fn inside(
    service: &SeaMerges,
    tx: &Tx,
    scope: &Scope,
    request: &MergeRequest,
) -> Result<Step> {
    let ctx = &service.ctx;
    let (source_id, target_id) = (request.source_id, request.target_id);
    let (source, target) = hold(tx, scope, request).await?;
    let region = crm_core::workspace::read_in(tx, scope).await?.default_region;
    let known = definitions::load(Door::Tx(tx), scope).await?;
    let door = Door::Tx(tx);
    let shown = load::by_id(door, scope, target_id).await?.ok_or(MergeError::UnknownContact)?;
    let source_name = source.display_name();
    let before = Core::read(tx, scope, target).await?;
    let source = Core::read(tx, scope, source).await?;
    let resolved = resolve::run(&source, &before, &known, &request.resolution, &region)?;
    let typed_owner = resolved.fields.owner_id;
    if typed_owner != before.contact.owner_id && typed_owner != source.contact.owner_id {
        resolved.fields.check_owner(tx, scope).await?;
    }

    let moved_logs = move_logs(tx, scope, source_id, target_id).await?;
    let moved_tasks = move_tasks(tx, scope, source_id, target_id).await?;
    let moved_consents = move_consents(tx, scope, source_id, target_id).await?;
    let joining = Joining {
        source: source_id,
        target: target_id,
        before: vec![reachable(&source.contact), reachable(&before.contact)],
        after: Reachable {
            email: resolved.fields.primary_email.clone(),
            phone: resolved.fields.primary_phone.clone(),
        },
    };
    let recipients = service.ledger.of_contact(tx, scope, source_id).await?;
    let handover = service.ledger.hand_over(tx, scope, &joining).await?;
    let dismissals = dismissed(tx, scope, source_id).await?;
    let delete =
        base_contacts::Entity::delete_many().filter(base_contacts::Column::Id.eq(source_id));
    tx.delete_many(scope, delete).await?;

    let mut written = Vec::new();
    let stage_since = lists(service, tx, scope, &source, &before, &resolved, &mut written).await?;
    let Resolved { fields, custom, .. } = resolved;
    let update = save::update_of(target_id, &fields, stage_since, ctx.now());
    if let Err(err) = tx.update_many(scope, update).await {
        return Ok(Step::Refused(Box::new(fields), err));
    }
    save::write_custom(ctx, tx, scope, target_id, &custom, Some(&shown)).await?;
    let message = LogContent::System { message: format!("Merged with {source_name}") };
    written.push(note(service, tx, scope, target_id, message).await?);

    let row = tx.one(scope, base_contacts::Entity::find_by_id(target_id)).await?;
    let row = row.ok_or(MergeError::UnknownContact)?;
    let record = Record {
        source: Snapshot {
            core: source,
            dismissals,
            tasks: Vec::new(),
            logs: Vec::new(),
            consents: Vec::new(),
            recipients,
        },
        logs: moved_logs,
        tasks: moved_tasks,
        consents: moved_consents,
        before,
        after: Core::read(tx, scope, row).await?,
        written,
        handover,
    };
    let id = ctx.id(MergeId::from_uuid);
    let journal = merge_journal::ActiveModel {
        id: Set(id),
        workspace_id: Set(scope.workspace_id()),
        source_id: Set(source_id),
        target_id: Set(target_id),
        actor_id: Set(scope.user_id()),
        snapshot: Set(serde_json::to_value(&record).map_err(StoreError::from)?),
        created_at: Set(ctx.now()),
        undone_at: Set(None),
    };
    tx.insert(scope, journal).await?;
    let event = AuditEvent::new("contact.merged", "contact", target_id)
        .with("source_id", source_id)
        .with("merge_id", id);
    ctx.audit.record(tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    Ok(Step::Merged(id))
}

/// Holds both contacts, in the order of their ids, so that two merges cannot wait for each other.
async fn hold(
    tx: &Tx,
    scope: &Scope,
    request: &MergeRequest,
) -> Result<(base_contacts::Model, base_contacts::Model)> {
    let (source, target) = (request.source_id, request.target_id);
    if source == target {
        return Err(MergeError::Same);
    }
    let mut held = Vec::new();
    for id in [source.min(target), source.max(target)] {
        let seen = if id == source { request.source_version } else { request.target_version };
        let row = save::hold(tx, scope, id, seen).await.map_err(|err| match err {
            crate::contacts::ContactsError::Stale => MergeError::Stale,
            other => MergeError::Contact(other),
        })?;
        held.push(row.ok_or(MergeError::UnknownContact)?);
    }
    let (Some(second), Some(first)) = (held.pop(), held.pop()) else {
        return Err(MergeError::UnknownContact);
    };
    Ok(if first.id == source { (first, second) } else { (second, first) })
}

pub(super) fn reachable(row: &base_contacts::Model) -> Reachable {
    Reachable { email: row.primary_email.clone(), phone: row.primary_phone.clone() }
}

#[derive(FromQueryResult)]
struct LogKey {
    id: LogId,
}

#[derive(FromQueryResult)]
struct TaskKey {
    id: TaskId,
}

async fn move_logs(
    tx: &Tx,
    scope: &Scope,
    source: ContactId,
    target: ContactId,
) -> Result<Vec<LogId>> {
    let select = logs::Entity::find()
        .select_only()
        .column(logs::Column::Id)
        .filter(logs::Column::ContactId.eq(source));
    let ids: Vec<LogKey> = tx.all_as(scope, select).await?;
    let update = logs::Entity::update_many()
        .col_expr(logs::Column::ContactId, Expr::value(target))
        .filter(logs::Column::ContactId.eq(source));
    tx.update_many(scope, update).await?;
    Ok(ids.into_iter().map(|row| row.id).collect())
}

async fn move_tasks(
    tx: &Tx,
    scope: &Scope,
    source: ContactId,
    target: ContactId,
) -> Result<Vec<TaskId>> {
    let select = tasks::Entity::find()
        .select_only()
        .column(tasks::Column::Id)
        .filter(tasks::Column::ContactId.eq(source));
    let ids: Vec<TaskKey> = tx.all_as(scope, select).await?;
    let update = tasks::Entity::update_many()
        .col_expr(tasks::Column::ContactId, Expr::value(target))
        .filter(tasks::Column::ContactId.eq(source));
    tx.update_many(scope, update).await?;
    Ok(ids.into_iter().map(|row| row.id).collect())
}

/// What either said is what the one person said; the last word holds.
async fn move_consents(
    tx: &Tx,
    scope: &Scope,
    source: ContactId,
    target: ContactId,
) -> Result<Vec<ConsentId>> {
    let rows = tx.all(scope, crate::consents::of_contact(source)).await?;
    let update = consents::Entity::update_many()
        .col_expr(consents::Column::ContactId, Expr::value(target))
        .filter(consents::Column::ContactId.eq(source));
    tx.update_many(scope, update).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Gives the target the tags of the source and, where that was chosen, its stage. Answers since when it is in its stage.
async fn lists(
    service: &SeaMerges,
    tx: &Tx,
    scope: &Scope,
    source: &Core,
    target: &Core,
    resolved: &Resolved,
    written: &mut Vec<LogId>,
) -> Result<Option<crm_core::Timestamp>> {
    let id = target.contact.id;
    let as_mine = |row: &assignments::Model| {
        let mut row = row.clone();
        row.contact_id = id;
        row.into_active_model().reset_all()
    };
    let missing = source.lists.iter().filter(|row| {
        !row.is_primary && target.lists.iter().all(|mine| mine.list_id != row.list_id)
    });
    let missing: Vec<_> = missing.map(as_mine).collect();
    if !missing.is_empty() {
        tx.insert_many(scope, missing).await?;
    }
    let theirs = source.stage().filter(|_| resolved.takes_stage);
    let Some(theirs) = theirs else { return Ok(target.contact.stage_since) };
    let old = target.stage().map(|row| row.list_id);
    if old == Some(theirs.list_id) {
        return Ok(target.contact.stage_since);
    }
    if let Some(old) = old {
        membership::leave(tx, scope, id, &[old]).await?;
    }
    tx.insert_many(scope, vec![as_mine(theirs)]).await?;
    let old_list = match old {
        Some(old) => name(tx, scope, old).await?,
        None => None,
    };
    let new_list = name(tx, scope, theirs.list_id).await?.unwrap_or_default();
    let content = LogContent::StageChange { old_list, new_list };
    written.push(note(service, tx, scope, id, content).await?);
    // They have been in that stage since they entered it, whatever the record was called.
    Ok(source.contact.stage_since)
}

async fn name(tx: &Tx, scope: &Scope, id: crm_core::ListId) -> Result<Option<String>> {
    let row = tx.one(scope, contact_lists::Entity::find_by_id(id)).await?;
    Ok(row.map(|list| list.name))
}

/// Writes an entry of the merge's own and answers with its id.
async fn note(
    service: &SeaMerges,
    tx: &Tx,
    scope: &Scope,
    contact_id: ContactId,
    content: LogContent,
) -> Result<LogId> {
    let ctx = &service.ctx;
    let entry =
        NewLogEntry { contact_id, content, timestamp: ctx.now(), campaign_recipient_id: None };
    let row = timeline::record::row(ctx, scope, &entry)?;
    Ok(tx.insert(scope, row).await?.id)
}

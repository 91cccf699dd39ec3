//! Everything about one person.

use std::collections::HashMap;

use crm_core::{AuditEvent, ContactId, Scope, StoreError};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{
    PersonConsent, PersonEntry, PersonFile, PersonList, PersonMerge, PersonTask, SeaPrivacy,
};
use crate::contacts::custom::from_text;
use crate::entity::{base_contacts, contact_lists, merge_journal};
use crate::ledger::Reachable;
use crate::merge::merged_contact;
use crate::snapshot::Snapshot;

pub(super) async fn run(
    service: &SeaPrivacy,
    scope: &Scope,
    id: ContactId,
) -> Result<Option<PersonFile>, StoreError> {
    let ctx = &service.ctx;
    let tx = ctx.db.begin().await?;
    let Some(row) = tx.one(scope, base_contacts::Entity::find_by_id(id)).await? else {
        return Ok(None);
    };
    let reach = Reachable { email: row.primary_email.clone(), phone: row.primary_phone.clone() };
    let snapshot = Snapshot::read(&tx, scope, service.ledger.as_ref(), row).await?;
    let traces = service.ledger.traces(&tx, scope, id, &reach).await?;
    let names: HashMap<_, _> = tx
        .all(scope, contact_lists::Entity::find())
        .await?
        .into_iter()
        .map(|list| (list.id, list.name))
        .collect();
    let merges = merge_journal::Entity::find()
        .filter(merge_journal::Column::TargetId.eq(id))
        .filter(merge_journal::Column::UndoneAt.is_null())
        .order_by_asc(merge_journal::Column::Id);
    let mut joined = Vec::new();
    for journal in tx.all(scope, merges).await? {
        let merged_at = journal.created_at;
        let source = merged_contact(journal)?;
        joined.push(PersonMerge {
            name: source.display_name(),
            primary_email: source.primary_email,
            primary_phone: source.primary_phone,
            merged_at,
        });
    }
    let contact = snapshot.core.contact;
    let mut logs = snapshot.logs;
    logs.sort_by_key(|log| (log.timestamp, log.id));
    let file = PersonFile {
        exported_at: ctx.now(),
        id: contact.id,
        first_name: contact.first_name,
        last_name: contact.last_name,
        primary_email: contact.primary_email,
        primary_phone: contact.primary_phone,
        company: contact.company,
        value_minor: contact.value_minor,
        created_on: contact.created_on,
        updated_at: contact.updated_at,
        custom: snapshot
            .core
            .custom
            .into_iter()
            .map(|row| Ok((row.field_name, from_text(&row.field_type, row.field_value)?)))
            .collect::<Result<_, StoreError>>()?,
        lists: snapshot
            .core
            .lists
            .iter()
            .map(|row| PersonList {
                name: names.get(&row.list_id).cloned().unwrap_or_default(),
                is_primary: row.is_primary,
                since: row.assigned_at,
            })
            .collect(),
        timeline: logs
            .into_iter()
            .map(|log| {
                let content = serde_json::from_value(log.content)?;
                Ok(PersonEntry { timestamp: log.timestamp, content })
            })
            .collect::<Result<_, StoreError>>()?,
        tasks: snapshot
            .tasks
            .into_iter()
            .map(|task| PersonTask {
                kind: task.kind,
                title: task.title,
                due_at: task.due_at,
                done_at: task.done_at,
                created_at: task.created_at,
            })
            .collect(),
        consents: snapshot
            .consents
            .into_iter()
            .rev()
            .map(|consent| PersonConsent {
                channel: consent.channel,
                state: consent.state,
                at: consent.at,
                source: consent.source,
                wording: consent.wording,
                recorded_at: consent.created_at,
            })
            .collect(),
        campaigns: traces.campaigns,
        suppressions: traces.suppressions,
        merged: joined,
    };
    let event = AuditEvent::new("contact.exported", "contact", id);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(Some(file))
}

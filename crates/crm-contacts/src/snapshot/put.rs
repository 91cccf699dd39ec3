//! Bringing a contact back under the id it had. What it referred to may be gone meanwhile: lists, fields and people that
//! are no more are left out, and nothing else is.

use std::collections::HashSet;

use crm_core::{Context, RecipientId, Scope, StoreError, Tx, UserId, workspace};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use super::Snapshot;
use crate::contacts::definitions;
use crate::door::Door;
use crate::entity::{base_contacts, contact_lists};
use crate::ledger::CampaignLedger;
use crate::lists::membership;

/// What a contact is brought back with.
#[derive(Clone, Copy)]
pub(crate) struct Put<'a> {
    pub(crate) ctx: &'a Context,
    pub(crate) tx: &'a Tx,
    pub(crate) scope: &'a Scope,
    pub(crate) ledger: &'a dyn CampaignLedger,
}

/// Writes the rows of a snapshot. Its address and number must be free; the caller has seen to that.
pub(crate) async fn put(put: Put<'_>, mut snapshot: Snapshot) -> Result<(), StoreError> {
    let Put { ctx, tx, scope, ledger } = put;
    let people = people(tx, &snapshot).await?;
    let still = |id: Option<UserId>| id.filter(|id| people.contains(id));
    let lists = lists(tx, scope).await?;
    let id = snapshot.core.contact.id;

    let contact = &mut snapshot.core.contact;
    contact.owner_id = still(contact.owner_id);
    snapshot.core.lists.retain(|row| lists.contains(&(row.list_id, row.is_primary)));
    let stage = snapshot.core.stage().is_none();
    insert(tx, scope, vec![snapshot.core.contact.clone()]).await?;
    insert(tx, scope, snapshot.core.lists).await?;
    if stage {
        membership::enter_first(ctx, tx, scope, id).await?;
    }
    let known = definitions::load(Door::Tx(tx), scope).await?;
    let fits = |name: &str, kind: &str| {
        known.iter().any(|field| field.name == name && field.field_type.as_str() == kind)
    };
    snapshot.core.custom.retain(|row| fits(&row.field_name, &row.field_type));
    insert(tx, scope, snapshot.core.custom).await?;

    for task in &mut snapshot.tasks {
        task.assignee_id = still(task.assignee_id);
        task.created_by = still(task.created_by);
    }
    insert(tx, scope, snapshot.tasks).await?;
    let told: Vec<RecipientId> =
        snapshot.logs.iter().filter_map(|log| log.campaign_recipient_id).collect();
    let told = ledger.existing(tx, scope, &told).await?;
    for log in &mut snapshot.logs {
        log.actor_id = still(log.actor_id);
        log.campaign_recipient_id = log.campaign_recipient_id.filter(|id| told.contains(id));
    }
    insert(tx, scope, snapshot.logs).await?;

    for consent in &mut snapshot.consents {
        consent.recorded_by = still(consent.recorded_by);
    }
    insert(tx, scope, snapshot.consents).await?;

    let others: Vec<_> =
        snapshot.dismissals.iter().flat_map(|row| [row.contact_a, row.contact_b]).collect();
    let there =
        base_contacts::Entity::find().filter(base_contacts::Column::Id.is_in(others)).limit(10_000);
    let there: HashSet<_> = tx.all(scope, there).await?.into_iter().map(|row| row.id).collect();
    snapshot
        .dismissals
        .retain(|row| there.contains(&row.contact_a) && there.contains(&row.contact_b));
    for row in &mut snapshot.dismissals {
        row.user_id = still(row.user_id);
    }
    insert(tx, scope, snapshot.dismissals).await?;
    ledger.attach(tx, scope, id, &snapshot.recipients).await
}

/// Which of the people a snapshot names have an account still.
async fn people(tx: &Tx, snapshot: &Snapshot) -> Result<HashSet<UserId>, StoreError> {
    let mut ids: Vec<Option<UserId>> = vec![snapshot.core.contact.owner_id];
    ids.extend(snapshot.tasks.iter().flat_map(|task| [task.assignee_id, task.created_by]));
    ids.extend(snapshot.logs.iter().map(|log| log.actor_id));
    ids.extend(snapshot.consents.iter().map(|consent| consent.recorded_by));
    ids.extend(snapshot.dismissals.iter().map(|row| row.user_id));
    workspace::known_users_in(tx, ids.into_iter().flatten()).await
}

async fn lists(tx: &Tx, scope: &Scope) -> Result<HashSet<(crm_core::ListId, bool)>, StoreError> {
    let rows = tx.all(scope, contact_lists::Entity::find()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.is_primary)).collect())
}

async fn insert<M>(tx: &Tx, scope: &Scope, rows: Vec<M>) -> Result<(), StoreError>
where
    M: IntoActiveModel<<<M as sea_orm::ModelTrait>::Entity as EntityTrait>::ActiveModel>
        + sea_orm::ModelTrait,
    M::Entity: crm_core::Scoped,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity>,
{
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows.into_iter().map(|row| row.into_active_model().reset_all()).collect();
    tx.insert_many(scope, rows).await
}

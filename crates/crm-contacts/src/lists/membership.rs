//! Which lists one contact is in: at most one stage, any number of tags. Every move along the pipeline leaves an entry
//! on the contact's timeline.

use std::collections::BTreeSet;

use crm_core::{ContactId, Context, ListId, Scope, StoreError, Timestamp, Tx};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use crate::entity::{contact_list_assignments as assignments, contact_lists};
use crate::timeline::{self, LogContent, NewLogEntry};

/// Lists of this workspace a contact shall be in.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The stage; `None` keeps the one the contact is in, or takes the first one.
    stage: Option<contact_lists::Model>,
    tags: Vec<contact_lists::Model>,
}

impl Wanted {
    /// Settles the stage of a new contact: where none is wanted, it enters the first one. Answers whether there is one.
    pub(crate) async fn settle(&mut self, tx: &Tx, scope: &Scope) -> Result<bool, StoreError> {
        if self.stage.is_none() {
            self.stage = first_stage(tx, scope).await?;
        }
        Ok(self.stage.is_some())
    }

    /// Puts a contact that is in no list yet into these, once they are settled, and answers which they are.
    pub(crate) async fn enter(
        self,
        ctx: &Context,
        tx: &Tx,
        scope: &Scope,
        contact_id: ContactId,
    ) -> Result<Vec<contact_lists::Model>, StoreError> {
        let mut lists = self.tags;
        for tag in &lists {
            join(ctx, tx, scope, contact_id, tag).await?;
        }
        if let Some(stage) = self.stage {
            move_to(ctx, tx, scope, contact_id, None, &stage).await?;
            lists.push(stage);
        }
        Ok(lists)
    }
}

/// Why lists cannot be had together.
#[derive(Debug)]
pub(crate) enum BadLists {
    /// One of them is not in this workspace.
    Unknown,
    /// Two of them are stages.
    TwoStages,
    /// The database failed.
    Store(StoreError),
}

impl From<StoreError> for BadLists {
    fn from(err: StoreError) -> Self {
        Self::Store(err)
    }
}

/// What came of putting a contact into lists.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Since when the contact is in its stage, where it just entered it.
    pub(crate) entered_stage: Option<Timestamp>,
    /// Whether anything changed.
    pub(crate) changed: bool,
}

/// Reads the lists of these ids and checks that a contact can be in all of them.
pub(crate) async fn resolve(tx: &Tx, scope: &Scope, ids: &[ListId]) -> Result<Wanted, BadLists> {
    let ids: BTreeSet<ListId> = ids.iter().copied().collect();
    let mut wanted = Wanted { stage: None, tags: Vec::new() };
    if ids.is_empty() {
        return Ok(wanted);
    }
    let select =
        contact_lists::Entity::find().filter(contact_lists::Column::Id.is_in(ids.iter().copied()));
    let rows = tx.all(scope, select).await?;
    if rows.len() != ids.len() {
        return Err(BadLists::Unknown);
    }
    for row in rows {
        if !row.is_primary {
            wanted.tags.push(row);
        } else if wanted.stage.replace(row).is_some() {
            return Err(BadLists::TwoStages);
        }
    }
    Ok(wanted)
}

/// The stage new contacts enter; `None` where the workspace has no stages.
async fn first_stage(tx: &Tx, scope: &Scope) -> Result<Option<contact_lists::Model>, StoreError> {
    let select = contact_lists::Entity::find()
        .filter(contact_lists::Column::IsPrimary.eq(true))
        .order_by_asc(contact_lists::Column::Position)
        .order_by_asc(contact_lists::Column::Id)
        .limit(1);
    tx.one(scope, select).await
}

/// Puts a contact into exactly these lists. The caller holds the contact's row and writes what the outcome says to it.
pub(crate) async fn set(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    contact_id: ContactId,
    wanted: Wanted,
) -> Result<Outcome, StoreError> {
    let current = current(tx, scope, contact_id).await?;
    let mut outcome = Outcome::default();
    let kept: Vec<ListId> = wanted.tags.iter().map(|tag| tag.id).collect();
    let gone = current.iter().filter(|row| !row.is_primary && !kept.contains(&row.list_id));
    let gone: Vec<ListId> = gone.map(|row| row.list_id).collect();
    if !gone.is_empty() {
        leave(tx, scope, contact_id, &gone).await?;
        outcome.changed = true;
    }
    for tag in wanted.tags {
        if current.iter().all(|row| row.list_id != tag.id) {
            join(ctx, tx, scope, contact_id, &tag).await?;
            outcome.changed = true;
        }
    }
    let old = current.iter().find(|row| row.is_primary).map(|row| row.list_id);
    let stage = match (wanted.stage, old) {
        (Some(stage), _) => Some(stage),
        (None, Some(_)) => None,
        (None, None) => first_stage(tx, scope).await?,
    };
    if let Some(stage) = stage
        && let Some(entered) = move_to(ctx, tx, scope, contact_id, old, &stage).await?
    {
        outcome = Outcome { entered_stage: Some(entered), changed: true };
    }
    Ok(outcome)
}

/// Adds a contact to one list: a stage replaces the stage it is in.
pub(crate) async fn add(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    contact_id: ContactId,
    list: contact_lists::Model,
) -> Result<Outcome, StoreError> {
    let current = current(tx, scope, contact_id).await?;
    if list.is_primary {
        let old = current.iter().find(|row| row.is_primary).map(|row| row.list_id);
        let entered_stage = move_to(ctx, tx, scope, contact_id, old, &list).await?;
        return Ok(Outcome { entered_stage, changed: entered_stage.is_some() });
    }
    if current.iter().any(|row| row.list_id == list.id) {
        return Ok(Outcome::default());
    }
    join(ctx, tx, scope, contact_id, &list).await?;
    Ok(Outcome { entered_stage: None, changed: true })
}

/// Puts a contact that is in no stage into the first one; nothing where there is none.
pub(crate) async fn enter_first(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    contact_id: ContactId,
) -> Result<(), StoreError> {
    match first_stage(tx, scope).await? {
        Some(stage) => join(ctx, tx, scope, contact_id, &stage).await,
        None => Ok(()),
    }
}

/// Takes a contact out of lists; returns how many of them it was in.
pub(crate) async fn leave(
    tx: &Tx,
    scope: &Scope,
    contact_id: ContactId,
    lists: &[ListId],
) -> Result<u64, StoreError> {
    let delete = assignments::Entity::delete_many()
        .filter(assignments::Column::ContactId.eq(contact_id))
        .filter(assignments::Column::ListId.is_in(lists.iter().copied()));
    tx.delete_many(scope, delete).await
}

async fn current(
    tx: &Tx,
    scope: &Scope,
    contact_id: ContactId,
) -> Result<Vec<assignments::Model>, StoreError> {
    let select = assignments::Entity::find().filter(assignments::Column::ContactId.eq(contact_id));
    tx.all(scope, select).await
}

async fn join(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    contact_id: ContactId,
    list: &contact_lists::Model,
) -> Result<(), StoreError> {
    let row = assignments::ActiveModel {
        workspace_id: Set(scope.workspace_id()),
        contact_id: Set(contact_id),
        list_id: Set(list.id),
        is_primary: Set(list.is_primary),
        assigned_at: Set(ctx.now()),
    };
    tx.insert(scope, row).await?;
    Ok(())
}

async fn move_to(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    contact_id: ContactId,
    old: Option<ListId>,
    stage: &contact_lists::Model,
) -> Result<Option<Timestamp>, StoreError> {
    if old == Some(stage.id) {
        return Ok(None);
    }
    let mut old_list = None;
    if let Some(old) = old {
        let select = contact_lists::Entity::find_by_id(old);
        old_list = tx.one(scope, select).await?.map(|list| list.name);
        leave(tx, scope, contact_id, &[old]).await?;
    }
    join(ctx, tx, scope, contact_id, stage).await?;
    let now = ctx.now();
    let entry = NewLogEntry {
        contact_id,
        content: LogContent::StageChange { old_list, new_list: stage.name.clone() },
        timestamp: now,
        campaign_recipient_id: None,
    };
    timeline::record::run(ctx, tx, scope, vec![entry]).await?;
    Ok(Some(now))
}

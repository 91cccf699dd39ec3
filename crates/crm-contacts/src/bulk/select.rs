//! Which contacts an action is about.

use std::collections::HashSet;

use crm_core::{ContactId, Scope, Tx};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use super::{BulkError, Filter, MOST_IDS, Result, SeaBulkActions, Selected, Selection};
use crate::contacts::search;
use crate::door::Door;
use crate::entity::base_contacts::{Column, Entity};
use crate::segments::saved::SavedSegments as _;
use crate::segments::{Segment, SegmentError, compile, list_condition};

/// Names shown of a selection.
const SHOWN: u64 = 5;
/// Ids read at once.
const STRETCH: u64 = 5_000;

/// What a token says.
#[derive(Serialize, Deserialize)]
struct Said {
    filter: Filter,
    count: u64,
}

pub(super) async fn run(
    service: &SeaBulkActions,
    scope: &Scope,
    filter: Filter,
) -> Result<Selected> {
    let condition = condition(service, scope, &filter).await?;
    let select = Entity::find().filter(condition);
    let count = service.ctx.db.count(scope, select.clone()).await?;
    let first = select.order_by_desc(Column::CreatedOn).order_by_desc(Column::Id).limit(SHOWN);
    let rows = service.ctx.db.all(scope, first).await?;
    let said = Said { filter, count };
    let text = serde_json::to_string(&said).map_err(crm_core::StoreError::from)?;
    let token = service.vault.seal(&place(scope), &text).map_err(|_| BulkError::InvalidToken)?;
    Ok(Selected {
        token,
        count,
        sample: rows.iter().map(crate::entity::base_contacts::Model::display_name).collect(),
    })
}

/// What a token is bound to: nobody else can use it, nor anywhere else.
fn place(scope: &Scope) -> String {
    let user = scope.user_id().map(|id| id.to_string()).unwrap_or_default();
    format!("selection/{}/{user}", scope.workspace_id())
}

/// The contacts selected, in the order of their ids.
pub(super) async fn ids(
    service: &SeaBulkActions,
    tx: &Tx,
    scope: &Scope,
    selection: Selection,
) -> Result<Vec<ContactId>> {
    let (filter, count) = match selection {
        Selection::Ids(ids) => return named(tx, scope, ids).await,
        Selection::Filter(filter, count) => (filter, count),
        Selection::Token(token) => {
            let said = service.vault.open(&place(scope), &token);
            let said = said.map_err(|_| BulkError::InvalidToken)?;
            let said: Said =
                serde_json::from_str(said.expose_secret()).map_err(|_| BulkError::InvalidToken)?;
            (said.filter, Some(said.count))
        }
    };
    let condition = condition(service, scope, &filter).await?;
    let ids = matching(tx, scope, &condition).await?;
    let now = u64::try_from(ids.len()).unwrap_or(u64::MAX);
    match count {
        Some(then) if then != now => Err(BulkError::CountChanged { then, now }),
        _ => Ok(ids),
    }
}

async fn named(tx: &Tx, scope: &Scope, ids: Vec<ContactId>) -> Result<Vec<ContactId>> {
    let mut seen = HashSet::new();
    let mut ids: Vec<ContactId> = ids.into_iter().filter(|id| seen.insert(*id)).collect();
    if ids.len() > MOST_IDS {
        return Err(BulkError::TooMany);
    }
    ids.sort_unstable();
    let known = matching(tx, scope, &Condition::all().add(Column::Id.is_in(ids.clone()))).await?;
    if known.len() == ids.len() { Ok(ids) } else { Err(BulkError::UnknownContact) }
}

#[derive(FromQueryResult)]
struct Key {
    id: ContactId,
}

async fn matching(tx: &Tx, scope: &Scope, condition: &Condition) -> Result<Vec<ContactId>> {
    let mut ids: Vec<ContactId> = Vec::new();
    loop {
        let mut select = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(condition.clone())
            .order_by_asc(Column::Id)
            .limit(STRETCH);
        if let Some(last) = ids.last() {
            select = select.filter(Column::Id.gt(*last));
        }
        let rows: Vec<Key> = tx.all_as(scope, select).await?;
        let whole = u64::try_from(rows.len()).unwrap_or(STRETCH) == STRETCH;
        ids.extend(rows.into_iter().map(|row| row.id));
        if !whole {
            return Ok(ids);
        }
    }
}

async fn condition(service: &SeaBulkActions, scope: &Scope, filter: &Filter) -> Result<Condition> {
    let mut segments: Vec<Segment> = Vec::new();
    if let Some(text) = filter.segment_json.as_deref().filter(|text| !text.is_empty()) {
        let json: serde_json::Value = serde_json::from_str(text)
            .map_err(|err| SegmentError::Malformed(format!("segment_json is no JSON: {err}")))?;
        segments.push(Segment::parse(&json)?);
    }
    if let Some(id) = filter.segment_id {
        let saved = service.segments.get(scope, id).await?;
        let unknown = || SegmentError::Unknown("there is no such segment".to_owned());
        segments.push(saved.ok_or_else(unknown)?.segment);
    }
    let ctx = &service.ctx;
    let door = Door::Db(&ctx.db);
    let mut all = Condition::all();
    if let Some(plan) = search::plan(ctx, scope, &filter.q).await? {
        all = all.add(plan.condition);
    }
    if let Some(list_id) = filter.list_id {
        all = all.add(list_condition(ctx.db.is_sqlite(), door, scope, list_id).await?);
    }
    for segment in &segments {
        all = all.add(compile::run(ctx, door, scope, segment).await?);
    }
    Ok(all)
}

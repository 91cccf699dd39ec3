//! Reading actions.

use crm_core::{BulkId, Scope, System, WorkspaceId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Bulk, Result, SeaBulkActions, State, rows};
use crate::entity::bulk_actions::{Column, Entity};

/// Actions shown.
const SHOWN: u64 = 20;

pub(super) async fn one(
    service: &SeaBulkActions,
    scope: &Scope,
    id: BulkId,
) -> Result<Option<Bulk>> {
    let row = service.ctx.db.one(scope, Entity::find_by_id(id)).await?;
    row.map(rows::read).transpose()
}

pub(super) async fn recent(service: &SeaBulkActions, scope: &Scope) -> Result<Vec<Bulk>> {
    let select =
        Entity::find().order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(SHOWN);
    service.ctx.db.all(scope, select).await?.into_iter().map(rows::read).collect()
}

pub(super) async fn unfinished(service: &SeaBulkActions) -> Result<Vec<(WorkspaceId, BulkId)>> {
    let open = [State::Queued, State::Running, State::Undoing].map(State::as_str);
    let select = Entity::find().filter(Column::State.is_in(open)).order_by_asc(Column::Id);
    let rows = service.ctx.db.everywhere(System::task("unfinished bulk actions"), select).await?;
    Ok(rows.into_iter().map(|row| (row.workspace_id, row.id)).collect())
}

//! Reading imports and the outcomes of their rows.

use crm_core::paging::page_of;
use crm_core::{Cursor, ImportId, Page, PageRequest, Scope, StoreError};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{Import, Result, RowReport, SeaImports, store};
use crate::entity::{import_rows, imports};

pub(super) async fn get(
    service: &SeaImports,
    scope: &Scope,
    id: ImportId,
) -> Result<Option<Import>> {
    let row = service.ctx.db.one(scope, imports::Entity::find_by_id(id)).await?;
    row.map(store::import).transpose()
}

pub(super) async fn list(
    service: &SeaImports,
    scope: &Scope,
    request: PageRequest,
) -> Result<Page<Import>> {
    use imports::{Column, Entity};
    let db = &service.ctx.db;
    let total = db.count_capped(scope, Entity::find()).await?;
    let mut select = Entity::find().limit(request.limit() + 1);
    let backwards = request.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
    if let Some(Cursor { key, id, .. }) = &request.cursor {
        let (beyond, tie) = if backwards {
            (Column::CreatedAt.gt(key), Column::Id.gt(id))
        } else {
            (Column::CreatedAt.lt(key), Column::Id.lt(id))
        };
        let same = Condition::all().add(Column::CreatedAt.eq(key)).add(tie);
        select = select.filter(Condition::any().add(beyond).add(same));
    }
    select = if backwards {
        select.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id)
    } else {
        select.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id)
    };
    let found = db.all(scope, select).await?;
    let items = found.into_iter().map(store::import).collect::<Result<Vec<_>>>()?;
    Ok(page_of(items, &request, total, |item| (item.created_at.to_string(), item.id.to_string())))
}

pub(super) async fn rows(
    service: &SeaImports,
    scope: &Scope,
    id: ImportId,
    outcome: &str,
    request: PageRequest,
) -> Result<Page<RowReport>> {
    use import_rows::Column;
    let db = &service.ctx.db;
    let total = db.count_capped(scope, of(id, outcome)).await?;
    let mut select = of(id, outcome).limit(request.limit() + 1);
    let backwards = request.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
    // A cursor that is none of this list's begins at the first row.
    if let Some(no) = request.cursor.as_ref().and_then(|cursor| cursor.id.parse::<i64>().ok()) {
        select = select.filter(if backwards { Column::RowNo.lt(no) } else { Column::RowNo.gt(no) });
    }
    select = if backwards {
        select.order_by_desc(Column::RowNo)
    } else {
        select.order_by_asc(Column::RowNo)
    };
    let found = db.all(scope, select).await?;
    let items = found.into_iter().map(report).collect::<Result<Vec<_>>>()?;
    Ok(page_of(items, &request, total, |item| (String::new(), item.row_no.to_string())))
}

/// The rows of an import that ended as `outcome`; all of them where it is empty.
pub(super) fn of(id: ImportId, outcome: &str) -> Select<import_rows::Entity> {
    let select = import_rows::Entity::find().filter(import_rows::Column::ImportId.eq(id));
    if outcome.is_empty() {
        select
    } else {
        select.filter(import_rows::Column::Outcome.eq(outcome))
    }
}

/// A row of the table as a report.
pub(super) fn report(row: import_rows::Model) -> Result<RowReport> {
    let raw =
        row.raw.map(|raw| serde_json::from_str(&raw)).transpose().map_err(StoreError::from)?;
    Ok(RowReport {
        row_no: u64::try_from(row.row_no).unwrap_or(0),
        outcome: row.outcome,
        reason: row.reason,
        raw: raw.unwrap_or_default(),
    })
}

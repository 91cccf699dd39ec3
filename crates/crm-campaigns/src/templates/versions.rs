//! What a template was before each change: listing, comparing and bringing back.

use crm_core::{Page, PageRequest, Scope, StoreError, TemplateId, Timestamp, Tx, UserId, paging};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Set,
};
use serde::Deserialize as _;

use super::{NewTemplate, Result, SeaTemplates, TemplateVersion, TemplatesError};
use crate::entity::template_versions::{ActiveModel, Column, Entity, Model};
use crate::entity::templates;

/// A version without its content.
#[derive(FromQueryResult)]
struct Brief {
    version: i64,
    name: String,
    saved_by: Option<UserId>,
    saved_at: Timestamp,
    restored_from: Option<i64>,
    drafted_with: Option<String>,
}

impl From<Brief> for TemplateVersion {
    fn from(row: Brief) -> Self {
        Self {
            version: row.version,
            name: row.name,
            saved_by: row.saved_by,
            saved_at: row.saved_at,
            restored_from: row.restored_from,
            drafted_with: row.drafted_with,
        }
    }
}

/// Writes down what a template is from now on.
pub(super) async fn keep(
    tx: &Tx,
    scope: &Scope,
    now: Timestamp,
    (id, version): (TemplateId, i64),
    content: &NewTemplate,
    restored_from: Option<i64>,
) -> Result<()> {
    let row = ActiveModel {
        template_id: Set(id),
        version: Set(version),
        workspace_id: Set(scope.workspace_id()),
        name: Set(content.name.clone()),
        content: Set(serde_json::to_value(content).map_err(StoreError::from)?),
        saved_by: Set(scope.user_id()),
        saved_at: Set(now),
        restored_from: Set(restored_from),
        drafted_with: Set(content.drafted_with.clone()),
    };
    tx.insert(scope, row).await?;
    Ok(())
}

/// One page of versions, newest first; `None` where there is no such template.
pub(super) async fn list(
    templates: &SeaTemplates,
    scope: &Scope,
    id: TemplateId,
    request: PageRequest,
) -> Result<Option<Page<TemplateVersion>>> {
    let db = &templates.ctx.db;
    if db.one(scope, templates::Entity::find_by_id(id)).await?.is_none() {
        return Ok(None);
    }
    let all = Entity::find().filter(Column::TemplateId.eq(id));
    let total = db.count_capped(scope, all.clone()).await?;
    let mut select = all
        .select_only()
        .columns([
            Column::Version,
            Column::Name,
            Column::SavedBy,
            Column::SavedAt,
            Column::RestoredFrom,
            Column::DraftedWith,
        ])
        .limit(request.limit() + 1);
    let backwards = request.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
    if let Some(cursor) = &request.cursor {
        let seen: i64 = cursor.key.parse().unwrap_or_default();
        let version = Column::Version;
        select = select.filter(if backwards { version.gt(seen) } else { version.lt(seen) });
    }
    select = if backwards {
        select.order_by_asc(Column::Version)
    } else {
        select.order_by_desc(Column::Version)
    };
    let rows: Vec<Brief> = db.all_as(scope, select).await?;
    let rows = rows.into_iter().map(TemplateVersion::from).collect();
    Ok(Some(paging::page_of(rows, &request, total, |row: &TemplateVersion| {
        (row.version.to_string(), id.to_string())
    })))
}

/// One version with its content.
pub(super) async fn get(
    templates: &SeaTemplates,
    scope: &Scope,
    id: TemplateId,
    version: i64,
) -> Result<Option<(TemplateVersion, NewTemplate)>> {
    let select = Entity::find_by_id((id, version));
    let Some(row) = templates.ctx.db.one(scope, select).await? else {
        return Ok(None);
    };
    let content = content(&row)?;
    let about = Brief {
        version: row.version,
        name: row.name,
        saved_by: row.saved_by,
        saved_at: row.saved_at,
        restored_from: row.restored_from,
        drafted_with: row.drafted_with,
    };
    Ok(Some((about.into(), content)))
}

/// The content of a version as it was saved. Its variables are checked again where it is brought back.
fn content(row: &Model) -> std::result::Result<NewTemplate, TemplatesError> {
    Ok(NewTemplate::deserialize(&row.content).map_err(StoreError::from)?)
}

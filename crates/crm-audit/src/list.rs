//! Reading entries of one workspace.

use crm_core::paging::page_of;
use crm_core::{AuditId, Db, Page, PageRequest, Scope, StoreError, Timestamp, UserId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::{Column, Entity};

/// One entry.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// Its place in the chain.
    pub seq: i64,
    /// Who did it; `None` for the program and for users deleted since.
    pub user_id: Option<UserId>,
    /// What was done.
    pub action: String,
    /// To what kind of thing.
    pub entity_type: String,
    /// To which one.
    pub entity_id: Option<String>,
    /// More about it, as JSON text.
    pub details: String,
    /// From where.
    pub ip_address: Option<String>,
    /// When.
    pub timestamp: Timestamp,
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only about this kind of thing.
    pub entity_type: Option<String>,
    /// Only about this one.
    pub entity_id: Option<String>,
    /// The page.
    pub page: PageRequest,
}

/// One page of a workspace's entries, newest first.
///
/// # Errors
/// [`StoreError`] where the log cannot be read.
pub async fn list(
    db: &Db,
    scope: &Scope,
    filter: AuditFilter,
) -> Result<Page<AuditEntry>, StoreError> {
    let mut select = Entity::find();
    if let Some(kind) = &filter.entity_type {
        select = select.filter(Column::EntityType.eq(kind));
    }
    if let Some(id) = &filter.entity_id {
        select = select.filter(Column::EntityId.eq(id));
    }
    let total = db.count_capped(scope, select.clone()).await?;
    if let Some(cursor) = &filter.page.cursor {
        let seq: i64 = cursor.key.parse().unwrap_or(0);
        select = if cursor.backwards {
            select.filter(Column::Seq.gt(seq)).order_by_asc(Column::Seq)
        } else {
            select.filter(Column::Seq.lt(seq)).order_by_desc(Column::Seq)
        };
    } else {
        select = select.order_by_desc(Column::Seq);
    }
    let rows = db.all(scope, select.limit(filter.page.limit() + 1)).await?;
    let page = page_of(rows, &filter.page, total, |row| (row.seq.to_string(), row.id.to_string()));
    Ok(page.map(|row| AuditEntry {
        id: row.id,
        seq: row.seq,
        user_id: row.user_id,
        action: row.action,
        entity_type: row.entity_type,
        entity_id: row.entity_id,
        details: row.details.to_string(),
        ip_address: row.ip_address,
        timestamp: row.timestamp,
    }))
}

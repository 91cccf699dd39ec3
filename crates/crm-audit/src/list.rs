//! Reading the entries one workspace may see: its own, and what its members did outside workspaces, such as signing in.

use crm_core::paging::page_of;
use crm_core::{
    AuditId, Db, Page, PageRequest, Scope, StoreError, System, Timestamp, UserId, WorkspaceId,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::chain::claimed_actor;
use crate::entity::audit_logs::{Column, Entity, Model};
use crate::entity::workspace_members;

const SYSTEM: System = System::task("audit list");

/// One entry.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// Its place in the chain.
    pub seq: i64,
    /// Who did it; `None` for the program and for users deleted since.
    pub user_id: Option<UserId>,
    /// Whether a person did it, deleted since or not.
    pub by_person: bool,
    /// In which workspace; `None` for what happened outside.
    pub workspace_id: Option<WorkspaceId>,
    /// What was done.
    pub action: String,
    /// To what kind of thing.
    pub entity_type: String,
    /// To which one.
    pub entity_id: Option<String>,
    /// More about it, an object.
    pub details: serde_json::Value,
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
    /// Only this action.
    pub action: Option<String>,
    /// Only by this person.
    pub user_id: Option<UserId>,
    /// The page.
    pub page: PageRequest,
}

/// Which entries from outside workspaces are wanted too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outside {
    /// Those by or about members of the workspace.
    OfMembers,
    /// All, for those who run the installation.
    All,
}

/// One page of entries, newest first.
///
/// # Errors
/// [`StoreError`] where the log cannot be read.
pub async fn list(
    db: &Db,
    scope: &Scope,
    outside: Outside,
    filter: AuditFilter,
) -> Result<Page<AuditEntry>, StoreError> {
    let wanted = matching(&filter);
    let beside = wanted.clone().filter(self::outside(db, scope, outside).await?);
    let own = db.count_capped(scope, wanted.clone()).await?;
    let others = db.count_capped_everywhere(SYSTEM, beside.clone()).await?;
    let total = (own.0 + others.0, own.1 && others.1);

    // Two short reads along an index and a merge, since the union has no index.
    let mut rows = db.all(scope, page(wanted, &filter.page)).await?;
    rows.extend(db.everywhere(SYSTEM, page(beside, &filter.page)).await?);
    if is_backwards(&filter.page) {
        rows.sort_by_key(|row| row.seq);
    } else {
        rows.sort_by_key(|row| std::cmp::Reverse(row.seq));
    }
    let page = page_of(rows, &filter.page, total, |row| (row.seq.to_string(), row.id.to_string()));
    Ok(page.map(entry))
}

/// The newest entry about one thing: who changed it last, and when.
///
/// # Errors
/// [`StoreError`] where the log cannot be read.
pub async fn latest(
    db: &Db,
    scope: &Scope,
    entity_type: &str,
    entity_id: &str,
) -> Result<Option<AuditEntry>, StoreError> {
    let select = Entity::find()
        .filter(Column::EntityType.eq(entity_type))
        .filter(Column::EntityId.eq(entity_id))
        .order_by_desc(Column::Seq)
        .limit(1);
    Ok(db.one(scope, select).await?.map(entry))
}

fn matching(filter: &AuditFilter) -> Select<Entity> {
    let mut select = Entity::find();
    if let Some(kind) = &filter.entity_type {
        select = select.filter(Column::EntityType.eq(kind));
    }
    if let Some(id) = &filter.entity_id {
        select = select.filter(Column::EntityId.eq(id));
    }
    if let Some(action) = &filter.action {
        select = select.filter(Column::Action.eq(action));
    }
    if let Some(id) = filter.user_id {
        select = select.filter(Column::UserId.eq(id));
    }
    select
}

async fn outside(db: &Db, scope: &Scope, wanted: Outside) -> Result<Condition, StoreError> {
    let nowhere = Condition::all().add(Column::WorkspaceId.is_null());
    if wanted == Outside::All {
        return Ok(nowhere);
    }
    let members = db.all(scope, workspace_members::Entity::find()).await?;
    let ids = || members.iter().map(|member| member.user_id);
    let about = Condition::all()
        .add(Column::EntityType.eq("user"))
        .add(Column::EntityId.is_in(ids().map(|id| id.to_string())));
    Ok(nowhere.add(Condition::any().add(Column::UserId.is_in(ids())).add(about)))
}

fn is_backwards(page: &PageRequest) -> bool {
    page.cursor.as_ref().is_some_and(|cursor| cursor.backwards)
}

fn page(select: Select<Entity>, page: &PageRequest) -> Select<Entity> {
    let select = match &page.cursor {
        Some(cursor) => {
            let seq: i64 = cursor.key.parse().unwrap_or(0);
            if cursor.backwards {
                select.filter(Column::Seq.gt(seq)).order_by_asc(Column::Seq)
            } else {
                select.filter(Column::Seq.lt(seq)).order_by_desc(Column::Seq)
            }
        }
        None => select.order_by_desc(Column::Seq),
    };
    select.limit(page.limit() + 1)
}

fn entry(row: Model) -> AuditEntry {
    AuditEntry {
        by_person: row.user_id.is_some() || claimed_actor(&row.details).is_some(),
        id: row.id,
        seq: row.seq,
        user_id: row.user_id,
        workspace_id: row.workspace_id,
        action: row.action,
        entity_type: row.entity_type,
        entity_id: row.entity_id,
        details: row.details,
        ip_address: row.ip_address,
        timestamp: row.timestamp,
    }
}

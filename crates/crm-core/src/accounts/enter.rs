//! From a person to the scope of a call.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Entry, Membership, Result, SeaAccounts, workspaces};
use crate::entity::{workspace_members, workspaces as workspace};
use crate::{Actor, Role, Scope, StoreError, System, UserId, WorkspaceId};

const SYSTEM: System = System::task("enter a workspace");

pub(super) async fn memberships(
    accounts: &SeaAccounts,
    user_id: UserId,
) -> Result<Vec<Membership>> {
    let db = &accounts.ctx.db;
    let select =
        workspace_members::Entity::find().filter(workspace_members::Column::UserId.eq(user_id));
    let rows = db.everywhere(SYSTEM, select).await?;
    let select = workspace::Entity::find()
        .filter(workspace::Column::Id.is_in(rows.iter().map(|row| row.workspace_id)))
        .order_by_asc(workspace::Column::Id);
    let found = db.everywhere(SYSTEM, select).await?;
    let mut memberships = Vec::with_capacity(found.len());
    for row in found {
        if let Some(member) = rows.iter().find(|member| member.workspace_id == row.id) {
            let role = parse_role(&member.role)?;
            memberships.push(Membership { workspace: workspaces::workspace(row), role });
        }
    }
    Ok(memberships)
}

pub(super) async fn run(
    accounts: &SeaAccounts,
    user_id: UserId,
    wanted: Option<WorkspaceId>,
    ip_address: Option<String>,
) -> Result<Entry> {
    let mut select =
        workspace_members::Entity::find().filter(workspace_members::Column::UserId.eq(user_id));
    if let Some(wanted) = wanted {
        select = select.filter(workspace_members::Column::WorkspaceId.eq(wanted));
    }
    let mut rows = accounts.ctx.db.everywhere(SYSTEM, select).await?;
    let Some(row) = rows.pop() else { return Ok(Entry::Nowhere) };
    if !rows.is_empty() {
        return Ok(Entry::Choose);
    }
    let actor = Actor::user(user_id, ip_address);
    Ok(Entry::Entered(Scope::for_member(row.workspace_id, actor, parse_role(&row.role)?)))
}

pub(super) fn parse_role(word: &str) -> std::result::Result<Role, StoreError> {
    Role::parse(word).ok_or_else(|| StoreError::Corrupt(format!("role {word}")))
}

//! Making, changing and deleting workspaces.

use std::time::Duration;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set};

use super::{AccountsError, NewWorkspace, Result, SeaAccounts, Workspace, members};
use crate::entity::{system_settings, workspaces};
use crate::{Actor, AuditEvent, Phone, Role, Scope, StoreError, System, Tx, UserId, WorkspaceId};

const SYSTEM: System = System::task("workspaces");

/// Checks what a workspace is made or changed with.
pub(super) fn check(new: &NewWorkspace) -> Result<NewWorkspace> {
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(AccountsError::InvalidWorkspaceName);
    }
    let currency = new.currency.trim().to_uppercase();
    if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(AccountsError::InvalidCurrency);
    }
    let default_region = new.default_region.trim().to_uppercase();
    if !Phone::knows_region(&default_region) {
        return Err(AccountsError::InvalidRegion);
    }
    let time_zone = new.time_zone.trim().to_owned();
    let well_formed = !time_zone.is_empty()
        && time_zone.len() <= 64
        && time_zone.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+-".contains(&b));
    if !well_formed {
        return Err(AccountsError::InvalidTimeZone);
    }
    Ok(NewWorkspace { name, currency, default_region, time_zone })
}

/// Writes a checked workspace with its owner's membership, what it starts with, and its audit entry.
pub(super) async fn write(
    accounts: &SeaAccounts,
    tx: &Tx,
    actor: &Actor,
    owner: UserId,
    new: NewWorkspace,
) -> Result<Workspace> {
    let ctx = &accounts.ctx;
    let now = ctx.now();
    let row = workspaces::ActiveModel {
        id: Set(ctx.id(WorkspaceId::from_uuid)),
        user_id: Set(owner),
        name: Set(new.name),
        currency: Set(new.currency),
        default_region: Set(new.default_region),
        time_zone: Set(new.time_zone),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let row = tx.insert_system(SYSTEM, row).await.map_err(|err| match err {
        StoreError::Duplicate(_) => AccountsError::DuplicateName,
        other => other.into(),
    })?;
    let scope = Scope::for_member(row.id, actor.clone(), Role::Owner);
    members::write(tx, &scope, owner, Role::Owner).await?;
    for seed in &accounts.seeds {
        seed.seed(tx, &scope).await?;
    }
    let event = AuditEvent::new("workspace.created", "workspace", row.id).with("name", &row.name);
    ctx.audit.record(tx, Some(row.id), actor, event).await?;
    Ok(workspace(row))
}

pub(super) async fn create(
    accounts: &SeaAccounts,
    actor: &Actor,
    new: NewWorkspace,
) -> Result<Workspace> {
    let new = check(&new)?;
    let owner = actor.user_id.ok_or(AccountsError::UnknownUser)?;
    let tx = accounts.ctx.db.begin().await?;
    let made = write(accounts, &tx, actor, owner, new).await?;
    tx.commit().await?;
    Ok(made)
}

pub(super) async fn get(accounts: &SeaAccounts, scope: &Scope) -> Result<Workspace> {
    let select = workspaces::Entity::find_by_id(scope.workspace_id());
    let row = accounts.ctx.db.everywhere(SYSTEM, select).await?.pop();
    Ok(workspace(row.ok_or_else(gone)?))
}

fn gone() -> StoreError {
    StoreError::Corrupt("the workspace is gone".to_owned())
}

pub(super) async fn update(
    accounts: &SeaAccounts,
    scope: &Scope,
    version: Option<i64>,
    change: NewWorkspace,
) -> Result<Workspace> {
    let change = check(&change)?;
    let tx = accounts.ctx.db.begin().await?;
    let select = workspaces::Entity::find_by_id(scope.workspace_id()).lock_exclusive();
    let row = tx.everywhere(SYSTEM, select).await?.pop().ok_or_else(gone)?;
    if version.is_some_and(|seen| seen != row.updated_at.unix_millis()) {
        return Err(AccountsError::Stale);
    }
    // Two changes in one millisecond are two versions too.
    let now = std::cmp::max(accounts.ctx.now(), row.updated_at.plus(Duration::from_millis(1)));
    let update = workspaces::Entity::update_many()
        .col_expr(workspaces::Column::Name, Expr::value(change.name))
        .col_expr(workspaces::Column::Currency, Expr::value(change.currency))
        .col_expr(workspaces::Column::DefaultRegion, Expr::value(change.default_region))
        .col_expr(workspaces::Column::TimeZone, Expr::value(change.time_zone))
        .col_expr(workspaces::Column::UpdatedAt, Expr::value(now))
        .filter(workspaces::Column::Id.eq(scope.workspace_id()));
    tx.update_everywhere(SYSTEM, update).await.map_err(|err| match err {
        StoreError::Duplicate(_) => AccountsError::DuplicateName,
        other => other.into(),
    })?;
    let id = scope.workspace_id();
    let event = AuditEvent::new("workspace.updated", "workspace", id);
    accounts.ctx.audit.record(&tx, Some(id), scope.actor(), event).await?;
    tx.commit().await?;
    get(accounts, scope).await
}

/// Times a deletion is tried that met somebody else's work in the workspace.
const TRIES: usize = 5;

/// Whoever is writing into the workspace at this moment, as an import does, may wait for the deletion and the deletion for
/// them. PostgreSQL then ends one of the two; it is not the person who shall notice.
pub(super) async fn delete(accounts: &SeaAccounts, scope: &Scope) -> Result<()> {
    for _ in 1..TRIES {
        match delete_once(accounts, scope).await {
            Err(AccountsError::Store(error)) if error.is_deadlock() => {}
            outcome => return outcome,
        }
    }
    delete_once(accounts, scope).await
}

async fn delete_once(accounts: &SeaAccounts, scope: &Scope) -> Result<()> {
    let id = scope.workspace_id();
    let name = get(accounts, scope).await?.name;
    let tx = accounts.ctx.db.begin().await?;
    // Settings have no foreign key, because they may also belong to a user.
    let settings = system_settings::Entity::delete_many()
        .filter(system_settings::Column::Scope.eq("workspace"))
        .filter(system_settings::Column::ScopeId.eq(id.to_string()));
    tx.delete_everywhere(SYSTEM, settings).await?;
    let delete = workspaces::Entity::delete_many().filter(workspaces::Column::Id.eq(id));
    tx.delete_everywhere(SYSTEM, delete).await?;
    let event = AuditEvent::new("workspace.deleted", "workspace", id).with("name", name);
    accounts.ctx.audit.record(&tx, Some(id), scope.actor(), event).await?;
    Ok(tx.commit().await?)
}

pub(super) fn workspace(row: workspaces::Model) -> Workspace {
    Workspace {
        id: row.id,
        name: row.name,
        user_id: row.user_id,
        currency: row.currency,
        default_region: row.default_region,
        time_zone: row.time_zone,
        created_at: row.created_at,
        version: row.updated_at.unix_millis(),
    }
}

//! Who belongs to a workspace: adding, changing roles, removing, leaving.
//!
//! The rules are checked inside the transaction, against the roles as they are then, and one transaction at a time
//! changes the members of a workspace: two owners who leave at once do not both leave.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use super::{AccountsError, Member, Result, SeaAccounts, enter};
use crate::entity::{users, workspace_members, workspaces};
use crate::{AuditEvent, Permission, Role, Scope, StoreError, System, Tx, UserId, WorkspaceId};

const SYSTEM: System = System::task("members");

/// Keeps other changes of this workspace's members out until the transaction ends.
pub(super) async fn hold(tx: &Tx, id: WorkspaceId) -> std::result::Result<(), StoreError> {
    tx.serialize_on(&format!("members {id}")).await
}

/// A member's role as it is in this transaction.
pub(super) async fn role_of(tx: &Tx, scope: &Scope, user_id: UserId) -> Result<Option<Role>> {
    let select =
        workspace_members::Entity::find().filter(workspace_members::Column::UserId.eq(user_id));
    let row = tx.one(scope, select).await?;
    Ok(row.map(|row| enter::parse_role(&row.role)).transpose()?)
}

/// The actor's role as it is now, which must let them manage members.
pub(super) async fn manager(tx: &Tx, scope: &Scope) -> Result<Role> {
    let Some(user_id) = scope.user_id() else { return Ok(scope.role()) };
    let role = role_of(tx, scope, user_id).await?.ok_or(AccountsError::UnknownMember)?;
    if scope.allows(Permission::MembersWrite) && role.allows(Permission::MembersWrite) {
        Ok(role)
    } else {
        Err(AccountsError::NotAllowed("your role in this workspace does not allow this"))
    }
}

/// Nobody hands out a role above their own.
pub(super) fn check_handed_out(by: Role, role: Role) -> Result<()> {
    if by.covers(role) {
        Ok(())
    } else {
        Err(AccountsError::NotAllowed("you cannot give a role above your own"))
    }
}

/// Nobody changes or removes somebody above them.
fn check_touched(by: Role, role: Role) -> Result<()> {
    if by.covers(role) {
        Ok(())
    } else {
        Err(AccountsError::NotAllowed("you cannot change or remove somebody above your own role"))
    }
}

/// Writes a membership that is not there yet.
pub(super) async fn write(tx: &Tx, scope: &Scope, user_id: UserId, role: Role) -> Result<()> {
    let row = workspace_members::ActiveModel {
        workspace_id: Set(scope.workspace_id()),
        user_id: Set(user_id),
        role: Set(role.as_str().to_owned()),
    };
    match tx.insert(scope, row).await {
        Ok(_) => Ok(()),
        Err(StoreError::Duplicate(_)) => Err(AccountsError::AlreadyMember),
        Err(StoreError::ForeignKey(_)) => Err(AccountsError::UnknownUser),
        Err(err) => Err(err.into()),
    }
}

/// Writes a membership with its audit entry.
pub(super) async fn join(
    accounts: &SeaAccounts,
    tx: &Tx,
    scope: &Scope,
    user_id: UserId,
    role: Role,
) -> Result<()> {
    write(tx, scope, user_id, role).await?;
    let event = AuditEvent::new("member.added", "user", user_id).with("role", role);
    Ok(accounts.ctx.audit.record(tx, Some(scope.workspace_id()), scope.actor(), event).await?)
}

pub(super) async fn add(
    accounts: &SeaAccounts,
    scope: &Scope,
    user_id: UserId,
    role: Role,
) -> Result<()> {
    let tx = accounts.ctx.db.begin().await?;
    hold(&tx, scope.workspace_id()).await?;
    check_handed_out(manager(&tx, scope).await?, role)?;
    join(accounts, &tx, scope, user_id, role).await?;
    Ok(tx.commit().await?)
}

pub(super) async fn add_colleague(
    accounts: &SeaAccounts,
    scope: &Scope,
    user_id: UserId,
    role: Role,
) -> Result<Member> {
    let tx = accounts.ctx.db.begin().await?;
    hold(&tx, scope.workspace_id()).await?;
    check_handed_out(manager(&tx, scope).await?, role)?;
    let known = match scope.user_id() {
        Some(actor) => share_a_workspace(&tx, actor, user_id).await?,
        None => true,
    };
    if !known {
        return Err(AccountsError::UnknownUser);
    }
    join(accounts, &tx, scope, user_id, role).await?;
    tx.commit().await?;
    one(accounts, scope, user_id).await
}

async fn share_a_workspace(tx: &Tx, left: UserId, right: UserId) -> Result<bool> {
    let select = workspace_members::Entity::find()
        .filter(workspace_members::Column::UserId.is_in([left, right]));
    let rows = tx.everywhere(SYSTEM, select).await?;
    let of = |id: UserId| rows.iter().filter(move |row| row.user_id == id);
    Ok(of(left).any(|mine| of(right).any(|theirs| theirs.workspace_id == mine.workspace_id)))
}

pub(super) async fn all(accounts: &SeaAccounts, scope: &Scope) -> Result<Vec<Member>> {
    let rows = accounts.ctx.db.all(scope, workspace_members::Entity::find()).await?;
    let select =
        users::Entity::find().filter(users::Column::Id.is_in(rows.iter().map(|row| row.user_id)));
    let people = accounts.ctx.db.everywhere(SYSTEM, select).await?;
    let mut members = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(person) = people.iter().find(|person| person.id == row.user_id) {
            members.push(Member {
                user_id: row.user_id,
                name: person.name.clone(),
                email: person.email.clone(),
                role: enter::parse_role(&row.role)?,
            });
        }
    }
    members.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(members)
}

async fn one(accounts: &SeaAccounts, scope: &Scope, user_id: UserId) -> Result<Member> {
    let found = all(accounts, scope).await?.into_iter().find(|member| member.user_id == user_id);
    found.ok_or(AccountsError::UnknownMember)
}

pub(super) async fn change_role(
    accounts: &SeaAccounts,
    scope: &Scope,
    user_id: UserId,
    role: Role,
) -> Result<Member> {
    let tx = accounts.ctx.db.begin().await?;
    hold(&tx, scope.workspace_id()).await?;
    let by = manager(&tx, scope).await?;
    let old = role_of(&tx, scope, user_id).await?.ok_or(AccountsError::UnknownMember)?;
    check_touched(by, old)?;
    check_handed_out(by, role)?;
    if old != role {
        if old == Role::Owner {
            let heirs = other_owners(&tx, scope, user_id).await?;
            hand_over(&tx, scope, user_id, &heirs).await?;
        }
        let update = workspace_members::Entity::update_many()
            .col_expr(workspace_members::Column::Role, Expr::value(role.as_str()))
            .filter(workspace_members::Column::UserId.eq(user_id));
        tx.update_many(scope, update).await?;
        let event = AuditEvent::new("member.role_changed", "user", user_id)
            .with("from", old)
            .with("to", role);
        accounts.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
        tx.commit().await?;
    }
    one(accounts, scope, user_id).await
}

pub(super) async fn remove(accounts: &SeaAccounts, scope: &Scope, user_id: UserId) -> Result<()> {
    let tx = accounts.ctx.db.begin().await?;
    hold(&tx, scope.workspace_id()).await?;
    let leaving = scope.user_id() == Some(user_id);
    // Everybody may leave; only who manages members may remove somebody else, or learn whether they are there.
    let by = if leaving { None } else { Some(manager(&tx, scope).await?) };
    let old = role_of(&tx, scope, user_id).await?.ok_or(AccountsError::UnknownMember)?;
    if let Some(by) = by {
        check_touched(by, old)?;
    }
    if old == Role::Owner {
        let heirs = other_owners(&tx, scope, user_id).await?;
        hand_over(&tx, scope, user_id, &heirs).await?;
    }
    let delete = workspace_members::Entity::delete_many()
        .filter(workspace_members::Column::UserId.eq(user_id));
    tx.delete_many(scope, delete).await?;
    let event =
        AuditEvent::new("member.removed", "user", user_id).with("role", old).with("left", leaving);
    accounts.ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    Ok(tx.commit().await?)
}

/// The other owners; without one, this owner has to stay.
async fn other_owners(tx: &Tx, scope: &Scope, user_id: UserId) -> Result<Vec<UserId>> {
    let select = workspace_members::Entity::find()
        .filter(workspace_members::Column::Role.eq(Role::Owner.as_str()))
        .filter(workspace_members::Column::UserId.ne(user_id))
        .order_by_asc(workspace_members::Column::UserId);
    let rows = tx.all(scope, select).await?;
    if rows.is_empty() {
        return Err(AccountsError::LastOwner);
    }
    Ok(rows.into_iter().map(|row| row.user_id).collect())
}

/// Where the workspace was this owner's, it becomes the first other owner's who has none of its name.
async fn hand_over(tx: &Tx, scope: &Scope, from: UserId, heirs: &[UserId]) -> Result<()> {
    let id = scope.workspace_id();
    let select = workspaces::Entity::find_by_id(id).filter(workspaces::Column::UserId.eq(from));
    let Some(row) = tx.everywhere(SYSTEM, select).await?.pop() else { return Ok(()) };
    let select = workspaces::Entity::find()
        .filter(workspaces::Column::Name.eq(row.name))
        .filter(workspaces::Column::UserId.is_in(heirs.iter().copied()));
    let taken = tx.everywhere(SYSTEM, select).await?;
    let heir = heirs.iter().find(|heir| !taken.iter().any(|row| row.user_id == **heir));
    let heir = heir.ok_or(AccountsError::DuplicateName)?;
    let update = workspaces::Entity::update_many()
        .col_expr(workspaces::Column::UserId, Expr::value(*heir))
        .filter(workspaces::Column::Id.eq(id));
    tx.update_everywhere(SYSTEM, update).await?;
    Ok(())
}

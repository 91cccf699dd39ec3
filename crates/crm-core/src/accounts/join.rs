//! Joining a workspace by an invitation.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::invitations::unanswered;
use super::{
    AccountsError, Membership, NewUser, Offer, Origin, Result, SeaAccounts, User, create_user,
    enter, members, workspaces as workspace,
};
use crate::entity::{invitations, users, workspaces};
use crate::{Actor, AuditEvent, EmailAddress, Permission, Role, Scope, System, Tx, UserId, token};

const SYSTEM: System = System::task("join a workspace");

/// The role a scope has that only looks at a workspace somebody is about to join.
const OUTSIDE: Role = Role::Viewer;

pub(super) async fn offer(accounts: &SeaAccounts, token: &str) -> Result<Option<Offer>> {
    let tx = accounts.ctx.db.begin().await?;
    let found = match valid(accounts, &tx, token).await {
        Ok(found) => found,
        Err(AccountsError::InvitationGone) => return Ok(None),
        Err(err) => return Err(err),
    };
    let select = users::Entity::find().filter(users::Column::Email.eq(&found.row.email));
    let has_account = !tx.everywhere(SYSTEM, select).await?.is_empty();
    tx.rollback().await?;
    Ok(Some(Offer {
        workspace_name: found.workspace.name,
        invited_by: found.inviter.name,
        email: found.row.email,
        role: found.role,
        has_account,
    }))
}

pub(super) async fn accept(
    accounts: &SeaAccounts,
    token: &str,
    actor: &Actor,
) -> Result<Membership> {
    let user_id = actor.user_id.ok_or(AccountsError::UnknownUser)?;
    let tx = accounts.ctx.db.begin().await?;
    let found = claim(accounts, &tx, token).await?;
    let select = users::Entity::find_by_id(user_id).filter(users::Column::DisabledAt.is_null());
    let user = tx.everywhere(SYSTEM, select).await?.pop().ok_or(AccountsError::UnknownUser)?;
    if user.email != found.row.email {
        return Err(AccountsError::WrongAccount(found.row.email));
    }
    let membership = enter_with(accounts, &tx, found, actor, user_id).await?;
    tx.commit().await?;
    Ok(membership)
}

pub(super) async fn register(
    accounts: &SeaAccounts,
    token: &str,
    new: NewUser,
    from: Origin,
) -> Result<(User, Membership)> {
    let email = EmailAddress::parse(&new.email)?;
    // Looked at first, so that nobody without an invitation makes the server hash passwords.
    let tx = accounts.ctx.db.begin().await?;
    let invited = valid(accounts, &tx, token).await?.row.email;
    tx.rollback().await?;
    if email.as_str() != invited {
        return Err(AccountsError::WrongAccount(invited));
    }
    let new = create_user::prepare(NewUser { is_admin: false, ..new }).await?;
    let tx = accounts.ctx.db.begin().await?;
    let found = claim(accounts, &tx, token).await?;
    let user = create_user::write(accounts, &tx, None, new, from.ip_address.clone()).await?;
    let actor = Actor::user(user.id, from.ip_address);
    let membership = enter_with(accounts, &tx, found, &actor, user.id).await?;
    tx.commit().await?;
    Ok((user, membership))
}

/// An invitation that may be accepted.
struct Valid {
    row: invitations::Model,
    role: Role,
    workspace: workspaces::Model,
    inviter: users::Model,
}

/// The invitation with this token, if it is unanswered, not expired, and whoever made it may still give that role.
async fn valid(accounts: &SeaAccounts, tx: &Tx, token: &str) -> Result<Valid> {
    let gone = || AccountsError::InvitationGone;
    let select = unanswered()
        .filter(invitations::Column::TokenHash.eq(token::hash(token)))
        .filter(invitations::Column::ExpiresAt.gt(accounts.ctx.now()));
    let row = tx.everywhere(SYSTEM, select).await?.pop().ok_or_else(gone)?;
    let role = enter::parse_role(&row.role)?;
    let select = workspaces::Entity::find_by_id(row.workspace_id);
    let workspace = tx.everywhere(SYSTEM, select).await?.pop().ok_or_else(gone)?;
    let inviter = row.created_by.ok_or_else(gone)?;
    let select = users::Entity::find_by_id(inviter).filter(users::Column::DisabledAt.is_null());
    let inviter = tx.everywhere(SYSTEM, select).await?.pop().ok_or_else(gone)?;
    let scope = Scope::for_member(row.workspace_id, Actor::user(inviter.id, None), OUTSIDE);
    let theirs = members::role_of(tx, &scope, inviter.id).await?.ok_or_else(gone)?;
    if !theirs.allows(Permission::MembersWrite) || !theirs.covers(role) {
        return Err(gone());
    }
    Ok(Valid { row, role, workspace, inviter })
}

/// The same, marked as accepted. Of several transactions that try, the database lets one through.
async fn claim(accounts: &SeaAccounts, tx: &Tx, token: &str) -> Result<Valid> {
    let found = valid(accounts, tx, token).await?;
    members::hold(tx, found.row.workspace_id).await?;
    // Looked at again: the roles may have changed while waiting.
    let found = valid(accounts, tx, token).await?;
    let update = invitations::Entity::update_many()
        .col_expr(invitations::Column::AcceptedAt, Expr::value(accounts.ctx.now()))
        .filter(invitations::Column::Id.eq(found.row.id))
        .filter(invitations::Column::AcceptedAt.is_null())
        .filter(invitations::Column::RevokedAt.is_null());
    if tx.update_everywhere(SYSTEM, update).await? != 1 {
        return Err(AccountsError::InvitationGone);
    }
    Ok(found)
}

async fn enter_with(
    accounts: &SeaAccounts,
    tx: &Tx,
    found: Valid,
    actor: &Actor,
    user_id: UserId,
) -> Result<Membership> {
    let scope = Scope::for_member(found.workspace.id, actor.clone(), OUTSIDE);
    members::join(accounts, tx, &scope, user_id, found.role).await?;
    let event =
        AuditEvent::new("invitation.accepted", "invitation", found.row.id).with("role", found.role);
    accounts.ctx.audit.record(tx, Some(found.workspace.id), actor, event).await?;
    Ok(Membership { workspace: workspace::workspace(found.workspace), role: found.role })
}

//! Inviting an address to a workspace, and taking an invitation back.

use std::time::Duration;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select, Set};

use super::members::{check_handed_out, hold, manager};
use super::{AccountsError, Invitation, Result, SeaAccounts, enter};
use crate::entity::{invitations, users, workspace_members};
use crate::{
    AuditEvent, EmailAddress, InvitationId, Role, Scope, StoreError, System, Timestamp, Tx, token,
};

const SYSTEM: System = System::task("invitations");

/// How long an invitation can be accepted.
pub const INVITATION_LIFETIME: Duration = Duration::from_hours(7 * 24);

/// Invitations nobody accepted or took back; they may have expired.
pub(super) fn unanswered() -> Select<invitations::Entity> {
    invitations::Entity::find()
        .filter(invitations::Column::AcceptedAt.is_null())
        .filter(invitations::Column::RevokedAt.is_null())
}

pub(super) async fn open(accounts: &SeaAccounts, scope: &Scope) -> Result<Vec<Invitation>> {
    let select = unanswered().order_by_desc(invitations::Column::Id);
    let rows = accounts.ctx.db.all(scope, select).await?;
    let now = accounts.ctx.now();
    Ok(rows.into_iter().map(|row| invitation(row, now)).collect::<std::result::Result<_, _>>()?)
}

pub(super) async fn create(
    accounts: &SeaAccounts,
    scope: &Scope,
    email: &str,
    role: Role,
) -> Result<(Invitation, String)> {
    let ctx = &accounts.ctx;
    let email = EmailAddress::parse(email)?;
    let (token, now) = (token::random(), ctx.now());
    let tx = ctx.db.begin().await?;
    hold(&tx, scope.workspace_id()).await?;
    check_handed_out(manager(&tx, scope).await?, role)?;
    if is_member(&tx, scope, &email).await? {
        return Err(AccountsError::AlreadyMember);
    }
    let older = unanswered().filter(invitations::Column::Email.eq(email.as_str()));
    for older in tx.all(scope, older).await? {
        end(accounts, &tx, scope, older.id, "replaced").await?;
    }
    let row = invitations::ActiveModel {
        id: Set(ctx.id(InvitationId::from_uuid)),
        workspace_id: Set(scope.workspace_id()),
        email: Set(email.to_string()),
        role: Set(role.as_str().to_owned()),
        token_hash: Set(token::hash(&token)),
        created_by: Set(scope.user_id()),
        created_at: Set(now),
        expires_at: Set(now.plus(INVITATION_LIFETIME)),
        accepted_at: Set(None),
        revoked_at: Set(None),
    };
    let row = tx.insert(scope, row).await?;
    let event = AuditEvent::new("invitation.created", "invitation", row.id)
        .with("email", &row.email)
        .with("role", role);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok((invitation(row, now)?, token))
}

pub(super) async fn revoke(accounts: &SeaAccounts, scope: &Scope, id: InvitationId) -> Result<()> {
    let tx = accounts.ctx.db.begin().await?;
    hold(&tx, scope.workspace_id()).await?;
    let by = manager(&tx, scope).await?;
    let select = unanswered().filter(invitations::Column::Id.eq(id));
    let row = tx.one(scope, select).await?.ok_or(AccountsError::UnknownInvitation)?;
    if !by.covers(enter::parse_role(&row.role)?) {
        return Err(AccountsError::NotAllowed("you cannot revoke an invitation above your role"));
    }
    end(accounts, &tx, scope, id, "revoked").await?;
    Ok(tx.commit().await?)
}

async fn end(
    accounts: &SeaAccounts,
    tx: &Tx,
    scope: &Scope,
    id: InvitationId,
    why: &'static str,
) -> Result<()> {
    let update = invitations::Entity::update_many()
        .col_expr(invitations::Column::RevokedAt, Expr::value(accounts.ctx.now()))
        .filter(invitations::Column::Id.eq(id));
    tx.update_many(scope, update).await?;
    let event = AuditEvent::new("invitation.revoked", "invitation", id).with("why", why);
    Ok(accounts.ctx.audit.record(tx, Some(scope.workspace_id()), scope.actor(), event).await?)
}

async fn is_member(tx: &Tx, scope: &Scope, email: &EmailAddress) -> Result<bool> {
    let select = users::Entity::find().filter(users::Column::Email.eq(email.as_str()));
    let Some(user) = tx.everywhere(SYSTEM, select).await?.pop() else { return Ok(false) };
    let select =
        workspace_members::Entity::find().filter(workspace_members::Column::UserId.eq(user.id));
    Ok(tx.one(scope, select).await?.is_some())
}

fn invitation(
    row: invitations::Model,
    now: Timestamp,
) -> std::result::Result<Invitation, StoreError> {
    Ok(Invitation {
        id: row.id,
        email: row.email,
        role: enter::parse_role(&row.role)?,
        invited_by: row.created_by,
        created_at: row.created_at,
        expires_at: row.expires_at,
        is_expired: row.expires_at <= now,
    })
}

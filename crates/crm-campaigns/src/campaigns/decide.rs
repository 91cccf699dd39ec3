//! Approving and rejecting what was submitted.

use crm_core::{CampaignId, Scope, Tx, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::deps::{Deps, accounts_failed, event};
use super::status::{self, Move};
use super::{Campaign, CampaignsError, Result, policy, store};
use crate::entity::campaign_approvals::{self, Column as A};
use crate::entity::campaigns::{Column, Entity, Model};

pub(super) async fn approve(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
    notes: Option<String>,
    seen: Option<String>,
) -> Result<Option<Campaign>> {
    let authors_approve = authors_approve(deps, scope).await?;
    let tx = deps.ctx.db.begin().await?;
    let Some((row, request)) = waiting(&tx, scope, id, Move::Approve).await? else {
        return Ok(None);
    };
    let hash = request.content_hash.clone();
    if seen.is_some_and(|seen| seen != hash) {
        return Err(CampaignsError::Stale);
    }
    if is_author(scope.user_id(), row.created_by, request.requested_by) && !authors_approve {
        return Err(CampaignsError::OwnApproval);
    }
    let moved = status::apply(&deps.ctx, &tx, scope, id, Move::Approve, |update| {
        update
            .col_expr(Column::ApprovedBy, Expr::value(scope.user_id()))
            .filter(Column::ContentHash.eq(hash.as_str()))
    });
    if moved.await?.is_none() {
        return Ok(None);
    }
    answer(deps, &tx, scope, &request, "approved", notes.as_deref()).await?;
    let audit = event("campaign.approved", id).with("content_hash", hash).with("notes", notes);
    deps.record(&tx, scope, audit).await?;
    tx.commit().await?;
    store::get(deps, scope, id).await
}

pub(super) async fn reject(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
    notes: &str,
) -> Result<Option<Campaign>> {
    let notes = notes.trim();
    let tx = deps.ctx.db.begin().await?;
    let Some((_, request)) = waiting(&tx, scope, id, Move::Reject).await? else {
        return Ok(None);
    };
    if notes.is_empty() {
        return Err(CampaignsError::NotesRequired);
    }
    if status::apply(&deps.ctx, &tx, scope, id, Move::Reject, |update| update).await?.is_none() {
        return Ok(None);
    }
    answer(deps, &tx, scope, &request, "rejected", Some(notes)).await?;
    deps.record(&tx, scope, event("campaign.rejected", id).with("notes", notes)).await?;
    tx.commit().await?;
    store::get(deps, scope, id).await
}

/// The campaign and the request that waits for an answer.
async fn waiting(
    tx: &Tx,
    scope: &Scope,
    id: CampaignId,
    go: Move,
) -> Result<Option<(Model, campaign_approvals::Model)>> {
    let Some(row) = tx.one(scope, Entity::find_by_id(id)).await? else {
        return Ok(None);
    };
    let request = campaign_approvals::Entity::find()
        .filter(A::CampaignId.eq(id))
        .filter(A::Status.eq("pending"))
        .order_by_desc(A::CreatedAt)
        .order_by_desc(A::Id);
    let stands = status::status(&row.status)?;
    match tx.one(scope, request).await? {
        Some(request) if go.is_possible(stands) => Ok(Some((row, request))),
        _ => Err(go.refused(stands)),
    }
}

async fn answer(
    deps: &Deps,
    tx: &Tx,
    scope: &Scope,
    request: &campaign_approvals::Model,
    answer: &str,
    notes: Option<&str>,
) -> Result<()> {
    let update = campaign_approvals::Entity::update_many()
        .col_expr(A::Status, Expr::value(answer))
        .col_expr(A::ReviewerId, Expr::value(scope.user_id()))
        .col_expr(A::Notes, Expr::value(notes.map(ToOwned::to_owned)))
        .col_expr(A::ReviewedAt, Expr::value(deps.ctx.now()))
        .filter(A::Id.eq(request.id));
    tx.update_many(scope, update).await?;
    Ok(())
}

/// Whoever made the campaign or asked for its approval is its author.
pub(super) fn is_author(
    user_id: Option<UserId>,
    created_by: Option<UserId>,
    requested_by: Option<UserId>,
) -> bool {
    user_id.is_some() && (created_by == user_id || requested_by == user_id)
}

pub(super) async fn authors_approve(deps: &Deps, scope: &Scope) -> Result<bool> {
    if let Some(said) = policy::get(&deps.ctx, scope).await?.approve_own {
        return Ok(said);
    }
    let members = deps.accounts.members(scope).await.map_err(accounts_failed)?;
    Ok(members.len() <= 1)
}

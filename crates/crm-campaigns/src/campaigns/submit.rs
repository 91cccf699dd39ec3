//! Asking for approval: pre-flight, then the content is pinned.

use crm_core::{ApprovalId, CampaignId, Scope};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter, Set};

use super::deps::{Deps, event};
use super::status::{self, Move};
use super::{Campaign, CampaignsError, Result, preflight, store};
use crate::entity::campaign_approvals;
use crate::entity::campaigns::Column;

pub(super) async fn run(deps: &Deps, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>> {
    let Some(row) = store::row(deps, scope, id).await? else {
        return Ok(None);
    };
    let stands = status::status(&row.status)?;
    if !Move::Submit.is_possible(stands) {
        return Err(Move::Submit.refused(stands));
    }
    let (preflight, pin) = preflight::look(deps, scope, &row).await?;
    let Some(pin) = pin.filter(|_| preflight.blockers.is_empty()) else {
        return Err(CampaignsError::Blocked(preflight.blockers.join("; ")));
    };
    let hash = pin.hash()?;
    let json = serde_json::to_value(&pin).map_err(crm_core::StoreError::from)?;
    let count = i64::try_from(pin.audience_count).unwrap_or(i64::MAX);

    let ctx = &deps.ctx;
    let tx = ctx.db.begin().await?;
    let pinned = status::apply(ctx, &tx, scope, id, Move::Submit, |update| {
        update
            .col_expr(Column::ContentJson, Expr::value(json))
            .col_expr(Column::ContentHash, Expr::value(hash.clone()))
            .col_expr(Column::AudienceCount, Expr::value(count))
            // What was looked at is what is pinned: a change in between sends the caller back.
            .filter(Column::Version.eq(row.version))
    });
    if pinned.await?.is_none() {
        return Ok(None);
    }
    let request = campaign_approvals::ActiveModel {
        id: Set(ctx.id(ApprovalId::from_uuid)),
        workspace_id: Set(scope.workspace_id()),
        campaign_id: Set(id),
        status: Set("pending".to_owned()),
        requested_by: Set(scope.user_id()),
        reviewer_id: Set(None),
        content_hash: Set(hash.clone()),
        notes: Set(None),
        created_at: Set(ctx.now()),
        reviewed_at: Set(None),
    };
    tx.insert(scope, request).await?;
    let audit = event("campaign.submitted", id)
        .with("content_hash", hash)
        .with("audience_count", pin.audience_count);
    deps.record(&tx, scope, audit).await?;
    tx.commit().await?;
    store::get(deps, scope, id).await
}

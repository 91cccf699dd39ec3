//! After a restore, or on a copy, nothing is sent until a person releases it: campaigns that were being sent are paused,
//! scheduled ones wait, and each says why.

use crm_core::{CampaignId, Scope, StoreError, System, WorkspaceId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};

use super::{Core, LABEL, moves};
use crate::campaigns::Status;
use crate::campaigns::deps::{Deps, event};
use crate::campaigns::status::Move;
use crate::entity::campaigns;

#[derive(FromQueryResult)]
struct Restless {
    id: CampaignId,
    workspace_id: WorkspaceId,
    status: String,
}

/// Holds what would be sent, where this database is not where it was.
pub(super) async fn after_a_move(core: &Core) -> Result<(), StoreError> {
    let deps = &core.deps;
    let Some(what) = core.boot.seen().moved(&deps.ctx).await? else { return Ok(()) };
    let reason = format!(
        "This database {what}. What was sent since, or from elsewhere, is not known here: go on only if nobody would get \
         a message twice."
    );
    let wanted = [Status::Sending.as_str(), Status::Scheduled.as_str()];
    let select = campaigns::Entity::find()
        .select_only()
        .columns([campaigns::Column::Id, campaigns::Column::WorkspaceId, campaigns::Column::Status])
        .filter(campaigns::Column::Status.is_in(wanted));
    let rows: Vec<Restless> = deps.ctx.db.everywhere_as(System::task(LABEL), select).await?;

    let tx = deps.ctx.db.begin().await?;
    tx.unaudited("a server shows that it runs");
    for row in &rows {
        let scope = Scope::for_job(row.workspace_id, LABEL);
        if row.status == Status::Scheduled.as_str() {
            unschedule_in(deps, &tx, &scope, row.id, &reason).await?;
        } else {
            moves::pause(deps, &tx, &scope, row.id, &reason).await?;
        }
    }
    core.boot.seen().settle(&deps.ctx, &tx).await?;
    tx.commit().await?;
    core.boot.seen().committed(true);
    tracing::warn!(
        campaigns = rows.len(),
        "this database {what}: nothing is sent before a person says so"
    );
    Ok(())
}

/// A scheduled campaign waits for a person, who is told why.
pub(crate) async fn unschedule(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
    reason: &str,
) -> Result<(), StoreError> {
    let tx = deps.ctx.db.begin().await?;
    unschedule_in(deps, &tx, scope, id, reason).await?;
    tx.commit().await
}

async fn unschedule_in(
    deps: &Deps,
    tx: &crm_core::Tx,
    scope: &Scope,
    id: CampaignId,
    reason: &str,
) -> Result<(), StoreError> {
    let why = |update: sea_orm::UpdateMany<campaigns::Entity>| {
        update.col_expr(campaigns::Column::PauseReason, Expr::value(reason))
    };
    if moves::go(deps, tx, scope, id, Move::Unschedule, why).await? {
        deps.record(tx, scope, event("campaign.held", id).with("reason", reason)).await?;
    }
    Ok(())
}

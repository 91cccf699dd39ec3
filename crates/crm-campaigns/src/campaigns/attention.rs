//! What waits for a person: approvals, messages in doubt, and what the program stopped.

use crm_core::{Scope, StoreError};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::deps::Deps;
use super::{Attention, Campaign, Status, store};
use crate::entity::campaigns::{CAMPAIGN, Column, Entity};

/// Most campaigns shown at once.
const MOST: u64 = 100;

/// Written out, since an index of its own knows these rows.
fn in_doubt() -> SimpleExpr {
    Expr::cust("count_unknown > 0")
}

/// Paused by the program, which then says why; a person who pauses needs no reminder.
fn stopped() -> Condition {
    Condition::all()
        .add(Column::Status.eq(Status::Paused.as_str()))
        .add(Column::PauseReason.is_not_null())
}

/// How much there is, messages to single contacts included.
pub(super) async fn count(deps: &Deps, scope: &Scope) -> Result<Attention, StoreError> {
    let db = &deps.ctx.db;
    let pending = Entity::find().filter(Column::Status.eq(Status::PendingApproval.as_str()));
    Ok(Attention {
        approvals: db.count(scope, pending).await?,
        in_doubt: db.count(scope, Entity::find().filter(in_doubt())).await?,
        stopped: db.count(scope, Entity::find().filter(stopped())).await?,
    })
}

/// The campaigns among it, those that wait longest first.
pub(super) async fn list(deps: &Deps, scope: &Scope) -> Result<Vec<Campaign>, StoreError> {
    let waits = Condition::any()
        .add(Column::Status.eq(Status::PendingApproval.as_str()))
        .add(in_doubt())
        .add(stopped());
    let select = Entity::find()
        .filter(Column::Kind.eq(CAMPAIGN))
        .filter(waits)
        .order_by_asc(Column::UpdatedAt)
        .order_by_asc(Column::Id)
        .limit(MOST);
    store::read_all(deps, scope, deps.ctx.db.all(scope, select).await?).await
}

//! Numbers for the dashboard.

use std::time::Duration;

use crm_core::{Context, Scope};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{ContactCounts, Result, search};
use crate::entity::base_contacts;

const WEEK: Duration = Duration::from_hours(7 * 24);

pub(crate) async fn run(ctx: &Context, scope: &Scope) -> Result<ContactCounts> {
    let all = base_contacts::Entity::find();
    let since = ctx.now().minus(WEEK);
    let recent = all.clone().filter(base_contacts::Column::CreatedOn.gte(since));
    let total = if ctx.db.is_sqlite() {
        search::contacts(ctx, scope).await?
    } else {
        ctx.db.count(scope, all).await?
    };
    Ok(ContactCounts { total, last_7_days: ctx.db.count(scope, recent).await? })
}

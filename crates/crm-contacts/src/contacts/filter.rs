//! Contacts by what they have in common: the condition behind a list of contacts.

use crm_core::{Context, ListId, Scope};
use sea_orm::Condition;

use super::{Result, search};
use crate::door::Door;
use crate::segments::{Segment, compile, list_condition};

/// What contacts found by these words, in this list and of this segment meet.
pub(crate) async fn condition(
    ctx: &Context,
    scope: &Scope,
    words: &str,
    list_id: Option<ListId>,
    segment: Option<&Segment>,
) -> Result<Condition> {
    let door = Door::Db(&ctx.db);
    let mut all = Condition::all();
    if let Some(plan) = search::plan(ctx, scope, words).await? {
        all = all.add(plan.condition);
    }
    if let Some(list_id) = list_id {
        all = all.add(list_condition(ctx.db.is_sqlite(), door, scope, list_id).await?);
    }
    if let Some(segment) = segment {
        all = all.add(compile::run(ctx, door, scope, segment).await?);
    }
    Ok(all)
}

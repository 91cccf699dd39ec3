//! What the people of each tag answered, and how many of them became customers.
//!
//! A message belongs to the tags its reader has now. Of a large campaign, or of a large tag, a part stands for the whole.

use std::collections::HashMap;

use crm_core::{ListId, Scope, Snapshot, StoreError};
use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use super::{Change, Sent, Span, Tag, number};
use crate::entity::elsewhere::{assignments, recipients};

/// Most campaigns that are looked at.
const CAMPAIGNS: usize = 24;
/// Most messages of one campaign that are looked at.
const MESSAGES: u64 = 20_000;
/// Most people of one tag that are looked at.
const PEOPLE: u64 = 20_000;

#[derive(FromQueryResult)]
struct Found {
    list_id: ListId,
    found: i64,
}

/// Readers of a campaign, or those who answered.
fn readers(on: &Snapshot, scope: &Scope, campaign: &Sent, answered: bool) -> SelectStatement {
    let sample = recipients::Entity::find()
        .select_only()
        .column(recipients::Column::ContactId)
        .filter(recipients::Column::CampaignId.eq(campaign.id))
        .filter(recipients::Column::State.eq("sent"))
        .filter(recipients::Column::ContactId.is_not_null())
        // The same ones each time.
        .order_by_asc(recipients::Column::ContactId)
        .limit(MESSAGES);
    let sample = on.subquery(scope, sample);
    if !answered {
        return sample;
    }
    let select = recipients::Entity::find()
        .select_only()
        .column(recipients::Column::ContactId)
        .filter(recipients::Column::CampaignId.eq(campaign.id))
        .filter(Expr::cust("\"campaign_recipients\".\"replied_at\" IS NOT NULL"))
        .filter(recipients::Column::ContactId.in_subquery(sample));
    on.subquery(scope, select)
}

/// How many of these people have each tag.
async fn by_tag(
    on: &Snapshot,
    scope: &Scope,
    people: SelectStatement,
) -> Result<HashMap<ListId, u64>, StoreError> {
    let select = assignments::Entity::find()
        .select_only()
        .column(assignments::Column::ListId)
        .expr_as(Expr::cust("COUNT(*)"), "found")
        .filter(assignments::Column::ContactId.in_subquery(people))
        .filter(assignments::Column::IsPrimary.eq(false))
        .group_by(assignments::Column::ListId);
    let rows: Vec<Found> = on.all_as(scope, select).await?;
    Ok(rows.into_iter().map(|row| (row.list_id, number(row.found))).collect())
}

/// Tags with what was sent to their people and what they answered, lately and before.
pub(in crate::insights) async fn replies(
    on: &Snapshot,
    scope: &Scope,
    tags: Vec<(ListId, String, u64)>,
    sent: &[Sent],
    lately: Span,
    before: Span,
) -> Result<Vec<Tag>, StoreError> {
    let mut found: HashMap<ListId, (Change, Change)> = HashMap::new();
    let campaigns = sent.iter().filter(|one| one.tally.sent > 0).take(CAMPAIGNS);
    for campaign in campaigns.filter(|_| !tags.is_empty()) {
        let is_lately = lately.holds(campaign.at);
        if !is_lately && !before.holds(campaign.at) {
            continue;
        }
        let place = |change: &mut Change, count| {
            if is_lately { change.lately += count } else { change.before += count }
        };
        for (id, count) in by_tag(on, scope, readers(on, scope, campaign, false)).await? {
            place(&mut found.entry(id).or_default().0, count);
        }
        if campaign.tally.replied == 0 {
            continue;
        }
        for (id, count) in by_tag(on, scope, readers(on, scope, campaign, true)).await? {
            place(&mut found.entry(id).or_default().1, count);
        }
    }
    Ok(tags
        .into_iter()
        .map(|(id, name, people)| {
            let (sent, replied) = found.get(&id).copied().unwrap_or_default();
            Tag { id, name, people, sent, replied }
        })
        .collect())
}

/// How many people got a tag within a span, and how many of them are in the stage `goal` now.
pub(in crate::insights) async fn customers(
    on: &Snapshot,
    scope: &Scope,
    tag: ListId,
    goal: ListId,
    span: Span,
) -> Result<(u64, u64), StoreError> {
    let of_tag = assignments::Entity::find()
        .filter(assignments::Column::ListId.eq(tag))
        .filter(assignments::Column::AssignedAt.gte(span.since))
        .filter(assignments::Column::AssignedAt.lt(span.until));
    let people = on.count(scope, of_tag.clone()).await?;
    let sample = of_tag
        .select_only()
        .column(assignments::Column::ContactId)
        .order_by_desc(assignments::Column::AssignedAt)
        .order_by_desc(assignments::Column::ContactId)
        .limit(PEOPLE);
    let select = assignments::Entity::find()
        .filter(assignments::Column::ListId.eq(goal))
        .filter(assignments::Column::ContactId.in_subquery(on.subquery(scope, sample)));
    Ok((people.min(PEOPLE), on.count(scope, select).await?))
}

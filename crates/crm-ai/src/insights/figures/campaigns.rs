//! Campaigns, what came of them, and who sent them.

use std::collections::HashMap;

use crm_core::{CampaignId, ProviderId, Scope, Snapshot, StoreError};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use super::{Sender, Sent, Span, Tally, number};
use crate::entity::elsewhere::{campaigns as rows, email_providers, recipients, text_providers};

/// Most campaigns that are looked at, the newest first.
const MOST: u64 = 60;

#[derive(FromQueryResult)]
struct Found {
    campaign_id: CampaignId,
    found: i64,
}

/// Campaigns that began within a span, the newest first.
pub(in crate::insights) async fn campaigns(
    on: &Snapshot,
    scope: &Scope,
    span: Span,
) -> Result<Vec<Sent>, StoreError> {
    let select = rows::Entity::find()
        .filter(rows::Column::Kind.eq("campaign"))
        .filter(rows::Column::StartedAt.gte(span.since))
        .filter(rows::Column::StartedAt.lt(span.until))
        .order_by_desc(rows::Column::CreatedAt)
        .order_by_desc(rows::Column::Id)
        .limit(MOST);
    let found = on.all(scope, select).await?;
    let ids: Vec<CampaignId> = found.iter().map(|row| row.id).collect();
    let replied = outcome(on, scope, &ids, "replied_at").await?;
    let bounced = outcome(on, scope, &ids, "bounced_at").await?;
    let left = outcome(on, scope, &ids, "unsubscribed_at").await?;
    let of = |counts: &HashMap<CampaignId, u64>, id| counts.get(&id).copied().unwrap_or_default();
    let mut sent: Vec<Sent> = found
        .into_iter()
        .filter_map(|row| {
            Some(Sent {
                id: row.id,
                name: row.name,
                channel: row.channel,
                provider_id: row.provider_id,
                at: row.started_at?,
                tally: Tally {
                    sent: number(row.count_sent),
                    failed: number(row.count_failed),
                    bounced: of(&bounced, row.id),
                    replied: of(&replied, row.id),
                    left: of(&left, row.id),
                },
            })
        })
        .collect();
    sent.sort_by_key(|one| std::cmp::Reverse(one.at));
    Ok(sent)
}

/// How many messages of each campaign have this time, from the index that holds those only.
async fn outcome(
    on: &Snapshot,
    scope: &Scope,
    ids: &[CampaignId],
    column: &str,
) -> Result<HashMap<CampaignId, u64>, StoreError> {
    let select = recipients::Entity::find()
        .select_only()
        .column(recipients::Column::CampaignId)
        .expr_as(Expr::cust("COUNT(*)"), "found")
        .filter(recipients::Column::CampaignId.is_in(ids.iter().copied()))
        .filter(Expr::cust(format!("\"campaign_recipients\".\"{column}\" IS NOT NULL")))
        .group_by(recipients::Column::CampaignId);
    let rows: Vec<Found> = on.all_as(scope, select).await?;
    Ok(rows.into_iter().map(|row| (row.campaign_id, number(row.found))).collect())
}

/// What a provider is called, and whether it is its channel's default.
struct Named {
    id: ProviderId,
    channel: &'static str,
    name: String,
    is_default: bool,
}

async fn providers(on: &Snapshot, scope: &Scope) -> Result<Vec<Named>, StoreError> {
    let mut all = Vec::new();
    for row in on.all(scope, email_providers::Entity::find()).await? {
        let name = if row.name.is_empty() { row.provider_type } else { row.name };
        all.push(Named { id: row.id, channel: "email", name, is_default: row.is_default });
    }
    for row in on.all(scope, text_providers::Entity::find()).await? {
        let name = if row.name.is_empty() { row.provider_type } else { row.name };
        all.push(Named { id: row.id, channel: "text", name, is_default: row.is_default });
    }
    Ok(all)
}

/// Who sent these campaigns, and how their messages fared lately and before.
pub(in crate::insights) async fn senders(
    on: &Snapshot,
    scope: &Scope,
    sent: &[Sent],
    lately: Span,
    before: Span,
) -> Result<Vec<Sender>, StoreError> {
    let known = providers(on, scope).await?;
    let mut senders: Vec<Sender> = Vec::new();
    let mut worst: HashMap<usize, (CampaignId, u64)> = HashMap::new();
    for one in sent {
        // A campaign that names none goes by the default.
        let of = known.iter().find(|named| {
            one.provider_id
                .map_or(named.is_default && named.channel == one.channel, |id| id == named.id)
        });
        let id = of.map(|named| named.id);
        let place =
            senders.iter().position(|sender| sender.id == id && sender.channel == one.channel);
        let place = place.unwrap_or_else(|| {
            senders.push(Sender {
                id,
                channel: one.channel.clone(),
                name: of.map_or_else(
                    || "a provider that is gone".to_owned(),
                    |named| named.name.clone(),
                ),
                lately: Tally::default(),
                before: Tally::default(),
                worst: None,
            });
            senders.len() - 1
        });
        let Some(sender) = senders.get_mut(place) else { continue };
        if lately.holds(one.at) {
            sender.lately.add(one.tally);
            let lost = one.tally.lost();
            if lost > worst.get(&place).map_or(0, |(_, most)| *most) {
                worst.insert(place, (one.id, lost));
                sender.worst = Some(one.id);
            }
        } else if before.holds(one.at) {
            sender.before.add(one.tally);
        }
    }
    Ok(senders)
}

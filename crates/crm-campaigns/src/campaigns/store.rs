//! Reading campaigns.

use std::collections::HashMap;

use crm_core::{CampaignId, Page, PageRequest, Scope, StoreError, paging};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize as _;

use super::deps::Deps;
use super::{
    Approval, Campaign, Counts, Result, Schedule, Status, Variant, ledger, status, subject_test,
};
use crate::entity::campaign_approvals;
use crate::entity::campaigns::{CAMPAIGN, Column, Entity, Model};
use crate::templates::Channel;

pub(super) async fn list(
    deps: &Deps,
    scope: &Scope,
    wanted: Option<Status>,
    request: PageRequest,
) -> Result<Page<Campaign>> {
    let db = &deps.ctx.db;
    let mut select = Entity::find().filter(Column::Kind.eq(CAMPAIGN));
    if let Some(status) = wanted {
        select = select.filter(Column::Status.eq(status.as_str()));
    }
    let total = db.count_capped(scope, select.clone()).await?;
    let mut backwards = false;
    if let Some(cursor) = &request.cursor {
        backwards = cursor.backwards;
        let (key, last) = (cursor.key.as_str(), cursor.id.as_str());
        let (created, id) = (Expr::col(Column::CreatedAt), Expr::col(Column::Id));
        let same = created.clone().eq(key);
        select = select.filter(if backwards {
            Condition::any().add(created.gt(key)).add(Condition::all().add(same).add(id.gt(last)))
        } else {
            Condition::any().add(created.lt(key)).add(Condition::all().add(same).add(id.lt(last)))
        });
    }
    select = if backwards {
        select.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id)
    } else {
        select.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id)
    };
    let rows = db.all(scope, select.limit(request.limit() + 1)).await?;
    let campaigns = read_all(deps, scope, rows).await?;
    Ok(paging::page_of(campaigns, &request, total, |row: &Campaign| {
        (row.created_at.to_string(), row.id.to_string())
    }))
}

/// Campaigns from their rows, with what the ledger and the approvals say.
pub(super) async fn read_all(
    deps: &Deps,
    scope: &Scope,
    rows: Vec<Model>,
) -> std::result::Result<Vec<Campaign>, StoreError> {
    let ids: Vec<CampaignId> = rows.iter().map(|row| row.id).collect();
    let counts = ledger::counts(&deps.ctx.db, scope, &ids).await?;
    let mut approvals = latest_approvals(deps, scope, &ids).await?;
    let read_one = |row: Model| {
        let counts = counts.get(&row.id).copied().unwrap_or_default();
        let approval = approvals.remove(&row.id);
        read(row, counts, approval)
    };
    rows.into_iter().map(read_one).collect()
}

pub(super) async fn get(deps: &Deps, scope: &Scope, id: CampaignId) -> Result<Option<Campaign>> {
    let Some(row) = row(deps, scope, id).await? else {
        return Ok(None);
    };
    let counts = ledger::counts(&deps.ctx.db, scope, &[id]).await?;
    let approval = latest_approvals(deps, scope, &[id]).await?.remove(&id);
    Ok(Some(read(row, counts.get(&id).copied().unwrap_or_default(), approval)?))
}

/// The stored row, as committed; `None` also for a message to one person, which is no campaign.
pub(super) async fn row(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
) -> std::result::Result<Option<Model>, StoreError> {
    deps.ctx.db.one(scope, Entity::find_by_id(id).filter(Column::Kind.eq(CAMPAIGN))).await
}

async fn latest_approvals(
    deps: &Deps,
    scope: &Scope,
    ids: &[CampaignId],
) -> std::result::Result<HashMap<CampaignId, campaign_approvals::Model>, StoreError> {
    use campaign_approvals::Column as A;
    let select = campaign_approvals::Entity::find()
        .filter(A::CampaignId.is_in(ids.iter().copied()))
        .order_by_asc(A::CreatedAt)
        .order_by_asc(A::Id);
    let rows = deps.ctx.db.all(scope, select).await?;
    Ok(rows.into_iter().map(|row| (row.campaign_id, row)).collect())
}

/// The channel of a stored campaign.
pub(super) fn channel(row: &Model) -> std::result::Result<Channel, StoreError> {
    Channel::parse(&row.channel)
        .ok_or_else(|| StoreError::Corrupt(format!("campaign of the type {}", row.channel)))
}

/// The schedule of a stored campaign.
pub(super) fn schedule(row: &Model) -> std::result::Result<Schedule, StoreError> {
    let stored = row.schedule_json.as_ref().map(Schedule::deserialize).transpose()?;
    Ok(stored.unwrap_or_default())
}

/// The segment of a stored campaign.
pub(super) fn segment(row: &Model) -> std::result::Result<crm_contacts::Segment, StoreError> {
    Ok(crm_contacts::Segment::deserialize(&row.segment_json)?)
}

fn read(
    row: Model,
    counts: Counts,
    approval: Option<campaign_approvals::Model>,
) -> std::result::Result<Campaign, StoreError> {
    // An approval of other content than the campaign has now was withdrawn and is history.
    let holds = |approval: &campaign_approvals::Model| {
        approval.status != "approved" || Some(&approval.content_hash) == row.content_hash.as_ref()
    };
    Ok(Campaign {
        approval: approval.filter(holds).map(read_approval),
        id: row.id,
        channel: channel(&row)?,
        segment: segment(&row)?,
        schedule: schedule(&row)?,
        subject_test: subject_test::of(&row)?,
        subject_winner: row.subject_winner.as_deref().and_then(Variant::parse),
        status: status::status(&row.status)?,
        name: row.name,
        template_id: row.template_id,
        template_version: row
            .content_json
            .as_ref()
            .and_then(|content| content.get("template_version")?.as_i64()),
        provider_id: row.provider_id,
        pause_reason: row.pause_reason,
        content_hash: row.content_hash,
        audience_count: row.audience_count.and_then(|count| u64::try_from(count).ok()),
        counts,
        created_by: row.created_by,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        started_at: row.started_at,
        finished_at: row.finished_at,
    })
}

fn read_approval(row: campaign_approvals::Model) -> Approval {
    Approval {
        id: row.id,
        status: row.status,
        content_hash: row.content_hash,
        requested_by: row.requested_by,
        reviewer_id: row.reviewer_id,
        notes: row.notes,
        created_at: row.created_at,
        reviewed_at: row.reviewed_at,
    }
}

//! Making, changing, taking back and deleting campaigns.

use crm_core::{AuditEvent, CampaignId, Scope, StoreError, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set, UpdateMany};

use super::current::stored_template;
use super::deps::{Deps, contacts_failed, event};
use super::status::{self, Move};
use super::{Campaign, CampaignsError, NewCampaign, Result, Status, schedule, store, subject_test};
use crate::entity::campaign_approvals;
use crate::entity::campaigns::{ActiveModel, CAMPAIGN, Column, Entity};
use crate::templates::compile::Known;

pub(super) const MAX_NAME: usize = 200;

pub(super) async fn create(deps: &Deps, scope: &Scope, new: NewCampaign) -> Result<Campaign> {
    let new = check(deps, scope, new).await?;
    let event = |id, name: &str| event("campaign.created", id).with("name", name);
    make(deps, scope, new, event).await
}

/// Writes a draft of what was checked, or was good enough for another campaign.
pub(super) async fn make(
    deps: &Deps,
    scope: &Scope,
    new: NewCampaign,
    event: impl Fn(CampaignId, &str) -> AuditEvent,
) -> Result<Campaign> {
    let ctx = &deps.ctx;
    let now = ctx.now();
    let row = ActiveModel {
        id: Set(ctx.id(CampaignId::from_uuid)),
        workspace_id: Set(scope.workspace_id()),
        kind: Set(CAMPAIGN.to_owned()),
        name: Set(new.name),
        channel: Set(new.channel.as_str().to_owned()),
        template_id: Set(new.template_id),
        segment_json: Set(json(&new.segment)?),
        schedule_json: Set(Some(json(&new.schedule)?)),
        subject_test_json: Set(new.subject_test.as_ref().map(json).transpose()?),
        subject_winner: Set(None),
        status: Set(Status::Draft.as_str().to_owned()),
        provider_kind: Set(new.provider_id.map(|_| new.channel.as_str().to_owned())),
        provider_id: Set(new.provider_id),
        content_json: Set(None),
        content_hash: Set(None),
        audience_count: Set(None),
        pause_reason: Set(None),
        count_total: Set(0),
        count_sent: Set(0),
        count_failed: Set(0),
        count_skipped: Set(0),
        count_unknown: Set(0),
        created_by: Set(scope.user_id()),
        approved_by: Set(None),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        started_at: Set(None),
        finished_at: Set(None),
    };
    let tx = ctx.db.begin().await?;
    let row = tx.insert(scope, row).await?;
    deps.record(&tx, scope, event(row.id, &row.name)).await?;
    tx.commit().await?;
    found(store::get(deps, scope, row.id).await?)
}

pub(super) async fn update(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
    version: Option<i64>,
    change: NewCampaign,
) -> Result<Option<Campaign>> {
    let change = check(deps, scope, change).await?;
    let (segment, schedule) = (json(&change.segment)?, json(&change.schedule)?);
    let subject_test = change.subject_test.as_ref().map(json).transpose()?;
    let kind = change.provider_id.map(|_| change.channel.as_str());
    let tx = deps.ctx.db.begin().await?;
    let Some(row) = tx.one(scope, Entity::find_by_id(id)).await? else {
        return Ok(None);
    };
    let stood = status::status(&row.status)?;
    if version.is_some_and(|seen| seen != row.version) && Move::Edit.is_possible(stood) {
        return Err(CampaignsError::Stale);
    }
    let name = change.name.clone();
    let set = |update: UpdateMany<Entity>| {
        unpin(update)
            .col_expr(Column::Name, Expr::value(change.name))
            .col_expr(Column::Channel, Expr::value(change.channel.as_str()))
            .col_expr(Column::TemplateId, Expr::value(change.template_id))
            .col_expr(Column::SegmentJson, Expr::value(segment))
            .col_expr(Column::ScheduleJson, Expr::value(schedule))
            .col_expr(Column::SubjectTestJson, Expr::value(subject_test))
            .col_expr(Column::ProviderKind, Expr::value(kind))
            .col_expr(Column::ProviderId, Expr::value(change.provider_id))
            .filter(Column::Version.eq(row.version))
    };
    if status::apply(&deps.ctx, &tx, scope, id, Move::Edit, set).await?.is_none() {
        return Ok(None);
    }
    drop_request(&tx, scope, id).await?;
    let mut audit = event("campaign.updated", id).with("name", name);
    if stood != Status::Draft {
        audit = audit.with("approval_withdrawn", true).with("status_before", stood);
    }
    deps.record(&tx, scope, audit).await?;
    tx.commit().await?;
    store::get(deps, scope, id).await
}

/// Takes a campaign back to draft, for a reason worth noting where there is one.
pub(super) async fn withdraw(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
    reason: Option<&str>,
) -> Result<Option<Campaign>> {
    let tx = deps.ctx.db.begin().await?;
    if status::apply(&deps.ctx, &tx, scope, id, Move::Withdraw, unpin).await?.is_none() {
        return Ok(None);
    }
    drop_request(&tx, scope, id).await?;
    let audit = event("campaign.withdrawn", id);
    let audit = match reason {
        Some(reason) => audit.with("reason", reason),
        None => audit,
    };
    deps.record(&tx, scope, audit).await?;
    tx.commit().await?;
    store::get(deps, scope, id).await
}

pub(super) async fn delete(deps: &Deps, scope: &Scope, id: CampaignId) -> Result<bool> {
    let busy = [Status::Sending, Status::Paused];
    let tx = deps.ctx.db.begin().await?;
    let delete = Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::Status.is_not_in(busy.map(Status::as_str)));
    if tx.delete_many(scope, delete).await? == 0 {
        return match tx.one(scope, Entity::find_by_id(id)).await? {
            None => Ok(false),
            Some(row) => Err(CampaignsError::InvalidState {
                from: status::status(&row.status)?.words(),
                verb: "deleted",
            }),
        };
    }
    deps.record(&tx, scope, event("campaign.deleted", id)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Forgets what was submitted.
fn unpin(update: UpdateMany<Entity>) -> UpdateMany<Entity> {
    update
        .col_expr(Column::ContentJson, Expr::value(None::<serde_json::Value>))
        .col_expr(Column::ContentHash, Expr::value(None::<String>))
        .col_expr(Column::AudienceCount, Expr::value(None::<i64>))
        .col_expr(Column::ApprovedBy, Expr::value(None::<String>))
        .col_expr(Column::PauseReason, Expr::value(None::<String>))
}

/// A request nobody has answered is taken back; the audit log keeps that it was made.
async fn drop_request(tx: &Tx, scope: &Scope, id: CampaignId) -> Result<()> {
    use campaign_approvals::Column as A;
    let delete = campaign_approvals::Entity::delete_many()
        .filter(A::CampaignId.eq(id))
        .filter(A::Status.eq("pending"));
    tx.delete_many(scope, delete).await?;
    Ok(())
}

/// A name as it is stored.
pub(super) fn named(name: &str) -> Result<String> {
    let name = name.trim();
    let too_long = name.chars().count() > MAX_NAME;
    if name.is_empty() || too_long || name.chars().any(char::is_control) {
        return Err(CampaignsError::InvalidName);
    }
    Ok(name.to_owned())
}

async fn check(deps: &Deps, scope: &Scope, mut new: NewCampaign) -> Result<NewCampaign> {
    new.name = named(&new.name)?;
    schedule::check(&new.schedule)?;
    let template = match new.template_id {
        Some(template_id) => {
            let template = stored_template(deps, scope, template_id).await?;
            let template = template.filter(|template| template.channel == new.channel);
            Some(template.ok_or(CampaignsError::InvalidTemplate)?)
        }
        None => None,
    };
    if let Some(test) = new.subject_test.take() {
        let fields = deps.contacts.custom_field_names(scope).await.map_err(contacts_failed)?;
        let known = Known::Fields(&fields);
        let checked = subject_test::check(&test, new.channel, template.as_ref(), known)?;
        new.subject_test = Some(checked);
    }
    if let Some(provider_id) = new.provider_id
        && deps
            .providers
            .get(scope, provider_id)
            .await?
            .is_none_or(|provider| provider.config.takes() != new.channel.provider_kind())
    {
        return Err(CampaignsError::InvalidProvider);
    }
    deps.segments.check(scope, &new.segment).await?;
    Ok(new)
}

fn json(value: &impl serde::Serialize) -> std::result::Result<serde_json::Value, StoreError> {
    Ok(serde_json::to_value(value)?)
}

/// What was just written is there.
pub(super) fn found<T>(written: Option<T>) -> Result<T> {
    Ok(written.ok_or_else(|| {
        StoreError::Corrupt("a campaign vanished while it was written".to_owned())
    })?)
}

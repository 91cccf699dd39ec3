//! Reading messages.

use std::collections::HashMap;
use std::time::Duration;

use crm_core::{CampaignId, ContactId, RecipientId, Scope, StoreError, UserId};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{Message, MessageState, Result};
use crate::campaigns::content::PinnedContent;
use crate::campaigns::deps::Deps;
use crate::campaigns::{RecipientState as State, SkipReason, Status, ledger, status};
use crate::entity::{campaign_recipients as row, campaigns};

/// How long what failed is shown.
const SHOWN: Duration = Duration::from_hours(7 * 24);
/// Most messages of one list.
const MOST: u64 = 50;

/// The row and the campaign of a message; `None` where the id is of something else.
pub(super) async fn find(
    deps: &Deps,
    scope: &Scope,
    id: RecipientId,
) -> std::result::Result<Option<(row::Model, campaigns::Model)>, StoreError> {
    let db = &deps.ctx.db;
    let Some(found) = db.one(scope, row::Entity::find_by_id(id)).await? else {
        return Ok(None);
    };
    let campaign = db.one(scope, single().filter(campaigns::Column::Id.eq(found.campaign_id)));
    Ok(campaign.await?.map(|campaign| (found, campaign)))
}

fn single() -> Select<campaigns::Entity> {
    campaigns::Entity::find().filter(campaigns::Column::Kind.eq(campaigns::SINGLE))
}

pub(super) async fn one(deps: &Deps, scope: &Scope, id: RecipientId) -> Result<Option<Message>> {
    let found = find(deps, scope, id).await?;
    Ok(found.map(|(row, campaign)| read(row, &campaign)).transpose()?)
}

pub(super) async fn open_of(
    deps: &Deps,
    scope: &Scope,
    contact_id: ContactId,
) -> Result<Vec<Message>> {
    let lately = deps.ctx.now().minus(SHOWN);
    let failed = [State::Failed.as_str(), State::Skipped.as_str()];
    let open = [State::Queued, State::RetryWait, State::Sending, State::Unknown].map(State::as_str);
    let wanted = Condition::any().add(row::Column::State.is_in(open)).add(
        Condition::all()
            .add(row::Column::State.is_in(failed))
            .add(row::Column::UpdatedAt.gte(lately)),
    );
    let select = row::Entity::find()
        .filter(row::Column::ContactId.eq(contact_id))
        .filter(wanted)
        .order_by_desc(row::Column::Id)
        .limit(MOST);
    let mut messages = with_campaigns(deps, scope, select).await?;
    messages.retain(|message| message.state != MessageState::Undone);
    Ok(messages)
}

pub(super) async fn waiting(deps: &Deps, scope: &Scope) -> Result<Vec<Message>> {
    let db = &deps.ctx.db;
    let stopped = single()
        .filter(campaigns::Column::Status.eq(Status::Paused.as_str()))
        .order_by_asc(campaigns::Column::CreatedAt)
        .limit(MOST);
    let stopped = db.all(scope, stopped).await?;
    let doubtful = single()
        .filter(campaigns::Column::CountUnknown.gt(0))
        .order_by_asc(campaigns::Column::CreatedAt)
        .limit(MOST);
    let ids = stopped.iter().map(|found| found.id);
    let doubtful = db.all(scope, doubtful).await?;
    let ids: Vec<CampaignId> = ids.chain(doubtful.iter().map(|found| found.id)).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let select = row::Entity::find()
        .filter(row::Column::CampaignId.is_in(ids))
        .order_by_asc(row::Column::Id)
        .limit(MOST);
    let mut messages = with_campaigns(deps, scope, select).await?;
    messages
        .retain(|message| matches!(message.state, MessageState::Stopped | MessageState::Unknown));
    Ok(messages)
}

async fn with_campaigns(
    deps: &Deps,
    scope: &Scope,
    select: Select<row::Entity>,
) -> Result<Vec<Message>> {
    let db = &deps.ctx.db;
    let rows = db.all(scope, select).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = rows.iter().map(|row| row.campaign_id);
    let found = db.all(scope, single().filter(campaigns::Column::Id.is_in(ids))).await?;
    let campaigns: HashMap<CampaignId, campaigns::Model> =
        found.into_iter().map(|campaign| (campaign.id, campaign)).collect();
    let messages = rows
        .into_iter()
        .filter_map(|row| campaigns.get(&row.campaign_id).map(|campaign| read(row, campaign)));
    Ok(messages.collect::<std::result::Result<Vec<_>, _>>()?)
}

/// A message from its row and its campaign.
///
/// # Errors
/// [`StoreError::Corrupt`] where one of them holds a word nobody writes.
pub(super) fn read(
    row: row::Model,
    campaign: &campaigns::Model,
) -> std::result::Result<Message, StoreError> {
    let pinned = PinnedContent::of(campaign)?
        .ok_or_else(|| StoreError::Corrupt("a message without content".to_owned()))?;
    let stands = status::status(&campaign.status)?;
    let is_cancelled = row.reason.as_deref() == Some(SkipReason::Cancelled.as_str());
    let state = match ledger::state(&row.state)? {
        State::Sending => MessageState::Sending,
        State::Sent => MessageState::Sent,
        State::Failed => MessageState::Failed,
        State::Unknown => MessageState::Unknown,
        State::Skipped if is_cancelled => MessageState::Undone,
        State::Skipped => MessageState::Skipped,
        State::Queued | State::RetryWait if stands == Status::Paused => MessageState::Stopped,
        State::RetryWait if row.attempts == 0 => MessageState::Held,
        State::Queued | State::RetryWait => MessageState::Waiting,
    };
    let problem = match state {
        MessageState::Stopped => campaign.pause_reason.clone(),
        MessageState::Skipped => row.reason.as_deref().and_then(SkipReason::parse).map(words),
        _ => row.error,
    };
    Ok(Message {
        id: row.id,
        contact_id: row.contact_id,
        channel: pinned.channel,
        to: row.address,
        subject: pinned.template.subject,
        body: pinned.template.body_text,
        state,
        held_until: row.next_attempt_at.filter(|_| state == MessageState::Held),
        next_attempt_at: row.next_attempt_at.filter(|_| state == MessageState::Waiting),
        problem,
        created_by: campaign.created_by,
        created_at: row.created_at,
        sent_at: row.sent_at,
    })
}

fn words(reason: SkipReason) -> String {
    match reason {
        SkipReason::Suppressed => "the address was suppressed before the message left",
        SkipReason::NoConsent => "the consent was withdrawn before the message left",
        SkipReason::MissingVariable => "the contact has no value for a placeholder any more",
        _ => "the message was left out",
    }
    .to_owned()
}

pub(super) async fn authors(
    deps: &Deps,
    scope: &Scope,
    rows: &[RecipientId],
) -> Result<Vec<(RecipientId, Option<UserId>)>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let db = &deps.ctx.db;
    let select = row::Entity::find().filter(row::Column::Id.is_in(rows.iter().copied()));
    let rows = db.all(scope, select).await?;
    let ids = rows.iter().map(|row| row.campaign_id);
    let found = db.all(scope, single().filter(campaigns::Column::Id.is_in(ids))).await?;
    let by: HashMap<CampaignId, Option<UserId>> =
        found.into_iter().map(|campaign| (campaign.id, campaign.created_by)).collect();
    Ok(rows
        .into_iter()
        .filter_map(|row| by.get(&row.campaign_id).map(|author| (row.id, *author)))
        .collect())
}

//! Writing a message: everything that could keep it from being sent is found out now, and it is held for a while.

use crm_contacts::Segment;
use crm_contacts::segments::SegmentNode;
use crm_core::{AuditEvent, CampaignId, ContactId, RecipientId, Scope, StoreError, Timestamp};
use crm_providers::ProvidersError;
use sea_orm::Set;

use super::{HOLD, Message, MessagesError, NewMessage, Result, compose, look};
use crate::Address;
use crate::campaigns::content::{self, PinnedContent, PinnedSender, Single};
use crate::campaigns::deps::{Deps, contacts_failed};
use crate::campaigns::policy;
use crate::campaigns::{RecipientState, Schedule, Status, start};
use crate::entity::campaigns::SINGLE;
use crate::entity::{campaign_recipients, campaigns};
use crate::suppressions::{self, Reason};
use crate::templates::Channel;

pub(super) async fn run(
    deps: &Deps,
    scope: &Scope,
    contact_id: ContactId,
    new: NewMessage,
) -> Result<Option<Message>> {
    let found = deps.contacts.get(scope, contact_id).await.map_err(contacts_failed)?;
    let Some(contact) = found else { return Ok(None) };
    let none = || MessagesError::NoAddress(new.channel);
    let address = match new.channel {
        Channel::Email => contact.primary_email.as_deref(),
        Channel::Text => contact.primary_phone.as_deref(),
    };
    let address = Address::parse(new.channel, address.ok_or_else(none)?).ok_or_else(none)?;
    let despite_unsubscribed = may_be_written_to(deps, scope, &address, &new).await?;
    let quiet = policy::quiet(deps, scope, new.channel).await?;
    let quiet = quiet.and_then(|quiet| quiet.until(address.as_str(), deps.ctx.now()));
    if let Some(until) = quiet.filter(|_| !new.despite_quiet_hours) {
        return Err(MessagesError::QuietHours(until));
    }
    let content = compose::content(deps, scope, &new).await?;
    let compiled = compose::compiled(deps, scope, &content).await?;
    let rendered = compose::rendered(deps, scope, &compiled, &contact).await?;
    if !rendered.missing.is_empty() {
        return Err(MessagesError::Missing(rendered.missing.join(", ")));
    }
    let (provider_id, sender) = way_out(deps, scope, new.channel).await?;
    let pinned = PinnedContent {
        channel: new.channel,
        template_id: new.template_id,
        template_version: None,
        template: content,
        provider_id,
        sender,
        // The row of the ledger says whom it is to.
        segment: Segment(SegmentNode::Any { any: Vec::new() }),
        schedule: Schedule::default(),
        audience_count: 1,
        subject_test: None,
        single: Some(Single { despite_unsubscribed }),
    };

    let ctx = &deps.ctx;
    let now = ctx.now();
    let campaign = campaign(deps, scope, &pinned, now)?;
    let row = row(deps, scope, &pinned, (contact_id, &address), now);
    let tx = ctx.db.begin().await?;
    let campaign = tx.insert(scope, campaign).await?;
    let row = campaign_recipients::ActiveModel { campaign_id: Set(campaign.id), ..row };
    let row = tx.insert(scope, row).await?;
    start::look_at(deps, &tx, scope, campaign.id, campaign.version).await?;
    let event = AuditEvent::new("message.queued", "message", row.id)
        .with("contact_id", contact_id)
        .with("channel", new.channel)
        .with("despite_unsubscribed", despite_unsubscribed.then_some(true))
        .with("despite_quiet_hours", quiet.map(|_| true));
    deps.record(&tx, scope, event).await?;
    tx.commit().await?;
    Ok(Some(look::read(row, &campaign)?))
}

/// Whether the address may be written to; `true` where its owner had unsubscribed and it is wanted all the same.
async fn may_be_written_to(
    deps: &Deps,
    scope: &Scope,
    address: &Address,
    new: &NewMessage,
) -> Result<bool> {
    let found = suppressions::of(&deps.ctx, scope, new.channel, address.as_str()).await?;
    match found {
        None => Ok(false),
        Some(found) if found.reason != Reason::Unsubscribed => {
            Err(MessagesError::Suppressed(found))
        }
        Some(_) if new.despite_unsubscribed => Ok(true),
        Some(found) => Err(MessagesError::Unsubscribed(found)),
    }
}

/// The default provider of the channel, and who it sends as.
async fn way_out(
    deps: &Deps,
    scope: &Scope,
    channel: Channel,
) -> Result<(crm_core::ProviderId, PinnedSender)> {
    let none = || MessagesError::NoProvider("there is no provider to send through".to_owned());
    let failed = |err: ProvidersError| match err {
        ProvidersError::Store(err) => err.into(),
        other => MessagesError::NoProvider(format!("the provider cannot be used: {other}")),
    };
    let provider = deps.providers.default(scope, channel.provider_kind()).await;
    let provider = provider.map_err(failed)?.ok_or_else(none)?;
    let opened = deps.providers.open(scope, provider.id).await.map_err(failed)?;
    Ok((provider.id, PinnedSender::of(&opened.ok_or_else(none)?)))
}

fn json(value: &impl serde::Serialize) -> Result<sea_orm::JsonValue> {
    Ok(serde_json::to_value(value).map_err(StoreError::from)?)
}

fn campaign(
    deps: &Deps,
    scope: &Scope,
    pinned: &PinnedContent,
    now: Timestamp,
) -> Result<campaigns::ActiveModel> {
    Ok(campaigns::ActiveModel {
        id: Set(deps.ctx.id(CampaignId::from_uuid)),
        workspace_id: Set(scope.workspace_id()),
        kind: Set(SINGLE.to_owned()),
        name: Set(pinned.template.name.clone()),
        channel: Set(pinned.channel.as_str().to_owned()),
        template_id: Set(pinned.template_id),
        segment_json: Set(json(&pinned.segment)?),
        schedule_json: Set(None),
        subject_test_json: Set(None),
        subject_winner: Set(None),
        // It waits as a row that is due later, so that the engine may have it from the start.
        status: Set(Status::Sending.as_str().to_owned()),
        provider_kind: Set(Some(pinned.channel.as_str().to_owned())),
        provider_id: Set(Some(pinned.provider_id)),
        content_json: Set(Some(json(pinned)?)),
        content_hash: Set(Some(pinned.hash()?)),
        audience_count: Set(Some(1)),
        pause_reason: Set(None),
        count_total: Set(1),
        count_sent: Set(0),
        count_failed: Set(0),
        count_skipped: Set(0),
        count_unknown: Set(0),
        created_by: Set(scope.user_id()),
        approved_by: Set(scope.user_id()),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        started_at: Set(Some(now)),
        finished_at: Set(None),
    })
}

fn row(
    deps: &Deps,
    scope: &Scope,
    pinned: &PinnedContent,
    (contact_id, address): (ContactId, &Address),
    now: Timestamp,
) -> campaign_recipients::ActiveModel {
    let id = deps.ctx.id(RecipientId::from_uuid);
    campaign_recipients::ActiveModel {
        id: Set(id),
        workspace_id: Set(scope.workspace_id()),
        campaign_id: sea_orm::NotSet,
        contact_id: Set(Some(contact_id)),
        channel: Set(pinned.channel.as_str().to_owned()),
        address: Set(Some(address.to_string())),
        state: Set(RecipientState::RetryWait.as_str().to_owned()),
        reason: Set(None),
        attempts: Set(0),
        next_attempt_at: Set(Some(now.plus(HOLD))),
        claim_token: Set(None),
        boot_id: Set(None),
        claimed_at: Set(None),
        message_id: Set(Some(content::message_id(id, &pinned.sender))),
        provider_id: Set(Some(pinned.provider_id)),
        error: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
        sent_at: Set(None),
        opened_at: Set(None),
        clicked_at: Set(None),
        bounced_at: Set(None),
        unsubscribed_at: Set(None),
        replied_at: Set(None),
        machine_opened_at: Set(None),
        machine_clicked_at: Set(None),
        variant: Set(None),
        delivered_at: Set(None),
        external_id: Set(None),
    }
}

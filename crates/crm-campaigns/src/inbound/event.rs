//! What a provider of e-mail tells of a message it was given, by itself or asked.

use crm_contacts::timeline::LogContent;
use crm_core::{AuditEvent, Scope, StoreError, Tx};
use crm_providers::mailgun::TOKENS_KEPT;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use super::mail::{on_timeline, once, shown};
use super::sea::SeaInbound;
use super::{Delivery, MailEvent, Result, Told, delivery};
use crate::Address;
use crate::campaigns::unsubscribe;
use crate::entity::{campaign_recipients as row, webhook_tokens};
use crate::suppressions::{self, Reason};
use crate::templates::Channel;

pub(super) async fn run(on: &SeaInbound, scope: &Scope, event: MailEvent) -> Result<bool> {
    let db = &on.deps.campaigns.ctx.db;
    let Some(found) = db.one(scope, row::Entity::find_by_id(event.recipient_id)).await? else {
        return Ok(false);
    };
    if found.channel != Channel::Email.as_str() || found.provider_id != Some(event.provider_id) {
        return Ok(false);
    }
    if let Some(token) = &event.token
        && db.one(scope, token_of(&event, token)).await?.is_some()
    {
        return Ok(false);
    }
    let settled = delivery::settle_doubt(on, scope, event.recipient_id).await?;
    let tx = db.begin().await?;
    if !first_time(on, &tx, scope, &event).await? {
        return Ok(settled);
    }
    let changed = apply(on, &tx, scope, (&event, &found)).await?;
    if !changed {
        tx.unaudited("a provider told of a message");
    }
    tx.commit().await?;
    Ok(changed || settled)
}

fn token_of(event: &MailEvent, token: &str) -> sea_orm::Select<webhook_tokens::Entity> {
    webhook_tokens::Entity::find_by_id((event.provider_id, token.to_owned()))
}

/// Remembers the request inside `tx`; `false` where it was seen before.
async fn first_time(
    on: &SeaInbound,
    tx: &Tx,
    scope: &Scope,
    event: &MailEvent,
) -> std::result::Result<bool, StoreError> {
    use webhook_tokens::{ActiveModel, Column, Entity};
    let Some(token) = &event.token else { return Ok(true) };
    // On PostgreSQL two of one kind may meet; the second waits and then sees the first one's row.
    tx.serialize_on(&format!("webhook:{}:{token}", event.provider_id)).await?;
    if tx.one(scope, token_of(event, token)).await?.is_some() {
        return Ok(false);
    }
    let now = on.deps.campaigns.ctx.now();
    let old = Entity::delete_many().filter(Column::SeenAt.lt(now.minus(TOKENS_KEPT)));
    tx.delete_many(scope, old).await?;
    let new = ActiveModel {
        workspace_id: Set(scope.workspace_id()),
        provider_id: Set(event.provider_id),
        token: Set(token.clone()),
        seen_at: Set(now),
    };
    tx.insert(scope, new).await?;
    Ok(true)
}

async fn apply(
    on: &SeaInbound,
    tx: &Tx,
    scope: &Scope,
    (event, found): (&MailEvent, &row::Model),
) -> Result<bool> {
    let deps = &on.deps.campaigns;
    let (at, contact) = (event.at, found.contact_id);
    let address = found.address.as_deref();
    match &event.told {
        Told::Delivery(told) => {
            let is_news = delivery::apply(on, tx, scope, found.id, told, at).await?;
            if let (true, Delivery::Failed { message, .. }) = (is_news, told) {
                let message = format!("Not delivered: {}", shown(message));
                on_timeline(on, tx, scope, contact, LogContent::System { message }, at).await?;
            }
            Ok(is_news)
        }
        Told::Complained => {
            if !note(on, tx, scope, (event, "complaint", found)).await? {
                return Ok(false);
            }
            if let Some(address) = address {
                let reason = Reason::Complained;
                suppressions::insert(&deps.ctx, tx, scope, Channel::Email, address, reason).await?;
            }
            let message = "Reported a message as spam".to_owned();
            on_timeline(on, tx, scope, contact, LogContent::System { message }, at).await?;
            Ok(true)
        }
        Told::Unsubscribed => {
            let address = address.and_then(|text| Address::parse(Channel::Email, text));
            let Some(address) = address else { return Ok(false) };
            if !note(on, tx, scope, (event, "stop", found)).await? {
                return Ok(false);
            }
            unsubscribe::in_tx(deps, tx, scope, &address, Some(found.campaign_id)).await?;
            Ok(true)
        }
    }
}

/// Notes it by its own id; `false` where it was noted before.
async fn note(
    on: &SeaInbound,
    tx: &Tx,
    scope: &Scope,
    (event, kind, found): (&MailEvent, &'static str, &row::Model),
) -> Result<bool> {
    let external_id = format!("event {}", event.external_id);
    if once(on, tx, scope, (&external_id, kind, found), event.at).await?.is_none() {
        return Ok(false);
    }
    let audited = AuditEvent::new("message.event", "message", found.id)
        .with("kind", kind)
        .with("contact_id", found.contact_id);
    on.record(tx, scope, audited).await?;
    Ok(true)
}

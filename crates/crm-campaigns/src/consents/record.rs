//! One entry, with what follows from it.

use crm_contacts::consents::{self, Consent, ConsentChannel, ConsentState, NewConsent};
use crm_contacts::timeline::{LogContent, NewLogEntry};
use crm_core::{AuditEvent, ContactId, Context, Scope, StoreError, Tx};

use super::{ConsentsError, Result};
use crate::campaigns::deps::{Deps, contacts_failed};
use crate::suppressions::{self, Reason};
use crate::templates::Channel;

/// Most characters of how it was said.
const LONGEST_SOURCE: usize = 200;
/// Most characters of the words agreed to.
const LONGEST_WORDING: usize = 2_000;

const fn channel_of(channel: ConsentChannel) -> Channel {
    match channel {
        ConsentChannel::Email => Channel::Email,
        ConsentChannel::Text => Channel::Text,
    }
}

pub(super) async fn is_there(
    deps: &Deps,
    scope: &Scope,
    contact: ContactId,
) -> std::result::Result<bool, StoreError> {
    Ok(deps.contacts.get(scope, contact).await.map_err(contacts_failed)?.is_some())
}

fn checked(ctx: &Context, new: &NewConsent) -> Result<NewConsent> {
    let text = |text: &str, longest: usize, lines: bool| {
        let text = text.replace("\r\n", "\n").trim().to_owned();
        let fits = text.chars().count() <= longest
            && !text.chars().any(|c| c.is_control() && !(lines && c == '\n'));
        fits.then_some(text)
    };
    let source = text(&new.source, LONGEST_SOURCE, false).filter(|source| !source.is_empty());
    if new.at.is_some_and(|at| at > ctx.now()) {
        return Err(ConsentsError::InvalidTime);
    }
    Ok(NewConsent {
        source: source.ok_or(ConsentsError::InvalidSource)?,
        wording: text(&new.wording, LONGEST_WORDING, true).ok_or(ConsentsError::InvalidWording)?,
        ..new.clone()
    })
}

pub(super) async fn run(
    deps: &Deps,
    scope: &Scope,
    contact_id: ContactId,
    new: NewConsent,
) -> Result<Option<Consent>> {
    let ctx = &deps.ctx;
    let new = checked(ctx, &new)?;
    let found = deps.contacts.get(scope, contact_id).await.map_err(contacts_failed)?;
    let Some(contact) = found else { return Ok(None) };
    let channel = channel_of(new.channel);
    let address = match channel {
        Channel::Email => contact.primary_email,
        Channel::Text => contact.primary_phone,
    };
    let tx = ctx.db.begin().await?;
    let consent = consents::add_in(ctx, &tx, scope, contact_id, &new).await?;
    // An entry about former times changes nothing about what was said since.
    let said = consents::states_in(&tx, scope, new.channel, &[contact_id]).await?;
    if let (Some(address), true) = (address, said.get(&contact_id) == Some(&new.state)) {
        match new.state {
            ConsentState::Withdrawn => {
                suppressions::insert(ctx, &tx, scope, channel, &address, Reason::Unsubscribed)
                    .await?;
            }
            ConsentState::Granted => {
                suppressions::lift(&tx, scope, channel, &address).await?;
            }
        }
    }
    let what = new.channel.words();
    let message = match new.state {
        ConsentState::Granted => format!("Consented to {what}: {}", new.source),
        ConsentState::Withdrawn => format!("Withdrew the consent to {what}: {}", new.source),
    };
    let entry = NewLogEntry {
        contact_id,
        content: LogContent::System { message },
        timestamp: consent.at,
        campaign_recipient_id: None,
    };
    deps.timeline.record(&tx, scope, vec![entry]).await?;
    let action = match new.state {
        ConsentState::Granted => "consent.granted",
        ConsentState::Withdrawn => "consent.withdrawn",
    };
    let event = AuditEvent::new(action, "contact", contact_id)
        .with("channel", new.channel.as_str())
        .with("source", &new.source);
    deps.record(&tx, scope, event).await?;
    tx.commit().await?;
    Ok(Some(consent))
}

/// Notes that somebody who had consented said no more, in a transaction whose audit entry says so. Whoever had said
/// nothing has nothing to withdraw.
pub(crate) async fn withdraw(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    (contact, channel): (ContactId, Channel),
    source: &str,
) -> std::result::Result<(), StoreError> {
    let wanted = (ConsentState::Granted, ConsentState::Withdrawn);
    turn(ctx, tx, scope, (contact, channel), wanted, source).await
}

/// Notes that somebody who had withdrawn wants to hear again.
pub(crate) async fn again(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    (contact, channel): (ContactId, Channel),
    source: &str,
) -> std::result::Result<(), StoreError> {
    let wanted = (ConsentState::Withdrawn, ConsentState::Granted);
    turn(ctx, tx, scope, (contact, channel), wanted, source).await
}

async fn turn(
    ctx: &Context,
    tx: &Tx,
    scope: &Scope,
    (contact, channel): (ContactId, Channel),
    (from, to): (ConsentState, ConsentState),
    source: &str,
) -> std::result::Result<(), StoreError> {
    let channel = consent_channel(channel);
    let said = consents::states_in(tx, scope, channel, &[contact]).await?;
    if said.get(&contact) != Some(&from) {
        return Ok(());
    }
    let new = NewConsent {
        channel,
        state: to,
        at: None,
        source: source.to_owned(),
        wording: String::new(),
    };
    consents::add_in(ctx, tx, scope, contact, &new).await.map(drop)
}

/// The channel of campaigns as consents name it.
pub(crate) const fn consent_channel(channel: Channel) -> ConsentChannel {
    match channel {
        Channel::Email => ConsentChannel::Email,
        Channel::Text => ConsentChannel::Text,
    }
}

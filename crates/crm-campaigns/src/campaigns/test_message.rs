//! One message of a campaign to any address, to see it where messages are read. It leaves no row in the ledger.

use crm_contacts::Contact;
use crm_core::{CampaignId, EmailAddress, Phone, RecipientId, Scope, workspace};
use crm_providers::email::Unsubscribe;
use crm_providers::{Outcome, Outgoing, OutgoingEmail, OutgoingText, budget};

use super::content::{self, PinnedSender};
use super::current::{self, Current};
use super::deps::{Deps, contacts_failed, event};
use super::{CampaignsError, Result, store};
use crate::Address;
use crate::templates::{Channel, Compiled as _, Rendered, made_up_contact};

/// Contacts looked through for one with an address.
const LOOK: u64 = 50;

pub(super) async fn run(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
    to: &str,
) -> Result<Option<Outcome>> {
    let Some(row) = store::row(deps, scope, id).await? else {
        return Ok(None);
    };
    let current = Box::pin(current::load(deps, scope, &row)).await?;
    let to = address(deps, scope, current.channel, to).await?;
    let (Some(provider), Some(sender)) = (&current.provider, &current.sender) else {
        return Err(CampaignsError::Blocked(current.blockers.join("; ")));
    };
    let contact = first_recipient(deps, scope, &current).await?;
    let mailto = (current.channel == Channel::Email).then(|| content::mailto(sender));
    let unsubscribe = Unsubscribe { url: None, mailto };
    let rendered = render(deps, scope, &current, &contact, &unsubscribe).await?;
    let Some(opened) = deps.providers.open(scope, provider.id).await? else {
        return Err(CampaignsError::InvalidProvider);
    };
    if let Some(waits) = take_budget(deps, scope, &current).await? {
        return Ok(Some(waits));
    }
    let message = outgoing(deps, scope, id, to, rendered, sender, unsubscribe);
    let outcome = opened.send(&message).await;
    if let Outcome::Blocked { message, .. } = &outcome {
        deps.providers.note_result(scope, provider.id, Some(message.clone())).await?;
    }
    let tx = deps.ctx.db.begin().await?;
    let accepted = matches!(outcome, Outcome::Accepted { .. });
    deps.record(&tx, scope, event("campaign.tested", id).with("accepted", accepted)).await?;
    tx.commit().await?;
    Ok(Some(outcome))
}

/// Where the test goes, as a person writes it.
async fn address(deps: &Deps, scope: &Scope, channel: Channel, to: &str) -> Result<Address> {
    let found = match channel {
        Channel::Email => EmailAddress::parse(to).ok().map(Address::from),
        Channel::Text => {
            let region = workspace::read(&deps.ctx.db, scope).await?.default_region;
            Phone::parse(to, &region).ok().map(Address::from)
        }
    };
    found.ok_or(CampaignsError::InvalidRecipient(channel))
}

/// The first of the audience with an address; a made-up contact where there is none.
async fn first_recipient(deps: &Deps, scope: &Scope, current: &Current) -> Result<Contact> {
    let page = deps.segments.audience(scope, &current.segment, None, LOOK).await?;
    if let Some(contact) = page.into_iter().find(|contact| match current.channel {
        Channel::Email => contact.primary_email.is_some(),
        Channel::Text => contact.primary_phone.is_some(),
    }) {
        return Ok(contact);
    }
    let fields = deps.contacts.custom_field_names(scope).await.map_err(contacts_failed)?;
    Ok(made_up_contact(&deps.ctx, &fields))
}

async fn render(
    deps: &Deps,
    scope: &Scope,
    current: &Current,
    contact: &Contact,
    unsubscribe: &Unsubscribe,
) -> Result<Rendered> {
    let Some(compiled) = &current.compiled else {
        return Err(CampaignsError::Blocked(current.blockers.join("; ")));
    };
    let imprint = deps.imprint(scope).await?;
    Ok(compiled.a.render(contact, &content::context(&imprint, unsubscribe))?)
}

/// Takes one message from the provider's budget; what to answer where there is none left.
async fn take_budget(deps: &Deps, scope: &Scope, current: &Current) -> Result<Option<Outcome>> {
    let Some(provider) = &current.provider else {
        return Ok(None);
    };
    let limits = deps.providers.limits(scope, provider.id).await?;
    let tx = deps.ctx.db.begin().await?;
    tx.unaudited("a test message is counted");
    let grant = budget::take(&deps.ctx, &tx, scope, provider.id, limits, 1).await?;
    tx.commit().await?;
    Ok((grant.messages == 0).then(|| Outcome::Transient {
        kind: "budget".to_owned(),
        message: "the provider's limit of messages is used up for now".to_owned(),
        retry_after: grant.next_at.map(|at| at.since(deps.ctx.now())),
    }))
}

fn outgoing(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
    to: Address,
    rendered: Rendered,
    sender: &PinnedSender,
    unsubscribe: Unsubscribe,
) -> Outgoing {
    match to {
        Address::Email(to) => Outgoing::Email(OutgoingEmail {
            recipient_id: None,
            workspace_id: scope.workspace_id(),
            campaign_id: Some(id),
            contact_id: None,
            message_id: content::message_id(deps.ctx.id(RecipientId::from_uuid), sender),
            to,
            to_name: None,
            subject: rendered.subject,
            html: rendered.html,
            text: rendered.text,
            unsubscribe: Some(unsubscribe),
            return_path: None,
        }),
        Address::Phone(to) => Outgoing::Text(OutgoingText {
            recipient_id: None,
            workspace_id: scope.workspace_id(),
            campaign_id: Some(id),
            contact_id: None,
            to,
            body: rendered.text,
        }),
    }
}

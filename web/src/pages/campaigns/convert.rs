//! From campaigns to what the pages show.

use crm_campaigns::Campaign;
use crm_campaigns::campaigns::{CameOfIt, Counts, Recipient, SkipReason};
use crm_campaigns::templates::Channel;
use crm_core::accounts::Member;
use crm_core::{CampaignId, ContactId, Scope, UserId};
use std::collections::BTreeMap;

use super::audience::Names;
use crate::error::AppError;
use crate::state::App;
use crate::views::campaign::{CampaignHead, Progress};
use crate::views::campaigns::RecipientRow;
use crate::views::common::Link;

/// The campaign of a path, or 404.
pub(super) async fn find(app: &App, scope: &Scope, id: CampaignId) -> Result<Campaign, AppError> {
    app.services.campaigns.get(scope, id).await?.ok_or_else(AppError::not_found)
}

/// Somebody's name, as far as they are still a member.
pub(super) fn name_of(members: &[Member], id: Option<UserId>) -> String {
    let found = members.iter().find(|member| Some(member.user_id) == id);
    found.map_or_else(|| "Somebody who left".to_owned(), |member| member.name.clone())
}

pub(super) fn progress(counts: Counts) -> Progress {
    Progress::new(
        counts.sent,
        counts.failed,
        counts.unknown,
        counts.retry_wait,
        counts.queued + counts.sending,
        counts.skipped,
    )
}

pub(super) const fn reason(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::Suppressed => "unsubscribed or unreachable",
        SkipReason::NoAddress => "no address",
        SkipReason::DuplicateAddress => "same address as somebody else",
        SkipReason::NoConsent => "no consent",
        SkipReason::MissingVariable => "a placeholder would stay empty",
        SkipReason::Cancelled => "cancelled before their turn",
        SkipReason::Merged => "merged with another recipient",
    }
}

/// What every page about one campaign shows on top.
pub(super) async fn head(
    app: &App,
    scope: &Scope,
    campaign: &Campaign,
    members: &[Member],
) -> Result<CampaignHead, AppError> {
    let services = &app.services;
    let template = match campaign.template_id {
        Some(id) => services.templates.get(scope, id).await?,
        None => None,
    };
    let provider = match campaign.provider_id {
        Some(id) => services.providers.get(scope, id).await?,
        None => services.providers.default(scope, campaign.channel.provider_kind()).await?,
    };
    let (provider_name, is_practice, from) = provider.map_or_else(
        || ("No provider".to_owned(), false, String::new()),
        |provider| {
            let from = provider.config.from().map(|(name, email)| format!("{name} <{email}>"));
            (provider.name.clone(), provider.config.is_practice(), from.unwrap_or_default())
        },
    );
    Ok(CampaignHead {
        id: campaign.id.to_string(),
        name: campaign.name.clone(),
        status: campaign.status.as_str().to_owned(),
        template: template.map(|t| Link::new(t.content.name, format!("/templates/{}", t.id))),
        audience: Names::load(app, scope).await?.words(&campaign.segment),
        provider_name,
        is_practice,
        from,
        by: match campaign.channel {
            Channel::Email => "by email",
            Channel::Text => "by text message",
        }
        .to_owned(),
        created_by: name_of(members, campaign.created_by),
        updated_at: campaign.updated_at.to_string(),
        starts: campaign
            .schedule
            .send_at
            .map_or_else(|| "as soon as it is sent".to_owned(), |at| format!("at {at}")),
    })
}

/// Rows of the ledger with the names of their contacts.
pub(super) async fn rows(
    app: &App,
    scope: &Scope,
    found: Vec<Recipient>,
) -> Result<Vec<RecipientRow>, AppError> {
    let ids: Vec<ContactId> = found.iter().filter_map(|row| row.contact_id).collect();
    let contacts = app.services.contacts.get_many(scope, &ids).await?;
    let names: BTreeMap<ContactId, String> =
        contacts.iter().map(|contact| (contact.id, contact.display_name())).collect();
    Ok(found.into_iter().map(|row| recipient(row, &names)).collect())
}

fn listed(words: &[(bool, &'static str)]) -> String {
    let known: Vec<&str> = words.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
    known.join(", ")
}

/// What came of a message, as far as people are concerned.
fn people(found: CameOfIt) -> String {
    let words = listed(&[
        (found.opened_at.is_some(), "opened"),
        (found.clicked_at.is_some(), "clicked"),
        (found.replied_at.is_some(), "replied"),
        (found.bounced_at.is_some(), "bounced"),
        (found.unsubscribed_at.is_some(), "unsubscribed"),
    ]);
    let mut chars = words.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + chars.as_str()
}

/// What machines did with it, which says nothing about its reader.
fn machines(found: CameOfIt) -> String {
    listed(&[
        (found.machine_opened_at.is_some(), "opened"),
        (found.machine_clicked_at.is_some(), "clicked"),
    ])
}

fn recipient(row: Recipient, names: &BTreeMap<ContactId, String>) -> RecipientRow {
    let address = row.address.unwrap_or_default();
    let name = row.contact_id.and_then(|id| names.get(&id).cloned());
    RecipientRow {
        id: row.id.to_string(),
        contact_id: row.contact_id.map(|id| id.to_string()),
        name: name.unwrap_or_else(|| address.clone()),
        address,
        state: row.state.as_str().to_owned(),
        reason: row.reason.map(|r| reason(r).to_owned()).or(row.error),
        attempts: u64::try_from(row.attempts).unwrap_or_default(),
        sent_at: row.sent_at.map(|at| at.to_string()),
        came_of_it: people(row.came_of_it),
        by_machine: machines(row.came_of_it),
        next_attempt_at: row.next_attempt_at.map(|at| at.to_string()),
    }
}

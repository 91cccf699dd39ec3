//! All that stays the same from one message of a campaign to the next, put together before the first one is claimed.

use std::sync::Arc;

use crm_core::{CampaignId, Scope, StoreError};
use crm_providers::budget::Limits;
use crm_providers::{Carrier, ProvidersError};
use sea_orm::EntityTrait;

use crate::campaigns::content::{Compiled, PinnedContent, PinnedSender};
use crate::campaigns::deps::{Deps, Imprint};
use crate::campaigns::policy;
use crate::entity::campaigns;
use crate::mailbox::{self, Outside};
use crate::quiet::Quiet;
use crate::templates::Channel;
use crate::tracking::Wanted;

/// A campaign ready to be sent.
pub(super) struct Prepared {
    /// What was approved.
    pub(super) content: PinnedContent,
    /// The hash it was approved under.
    pub(super) content_hash: String,
    /// The same, ready to be rendered.
    pub(super) compiled: Compiled,
    /// What messages say of their workspace.
    pub(super) imprint: Imprint,
}

/// The way out, as it is at the moment.
#[derive(Clone)]
pub(super) struct WayOut {
    pub(super) provider: Carrier,
    /// The provider's limits, or the campaign's own where they are tighter.
    pub(super) limits: Limits,
    /// What the workspace wants to know about its messages.
    pub(super) tracking: Wanted,
    /// How recipients can answer.
    pub(super) outside: Outside,
    /// When people are not to be disturbed; `None` where that is always possible.
    pub(super) quiet: Option<Arc<Quiet>>,
}

/// Why a campaign is not ready.
#[derive(Debug)]
pub(super) enum Unready {
    /// The database failed; to be tried again.
    Store(StoreError),
    /// It cannot be sent like this, in words.
    Refused(String),
}

impl From<StoreError> for Unready {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ProvidersError> for Unready {
    fn from(error: ProvidersError) -> Self {
        match error {
            ProvidersError::Store(error) => Self::Store(error),
            other => Self::Refused(format!("The provider cannot be used: {other}")),
        }
    }
}

/// Reads and compiles what was approved.
pub(super) async fn content(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
) -> Result<Prepared, Unready> {
    let select = campaigns::Entity::find_by_id(id);
    let Some(row) = deps.ctx.db.one(scope, select).await? else {
        return Err(Unready::Refused("the campaign is gone".to_owned()));
    };
    let changed = || Unready::Refused("The content is not what was approved.".to_owned());
    let content = match PinnedContent::of(&row) {
        Ok(Some(content)) => content,
        Ok(None) | Err(StoreError::Corrupt(_)) => return Err(changed()),
        Err(error) => return Err(error.into()),
    };
    let content_hash = content.hash()?;
    if row.content_hash.as_deref() != Some(content_hash.as_str()) {
        return Err(changed());
    }
    let compiled = content
        .compile()
        .map_err(|error| Unready::Refused(format!("The content cannot be rendered: {error}")))?;
    let imprint = deps.imprint(scope).await?;
    Ok(Prepared { content, content_hash, compiled, imprint })
}

/// Opens the provider, which may have been changed since it was opened last.
pub(super) async fn way_out(
    deps: &Deps,
    scope: &Scope,
    content: &PinnedContent,
) -> Result<WayOut, Unready> {
    let id = content.provider_id;
    let Some(provider) = deps.providers.open(scope, id).await? else {
        return Err(Unready::Refused("The provider was removed.".to_owned()));
    };
    if PinnedSender::of(&provider) != content.sender {
        let text = "The provider sends under another name or address than was approved.";
        return Err(Unready::Refused(text.to_owned()));
    }
    let own = deps.providers.limits(scope, id).await?;
    let per_minute = match (own.per_minute, content.schedule.rate_per_minute) {
        (Some(provider), Some(campaign)) => Some(provider.min(campaign)),
        (one, other) => one.or(other),
    };
    let policy = policy::get(&deps.ctx, scope).await?;
    let tracking = match (content.single, content.channel) {
        // What one person writes to another is theirs; and a text message has no picture and no room for long links.
        (Some(_), _) | (_, Channel::Text) => Wanted::default(),
        (None, Channel::Email) => Wanted { opens: policy.track_opens, clicks: policy.track_clicks },
    };
    let outside = mailbox::outside(&deps.ctx, scope).await?;
    // What would tell leads to this installation.
    let tracking = if outside.is_closed { Wanted::default() } else { tracking };
    // Whoever writes to one person has been asked about the hour.
    let quiet = match content.single {
        Some(_) => None,
        None => policy::quiet(deps, scope, content.channel).await?.map(Arc::new),
    };
    Ok(WayOut { provider, limits: Limits { per_minute, ..own }, tracking, outside, quiet })
}

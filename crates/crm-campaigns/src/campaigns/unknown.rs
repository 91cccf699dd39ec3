//! Settling messages of which nobody can tell whether they were taken.

use std::collections::HashMap;

use crm_contacts::Contact;
use crm_contacts::timeline::{LogContent, NewLogEntry};
use crm_core::{CampaignId, ContactId, RecipientId, Scope, Tx};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect as _};

use super::content::{self, PinnedContent};
use super::deps::{Deps, Imprint, contacts_failed, engine_event};
use super::status::{self, Move};
use super::{RecipientState, Result, Status, UnknownDecision, Variant, ledger, start, store};
use crate::entity::campaign_recipients::{Column as R, Entity, Model};
use crate::entity::campaigns;
use crate::mailbox::{self, Outside};
use crate::templates::Compiled as _;

pub(super) async fn run(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
    recipient: Option<RecipientId>,
    decision: UnknownDecision,
) -> Result<Option<u64>> {
    let Some(row) = store::row(deps, scope, id).await? else {
        return Ok(None);
    };
    let mut select = Entity::find()
        .filter(R::CampaignId.eq(id))
        .filter(R::State.eq(RecipientState::Unknown.as_str()));
    if let Some(recipient) = recipient {
        select = select.filter(R::Id.eq(recipient));
    }
    let doubtful = deps.ctx.db.all(scope, select).await?;
    settle(deps, scope, &row, &doubtful, decision).await.map(Some)
}

/// Settles these rows of a campaign, or of a message to one person; returns how many were still in doubt.
///
/// # Errors
/// [`super::CampaignsError::InvalidState`] where it was stopped for good.
pub(crate) async fn settle(
    deps: &Deps,
    scope: &Scope,
    campaign: &campaigns::Model,
    rows: &[Model],
    decision: UnknownDecision,
) -> Result<u64> {
    match decision {
        UnknownDecision::SendAgain => send_again(deps, scope, campaign.id, rows).await,
        UnknownDecision::MarkSent => mark_sent(deps, scope, campaign, rows).await,
    }
}

async fn send_again(deps: &Deps, scope: &Scope, id: CampaignId, rows: &[Model]) -> Result<u64> {
    let ctx = &deps.ctx;
    let tx = ctx.db.begin().await?;
    let Some(campaign) = lock(&tx, scope, id).await? else {
        return Ok(0);
    };
    let stands = status::status(&campaign.status)?;
    if !matches!(stands, Status::Sending | Status::Paused | Status::Sent) {
        return Err(Move::Reopen.refused(stands));
    }
    let mut again = 0;
    for row in rows {
        let update = Entity::update_many()
            .col_expr(R::State, Expr::value(RecipientState::Queued.as_str()))
            .col_expr(R::Error, Expr::value(None::<String>))
            .col_expr(R::NextAttemptAt, Expr::value(None::<String>))
            .col_expr(R::ClaimToken, Expr::value(None::<String>))
            .col_expr(R::BootId, Expr::value(None::<String>))
            .col_expr(R::UpdatedAt, Expr::value(ctx.now()));
        again += tx.update_many(scope, still_unknown(update, row)).await?;
    }
    if again > 0 {
        if stands == Status::Sent {
            let reopen = |update: sea_orm::UpdateMany<_>| {
                update.col_expr(campaigns::Column::FinishedAt, Expr::value(None::<String>))
            };
            status::apply(ctx, &tx, scope, id, Move::Reopen, reopen).await?;
        }
        // The time tells this job from the one that began the campaign.
        let job = ctx.now().unix_millis();
        start::look_at(deps, &tx, scope, id, job).await?;
        finish(deps, &tx, scope, id, "send_again", again).await?;
    }
    tx.commit().await?;
    Ok(again)
}

async fn mark_sent(
    deps: &Deps,
    scope: &Scope,
    campaign: &campaigns::Model,
    rows: &[Model],
) -> Result<u64> {
    let messages = Messages::load(deps, scope, campaign, rows).await?;
    let now = deps.ctx.now();
    let tx = deps.ctx.db.begin().await?;
    if lock(&tx, scope, campaign.id).await?.is_none() {
        return Ok(0);
    }
    let mut marked = 0;
    let mut entries = Vec::new();
    for row in rows {
        let sent_at = row.claimed_at.unwrap_or(now);
        let update = Entity::update_many()
            .col_expr(R::State, Expr::value(RecipientState::Sent.as_str()))
            .col_expr(R::SentAt, Expr::value(sent_at))
            .col_expr(R::Error, Expr::value(None::<String>))
            .col_expr(R::UpdatedAt, Expr::value(now));
        let changed = tx.update_many(scope, still_unknown(update, row)).await?;
        marked += changed;
        if changed == 1
            && let Some((contact_id, content)) = messages.of(deps, scope, row)?
        {
            entries.push(NewLogEntry {
                contact_id,
                content,
                timestamp: sent_at,
                campaign_recipient_id: Some(row.id),
            });
        }
    }
    if marked > 0 {
        deps.timeline.record(&tx, scope, entries).await?;
        finish(deps, &tx, scope, campaign.id, "mark_sent", marked).await?;
    }
    tx.commit().await?;
    Ok(marked)
}

/// Reads the campaign and keeps others from writing it. Everybody who writes both a campaign and its ledger takes the
/// campaign first, so that nobody waits in a circle.
async fn lock(tx: &Tx, scope: &Scope, id: CampaignId) -> Result<Option<campaigns::Model>> {
    let select = campaigns::Entity::find_by_id(id).lock(LockType::NoKeyUpdate);
    Ok(tx.one(scope, select).await?)
}

/// Of two people deciding about one message, the first one does.
fn still_unknown(update: sea_orm::UpdateMany<Entity>, row: &Model) -> sea_orm::UpdateMany<Entity> {
    update.filter(R::Id.eq(row.id)).filter(R::State.eq(RecipientState::Unknown.as_str()))
}

async fn finish(
    deps: &Deps,
    tx: &Tx,
    scope: &Scope,
    id: CampaignId,
    decision: &str,
    count: u64,
) -> Result<()> {
    ledger::refresh(tx, scope, id).await?;
    let actions = ("campaign.unknown_settled", "message.settled");
    let audit = engine_event(tx, scope, id, actions).await?;
    Ok(deps.record(tx, scope, audit.with("decision", decision).with("count", count)).await?)
}

/// The messages as they were sent, to be noted on the timelines.
struct Messages {
    pinned: Option<PinnedContent>,
    compiled: Option<content::Compiled>,
    contacts: HashMap<ContactId, Contact>,
    imprint: Imprint,
    outside: Outside,
}

impl Messages {
    async fn load(
        deps: &Deps,
        scope: &Scope,
        campaign: &campaigns::Model,
        rows: &[Model],
    ) -> Result<Self> {
        let pinned = PinnedContent::of(campaign)?;
        let compiled = pinned.as_ref().map(PinnedContent::compile).transpose()?;
        let ids: Vec<ContactId> = rows.iter().filter_map(|row| row.contact_id).collect();
        let contacts = deps.contacts.get_many(scope, &ids).await.map_err(contacts_failed)?;
        let contacts = contacts.into_iter().map(|contact| (contact.id, contact)).collect();
        let imprint = deps.imprint(scope).await?;
        let outside = mailbox::outside(&deps.ctx, scope).await?;
        Ok(Self { pinned, compiled, contacts, imprint, outside })
    }

    fn of(
        &self,
        deps: &Deps,
        scope: &Scope,
        row: &Model,
    ) -> Result<Option<(ContactId, LogContent)>> {
        let contact = row.contact_id.and_then(|id| self.contacts.get(&id));
        let (Some(contact), Some(pinned), Some(compiled)) = (contact, &self.pinned, &self.compiled)
        else {
            return Ok(None);
        };
        let unsubscribe = content::unsubscribe(
            (deps.links.as_ref(), &self.outside),
            scope,
            row.id,
            (pinned.channel, &pinned.sender),
        );
        let values = content::context(&self.imprint, &unsubscribe);
        let variant = row.variant.as_deref().and_then(Variant::parse);
        let rendered = compiled.of(variant).render(contact, &values)?;
        let entry = content::log(pinned.channel, rendered.subject, rendered.text);
        Ok(Some((contact.id, entry)))
    }
}

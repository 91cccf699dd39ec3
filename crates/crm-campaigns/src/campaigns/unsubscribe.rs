//! A recipient wants no more messages.

use crm_contacts::Segment;
use crm_contacts::segments::{FieldCondition, Operand, Operator, SegmentNode};
use crm_contacts::timeline::{LogContent, NewLogEntry};
use crm_core::{AuditEvent, CampaignId, RecipientId, Scope, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::Result;
use super::deps::Deps;
use crate::Address;
use crate::consents;
use crate::entity::campaign_recipients::{Column as R, Entity};
use crate::suppressions::{self, Reason};
use crate::templates::Channel;

pub(super) async fn run(
    deps: &Deps,
    scope: &Scope,
    address: &Address,
    campaign: Option<CampaignId>,
) -> Result<()> {
    let tx = deps.ctx.db.begin().await?;
    in_tx(deps, &tx, scope, address, campaign).await?;
    Ok(tx.commit().await?)
}

/// The same inside `tx`; whether that is news.
pub(crate) async fn in_tx(
    deps: &Deps,
    tx: &Tx,
    scope: &Scope,
    address: &Address,
    campaign: Option<CampaignId>,
) -> Result<bool> {
    let ctx = &deps.ctx;
    let is_new = suppressions::insert(
        ctx,
        tx,
        scope,
        address.channel(),
        address.as_str(),
        Reason::Unsubscribed,
    );
    let is_new = is_new.await?.is_some();
    if let Some(campaign) = campaign {
        let note = Entity::update_many()
            .col_expr(R::UnsubscribedAt, Expr::value(ctx.now()))
            .filter(R::CampaignId.eq(campaign))
            .filter(R::Channel.eq(address.channel().as_str()))
            .filter(R::Address.eq(address.as_str()))
            .filter(R::UnsubscribedAt.is_null());
        tx.update_many(scope, note).await?;
    }
    if is_new {
        note_on_timeline(deps, tx, scope, address).await?;
        let event = AuditEvent::about("address.unsubscribed", "suppression")
            .with("address", address.as_str())
            .with("channel", address.channel())
            .with("campaign_id", campaign);
        deps.record(tx, scope, event).await?;
    }
    Ok(is_new)
}

/// Whom the link of a ledger row is for. A row without an address has no link.
pub(super) async fn target(
    deps: &Deps,
    scope: &Scope,
    recipient: RecipientId,
) -> Result<Option<(Address, CampaignId)>> {
    let row = deps.ctx.db.one(scope, Entity::find_by_id(recipient)).await?;
    Ok(row.and_then(|row| {
        let channel = Channel::parse(&row.channel)?;
        Some((Address::parse(channel, row.address.as_deref()?)?, row.campaign_id))
    }))
}

async fn note_on_timeline(deps: &Deps, tx: &Tx, scope: &Scope, address: &Address) -> Result<()> {
    let (field, what) = match address.channel() {
        Channel::Email => ("primary_email", "e-mail"),
        Channel::Text => ("primary_phone", "text messages"),
    };
    let who = Segment(SegmentNode::Field(FieldCondition {
        field: field.to_owned(),
        op: Operator::Eq,
        value: Some(Operand::Text(address.to_string())),
    }));
    let contacts = deps.segments.audience_in(tx, scope, &who, None, 1).await?;
    for contact in &contacts {
        let whose = (contact.id, address.channel());
        consents::withdraw(&deps.ctx, tx, scope, whose, "unsubscribed").await?;
    }
    let entries = contacts
        .into_iter()
        .map(|contact| NewLogEntry {
            contact_id: contact.id,
            content: LogContent::System { message: format!("Unsubscribed from {what}") },
            timestamp: deps.ctx.now(),
            campaign_recipient_id: None,
        })
        .collect();
    Ok(deps.timeline.record(tx, scope, entries).await?)
}

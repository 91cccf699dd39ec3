//! A recipient wants no more messages.

use crm_contacts::Segment;
use crm_contacts::segments::{FieldCondition, Operand, Operator, SegmentNode};
use crm_contacts::timeline::{LogContent, NewLogEntry};
use crm_core::{AuditEvent, CampaignId, EmailAddress, RecipientId, Scope, Tx};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::Result;
use super::deps::Deps;
use crate::entity::campaign_recipients::{Column as R, Entity};
use crate::suppressions::{self, Reason};
use crate::templates::Channel;

pub(super) async fn run(
    deps: &Deps,
    scope: &Scope,
    address: &EmailAddress,
    campaign: Option<CampaignId>,
) -> Result<()> {
    let ctx = &deps.ctx;
    let tx = ctx.db.begin().await?;
    let is_new = suppressions::insert(
        ctx,
        &tx,
        scope,
        Channel::Email,
        address.as_str(),
        Reason::Unsubscribed,
    );
    let is_new = is_new.await?.is_some();
    if let Some(campaign) = campaign {
        let note = Entity::update_many()
            .col_expr(R::UnsubscribedAt, Expr::value(ctx.now()))
            .filter(R::CampaignId.eq(campaign))
            .filter(R::Address.eq(address.as_str()))
            .filter(R::UnsubscribedAt.is_null());
        tx.update_many(scope, note).await?;
    }
    if is_new {
        note_on_timeline(deps, &tx, scope, address).await?;
        let event = AuditEvent::about("address.unsubscribed", "suppression")
            .with("address", address)
            .with("campaign_id", campaign);
        deps.record(&tx, scope, event).await?;
    }
    Ok(tx.commit().await?)
}

/// Whom the link of a ledger row is for. A row without an e-mail address has no link.
pub(super) async fn target(
    deps: &Deps,
    scope: &Scope,
    recipient: RecipientId,
) -> Result<Option<(EmailAddress, CampaignId)>> {
    let row = deps.ctx.db.one(scope, Entity::find_by_id(recipient)).await?;
    let row = row.filter(|row| row.channel == Channel::Email.as_str());
    Ok(row.and_then(|row| {
        let address = EmailAddress::parse(row.address.as_deref()?).ok()?;
        Some((address, row.campaign_id))
    }))
}

async fn note_on_timeline(
    deps: &Deps,
    tx: &Tx,
    scope: &Scope,
    address: &EmailAddress,
) -> Result<()> {
    let who = Segment(SegmentNode::Field(FieldCondition {
        field: "primary_email".to_owned(),
        op: Operator::Eq,
        value: Some(Operand::Text(address.to_string())),
    }));
    let contacts = deps.segments.audience_in(tx, scope, &who, None, 1).await?;
    let entries = contacts
        .into_iter()
        .map(|contact| NewLogEntry {
            contact_id: contact.id,
            content: LogContent::System { message: "Unsubscribed from e-mail".to_owned() },
            timestamp: deps.ctx.now(),
            campaign_recipient_id: None,
        })
        .collect();
    Ok(deps.timeline.record(tx, scope, entries).await?)
}

//! What campaigns have done so far: with one contact, and in a span of time.

use std::collections::HashMap;

use crm_core::{CampaignId, ContactId, Db, RecipientId, Scope, StoreError, Timestamp};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use super::{ContactCampaign, RecipientState, SkipReason, ledger};
use crate::entity::{campaign_recipients as row, campaigns};

/// Most campaigns shown of one contact.
const MOST: u64 = 20;

/// The newest campaigns of a contact.
pub(super) async fn of_contact(
    db: &Db,
    scope: &Scope,
    contact_id: ContactId,
) -> Result<Vec<ContactCampaign>, StoreError> {
    // Ids are made in the order of time.
    let select = row::Entity::find()
        .filter(row::Column::ContactId.eq(contact_id))
        .order_by_desc(row::Column::Id)
        .limit(MOST);
    named(db, scope, select).await
}

/// The campaigns of these rows.
pub(super) async fn of_recipients(
    db: &Db,
    scope: &Scope,
    recipients: &[RecipientId],
) -> Result<Vec<ContactCampaign>, StoreError> {
    if recipients.is_empty() {
        return Ok(Vec::new());
    }
    let ids = recipients.iter().copied();
    named(db, scope, row::Entity::find().filter(row::Column::Id.is_in(ids))).await
}

#[derive(FromQueryResult)]
struct Named {
    id: CampaignId,
    name: String,
}

async fn named(
    db: &Db,
    scope: &Scope,
    select: Select<row::Entity>,
) -> Result<Vec<ContactCampaign>, StoreError> {
    let rows = db.all(scope, select).await?;
    let select = campaigns::Entity::find()
        .select_only()
        .columns([campaigns::Column::Id, campaigns::Column::Name])
        .filter(campaigns::Column::Kind.eq(campaigns::CAMPAIGN))
        .filter(campaigns::Column::Id.is_in(rows.iter().map(|row| row.campaign_id)));
    let names: Vec<Named> = db.all_as(scope, select).await?;
    let names: HashMap<_, _> = names.into_iter().map(|row| (row.id, row.name)).collect();
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(name) = names.get(&row.campaign_id) {
            found.push(ContactCampaign {
                recipient_id: row.id,
                campaign_id: row.campaign_id,
                name: name.clone(),
                state: ledger::state(&row.state)?,
                reason: row.reason.as_deref().and_then(SkipReason::parse),
                sent_at: row.sent_at,
            });
        }
    }
    Ok(found)
}

#[derive(FromQueryResult)]
struct Tally {
    id: CampaignId,
    count_sent: i64,
    started_at: Option<Timestamp>,
}

/// Messages taken since `since`. A campaign that was started since then has the number in its counter; only of those
/// that were under way at that moment the rows are counted.
pub(super) async fn sent_since(
    db: &Db,
    scope: &Scope,
    since: Timestamp,
) -> Result<u64, StoreError> {
    use campaigns::Column as C;
    let select = campaigns::Entity::find()
        .select_only()
        .columns([C::Id, C::CountSent, C::StartedAt])
        .filter(C::StartedAt.is_not_null())
        .filter(C::CountSent.gt(0))
        .filter(
            Condition::any()
                .add(C::StartedAt.gte(since))
                .add(C::FinishedAt.gte(since))
                .add(C::FinishedAt.is_null()),
        );
    let started: Vec<Tally> = db.all_as(scope, select).await?;
    let (whole, partly): (Vec<_>, Vec<_>) =
        started.into_iter().partition(|row| row.started_at.is_some_and(|at| at >= since));
    let whole: i64 = whole.iter().map(|row| row.count_sent).sum();
    let mut sent = u64::try_from(whole).unwrap_or(0);
    if !partly.is_empty() {
        let select = row::Entity::find()
            .filter(row::Column::CampaignId.is_in(partly.iter().map(|row| row.id)))
            .filter(row::Column::State.eq(RecipientState::Sent.as_str()))
            .filter(row::Column::SentAt.gte(since));
        sent += db.count(scope, select).await?;
    }
    Ok(sent)
}

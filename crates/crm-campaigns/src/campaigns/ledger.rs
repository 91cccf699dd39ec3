//! The ledger: reading it, and keeping a campaign's counters equal to it.

use std::collections::HashMap;

use crm_core::{CampaignId, Db, Page, PageRequest, RecipientId, Scope, StoreError, Tx, paging};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::{CameOfIt, Counts, Recipient, RecipientState, SkipReason};
use crate::entity::campaign_recipients::{Column, Entity, Model};
use crate::entity::campaigns;

#[derive(Debug, FromQueryResult)]
struct Tally {
    campaign_id: CampaignId,
    state: String,
    found: i64,
}

fn tally(ids: &[CampaignId]) -> Select<Entity> {
    Entity::find()
        .select_only()
        .column(Column::CampaignId)
        .column(Column::State)
        .column_as(Column::Id.count(), "found")
        .filter(Column::CampaignId.is_in(ids.iter().copied()))
        .group_by(Column::CampaignId)
        .group_by(Column::State)
}

impl Counts {
    fn add(&mut self, state: RecipientState, found: u64) {
        let count = match state {
            RecipientState::Queued => &mut self.queued,
            RecipientState::Sending => &mut self.sending,
            RecipientState::Sent => &mut self.sent,
            RecipientState::RetryWait => &mut self.retry_wait,
            RecipientState::Failed => &mut self.failed,
            RecipientState::Unknown => &mut self.unknown,
            RecipientState::Skipped => &mut self.skipped,
        };
        *count += found;
    }

    /// Everybody in the ledger.
    pub const fn total(&self) -> u64 {
        self.queued
            + self.sending
            + self.sent
            + self.retry_wait
            + self.failed
            + self.unknown
            + self.skipped
    }
}

fn sum(rows: Vec<Tally>) -> Result<HashMap<CampaignId, Counts>, StoreError> {
    let mut counts: HashMap<CampaignId, Counts> = HashMap::new();
    for row in rows {
        let found = u64::try_from(row.found).unwrap_or(0);
        counts.entry(row.campaign_id).or_default().add(state(&row.state)?, found);
    }
    Ok(counts)
}

/// Recipients by state of each of these campaigns; one that was never started is left out.
pub(crate) async fn counts(
    db: &Db,
    scope: &Scope,
    ids: &[CampaignId],
) -> Result<HashMap<CampaignId, Counts>, StoreError> {
    sum(db.all_as(scope, tally(ids)).await?)
}

/// Recipients by state of one campaign, as `tx` sees it.
pub(crate) async fn counts_in(
    tx: &Tx,
    scope: &Scope,
    id: CampaignId,
) -> Result<Counts, StoreError> {
    let counts = sum(tx.all_as(scope, tally(&[id])).await?)?;
    Ok(counts.get(&id).copied().unwrap_or_default())
}

/// Sets a campaign's counters to what the ledger says.
pub(crate) async fn refresh(tx: &Tx, scope: &Scope, id: CampaignId) -> Result<Counts, StoreError> {
    use campaigns::Column as C;
    let counts = counts_in(tx, scope, id).await?;
    let number = |count: u64| Expr::value(i64::try_from(count).unwrap_or(i64::MAX));
    let update = campaigns::Entity::update_many()
        .col_expr(C::CountTotal, number(counts.total()))
        .col_expr(C::CountSent, number(counts.sent))
        .col_expr(C::CountFailed, number(counts.failed))
        .col_expr(C::CountSkipped, number(counts.skipped))
        .col_expr(C::CountUnknown, number(counts.unknown))
        .filter(C::Id.eq(id));
    tx.update_many(scope, update).await?;
    Ok(counts)
}

/// The rows of a campaign, all or those in one state.
fn rows_of(id: CampaignId, wanted: Option<RecipientState>) -> Select<Entity> {
    let select = Entity::find().filter(Column::CampaignId.eq(id));
    match wanted {
        Some(state) => select.filter(Column::State.eq(state.as_str())),
        None => select,
    }
}

/// One page of a campaign's ledger, in the order it was resolved.
pub(super) async fn page(
    db: &Db,
    scope: &Scope,
    id: CampaignId,
    wanted: Option<RecipientState>,
    request: &PageRequest,
) -> Result<Page<Recipient>, StoreError> {
    let mut select = rows_of(id, wanted);
    let total = db.count_capped(scope, select.clone()).await?;
    let mut backwards = false;
    if let Some(cursor) = &request.cursor {
        backwards = cursor.backwards;
        let here = Expr::col(Column::Id);
        let id = cursor.id.as_str();
        select = select.filter(if backwards { here.lt(id) } else { here.gt(id) });
    }
    select =
        if backwards { select.order_by_desc(Column::Id) } else { select.order_by_asc(Column::Id) };
    let rows = db.all(scope, select.limit(request.limit() + 1)).await?;
    let rows = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(paging::page_of(rows, request, total, |row: &Recipient| (String::new(), row.id.to_string())))
}

/// The next rows of a campaign's ledger in the same order, after the row given.
pub(super) async fn stretch(
    db: &Db,
    scope: &Scope,
    id: CampaignId,
    wanted: Option<RecipientState>,
    after: Option<RecipientId>,
    limit: u64,
) -> Result<Vec<Recipient>, StoreError> {
    let mut select = rows_of(id, wanted);
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after));
    }
    let rows = db.all(scope, select.order_by_asc(Column::Id).limit(limit)).await?;
    rows.into_iter().map(read).collect()
}

fn read(row: Model) -> Result<Recipient, StoreError> {
    let reason = match row.reason.as_deref() {
        None => None,
        Some(word) => Some(SkipReason::parse(word).ok_or_else(|| corrupt(word))?),
    };
    Ok(Recipient {
        id: row.id,
        contact_id: row.contact_id,
        state: state(&row.state)?,
        reason,
        address: row.address,
        attempts: row.attempts,
        next_attempt_at: row.next_attempt_at,
        message_id: row.message_id.unwrap_or_default(),
        error: row.error,
        sent_at: row.sent_at,
        came_of_it: CameOfIt {
            opened_at: row.opened_at,
            clicked_at: row.clicked_at,
            machine_opened_at: row.machine_opened_at,
            machine_clicked_at: row.machine_clicked_at,
            replied_at: row.replied_at,
            bounced_at: row.bounced_at,
            unsubscribed_at: row.unsubscribed_at,
        },
    })
}

/// Reads the stored state.
pub(crate) fn state(word: &str) -> Result<RecipientState, StoreError> {
    RecipientState::parse(word).ok_or_else(|| corrupt(word))
}

fn corrupt(word: &str) -> StoreError {
    StoreError::Corrupt(format!("ledger row with the word {word}"))
}

//! What became of a campaign: recipients by state, why some were left out, what came of the messages, and when they left.

use std::collections::BTreeMap;
use std::time::Duration;

use crm_core::{CampaignId, Scope, StoreError, Timestamp};
use sea_orm::sea_query::{Expr, Func};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use super::deps::Deps;
use super::{
    Counts, RecipientState, Result, SkipReason, VariantResult, ledger, store, subject_test,
};
use crate::entity::campaign_recipients::{Column, Entity};

/// Spans at most, so that they can be drawn side by side.
const MOST_SPANS: u64 = 60;
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// What became of a campaign so far.
#[derive(Debug, Clone)]
pub struct Report {
    /// Recipients by state.
    pub counts: Counts,
    /// Who was left out, by reason.
    pub left_out: Vec<(SkipReason, u64)>,
    /// What came of the messages.
    pub outcomes: Outcomes,
    /// What came of the first and the second subject, where two were tried.
    pub subjects: Option<(VariantResult, VariantResult)>,
    /// Length of one of the spans, in seconds.
    pub span_seconds: u64,
    /// How many messages left or failed in each span from the first to the last, those without any included. Empty before
    /// the first message.
    pub pace: Vec<Moment>,
}

/// How many messages something is known of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Opened at least once. Some programs open messages by themselves, and some never tell.
    pub opened: u64,
    /// A link was followed.
    pub clicked: u64,
    /// Answered.
    pub replied: u64,
    /// Came back.
    pub bounced: u64,
    /// The reader wants no more.
    pub unsubscribed: u64,
}

/// One span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Where it begins.
    pub at: Timestamp,
    /// Messages taken by the provider in it.
    pub sent: u64,
    /// Messages refused for good in it.
    pub failed: u64,
}

#[derive(FromQueryResult)]
struct Tally {
    opened: i64,
    clicked: i64,
    replied: i64,
    bounced: i64,
    unsubscribed: i64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct Reason {
    reason: Option<String>,
    found: i64,
}

#[derive(FromQueryResult)]
struct Stretch {
    state: String,
    began: String,
    found: i64,
}

pub(super) async fn run(deps: &Deps, scope: &Scope, id: CampaignId) -> Result<Option<Report>> {
    let Some(campaign) = store::row(deps, scope, id).await? else { return Ok(None) };
    let db = &deps.ctx.db;
    let counts = ledger::counts(db, scope, &[id]).await?.remove(&id).unwrap_or_default();
    let (outcomes, edges) = outcomes(deps, scope, id).await?;
    let (span_seconds, pace) = match edges {
        None => (MINUTE, Vec::new()),
        Some((first, last)) => pace(deps, scope, id, first, last).await?,
    };
    let left_out = left_out(deps, scope, id).await?;
    let subjects = match campaign.subject_test_json {
        Some(_) => Some(subject_test::results(deps, scope, id).await?),
        None => None,
    };
    Ok(Some(Report { counts, left_out, outcomes, subjects, span_seconds, pace }))
}

/// When a row reached its last state: rows that failed have no time of their own for it.
fn done_at() -> Expr {
    Func::coalesce([Expr::col(Column::SentAt), Expr::col(Column::UpdatedAt)]).into()
}

fn number(found: i64) -> u64 {
    u64::try_from(found).unwrap_or_default()
}

async fn outcomes(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
) -> std::result::Result<(Outcomes, Option<(Timestamp, Timestamp)>), StoreError> {
    let done = Column::State.is_in(FINAL.map(RecipientState::as_str));
    let select = Entity::find()
        .select_only()
        .column_as(Column::OpenedAt.count(), "opened")
        .column_as(Column::ClickedAt.count(), "clicked")
        .column_as(Column::RepliedAt.count(), "replied")
        .column_as(Column::BouncedAt.count(), "bounced")
        .column_as(Column::UnsubscribedAt.count(), "unsubscribed")
        .expr_as(Func::min(done_at()), "first")
        .expr_as(Func::max(done_at()), "last")
        .filter(Column::CampaignId.eq(id))
        .filter(done);
    let Some(found) = deps.ctx.db.one_as::<_, Tally>(scope, select).await? else {
        return Ok((Outcomes::default(), None));
    };
    let outcomes = Outcomes {
        opened: number(found.opened),
        clicked: number(found.clicked),
        replied: number(found.replied),
        bounced: number(found.bounced),
        unsubscribed: number(found.unsubscribed),
    };
    Ok((outcomes, found.first.zip(found.last)))
}

/// States of messages that left, or tried to.
const FINAL: [RecipientState; 2] = [RecipientState::Sent, RecipientState::Failed];

async fn left_out(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
) -> std::result::Result<Vec<(SkipReason, u64)>, StoreError> {
    let select = Entity::find()
        .select_only()
        .column(Column::Reason)
        .column_as(Column::Id.count(), "found")
        .filter(Column::CampaignId.eq(id))
        .filter(Column::State.eq(RecipientState::Skipped.as_str()))
        .group_by(Column::Reason);
    let rows: Vec<Reason> = deps.ctx.db.all_as(scope, select).await?;
    let reasons = rows.into_iter().filter_map(|row| {
        let reason = SkipReason::parse(row.reason.as_deref()?)?;
        Some((reason, number(row.found)))
    });
    let mut reasons: Vec<_> = reasons.collect();
    reasons.sort_by_key(|(reason, _)| *reason);
    Ok(reasons)
}

/// Counts by span. The database groups by the beginning of the written time, down to the minute or the hour; what is
/// longer is added up here.
async fn pace(
    deps: &Deps,
    scope: &Scope,
    id: CampaignId,
    first: Timestamp,
    last: Timestamp,
) -> std::result::Result<(u64, Vec<Moment>), StoreError> {
    let whole = last.since(first).as_secs();
    // `2026-11-22T23:30` or `2026-11-22T23`.
    let (letters, unit, rest) = if whole < MOST_SPANS * 10 * MINUTE {
        (16, MINUTE, ":00.000Z")
    } else {
        (13, HOUR, ":00:00.000Z")
    };
    let began =
        || Expr::expr(Func::cust("substr").args([done_at(), Expr::val(1), Expr::val(letters)]));
    let select = Entity::find()
        .select_only()
        .column(Column::State)
        .expr_as(began(), "began")
        .column_as(Column::Id.count(), "found")
        .filter(Column::CampaignId.eq(id))
        .filter(Column::State.is_in(FINAL.map(RecipientState::as_str)))
        .group_by(Column::State)
        .group_by(Expr::cust("2"))
        .order_by_asc(Column::State);
    let rows: Vec<Stretch> = deps.ctx.db.all_as(scope, select).await?;
    let mut spans: BTreeMap<Timestamp, (u64, u64)> = BTreeMap::new();
    for row in rows {
        let at = format!("{}{rest}", row.began);
        let at = at.parse().map_err(|_| StoreError::Corrupt(format!("the time {at}")))?;
        let (sent, failed) = spans.entry(at).or_default();
        let count = if row.state == RecipientState::Sent.as_str() { sent } else { failed };
        *count += number(row.found);
    }
    Ok(evenly(&spans, unit))
}

/// Spans of one length without gaps, at most [`MOST_SPANS`].
fn evenly(spans: &BTreeMap<Timestamp, (u64, u64)>, unit: u64) -> (u64, Vec<Moment>) {
    let Some(((first, _), (last, _))) = spans.first_key_value().zip(spans.last_key_value()) else {
        return (unit, Vec::new());
    };
    let units = last.since(*first).as_secs() / unit + 1;
    let span = unit * units.div_ceil(MOST_SPANS);
    let many = (units * unit).div_ceil(span);
    let moments = (0..many).map(|number| {
        let at = first.plus(Duration::from_secs(number * span));
        let (sent, failed) = spans
            .range(at..at.plus(Duration::from_secs(span)))
            .fold((0, 0), |sum, (_, counts)| (sum.0 + counts.0, sum.1 + counts.1));
        Moment { at, sent, failed }
    });
    (span, moments.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn spans_have_no_gaps_and_lose_nothing() {
        assert_eq!(evenly(&BTreeMap::new(), MINUTE), (MINUTE, Vec::new()));
        let spans = BTreeMap::from([
            (at("2026-11-03T09:00:00Z"), (4, 0)),
            (at("2026-11-03T09:03:00Z"), (2, 1)),
        ]);
        let (span, pace) = evenly(&spans, MINUTE);
        assert_eq!(span, MINUTE);
        let counts: Vec<_> = pace.iter().map(|moment| (moment.sent, moment.failed)).collect();
        assert_eq!(counts, [(4, 0), (0, 0), (0, 0), (2, 1)]);
        assert_eq!(pace[3].at, at("2026-11-03T09:03:00Z"));
    }

    #[test]
    fn a_long_campaign_is_drawn_in_few_spans() {
        let day = |n: u64| at("2026-11-03T09:00:00Z").plus(Duration::from_hours(24 * n));
        let spans: BTreeMap<_, _> = (0..30).map(|n| (day(n), (10, 1))).collect();
        let (span, pace) = evenly(&spans, HOUR);
        assert!(pace.len() <= 60, "{} spans", pace.len());
        assert_eq!(span % HOUR, 0);
        assert_eq!(pace.iter().map(|moment| moment.sent).sum::<u64>(), 300);
        assert_eq!(pace.iter().map(|moment| moment.failed).sum::<u64>(), 30);
    }
}

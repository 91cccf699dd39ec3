//! How fast people who wrote were answered: from what came in to the next e-mail, text or call.

use crm_core::{Scope, Snapshot, StoreError, Timestamp};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use super::{Span, median};
use crate::entity::elsewhere::inbound;

/// Most messages that are looked at, the newest first.
const MOST: u64 = 500;

/// When the next thing went out to whoever wrote.
const ANSWERED: &str = "(SELECT MIN(l.timestamp) FROM communication_logs l \
     WHERE l.contact_id = \"inbound_messages\".\"contact_id\" \
     AND l.timestamp > \"inbound_messages\".\"received_at\" \
     AND l.type IN ('email', 'text', 'call') AND COALESCE(l.status, '') <> 'received')";

#[derive(FromQueryResult)]
struct Row {
    received_at: Timestamp,
    answered_at: Option<Timestamp>,
}

/// Answers within a span.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::insights) struct Answers {
    /// Messages that came in.
    pub(in crate::insights) received: u64,
    /// Those that were answered.
    pub(in crate::insights) answered: u64,
    /// How many of these within an hour, four, a day, three days, and later.
    pub(in crate::insights) within: [u64; 5],
    /// Half of them within so many hours.
    pub(in crate::insights) median_hours: Option<f64>,
}

/// Counts them.
pub(in crate::insights) async fn answers(
    on: &Snapshot,
    scope: &Scope,
    span: Span,
) -> Result<Answers, StoreError> {
    let select = inbound::Entity::find()
        .select_only()
        .column(inbound::Column::ReceivedAt)
        .expr_as(Expr::cust(ANSWERED), "answered_at")
        .filter(inbound::Column::Kind.eq("message"))
        .filter(inbound::Column::ContactId.is_not_null())
        .filter(inbound::Column::ReceivedAt.gte(span.since))
        .filter(inbound::Column::ReceivedAt.lt(span.until))
        .order_by_desc(inbound::Column::ReceivedAt)
        .limit(MOST);
    let rows: Vec<Row> = on.all_as(scope, select).await?;
    let mut found =
        Answers { received: u64::try_from(rows.len()).unwrap_or_default(), ..Answers::default() };
    let mut hours = Vec::new();
    for row in &rows {
        let Some(at) = row.answered_at else { continue };
        let took = at.since(row.received_at).as_secs_f64() / 3_600.0;
        hours.push(took);
        let [hour, four, day, three, later] = &mut found.within;
        let place = match took {
            took if took <= 1.0 => hour,
            took if took <= 4.0 => four,
            took if took <= 24.0 => day,
            took if took <= 72.0 => three,
            _ => later,
        };
        *place += 1;
        found.answered += 1;
    }
    found.median_hours = median(hours).map(|hours| (hours * 10.0).round() / 10.0);
    Ok(found)
}

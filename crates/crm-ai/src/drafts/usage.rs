//! What models are used for and what it comes to. A use is written down before anything leaves, with what it may cost
//! at most, so that uses side by side cannot go over the limit; when it ends, it is put right.

use crm_core::{AiUsageId, AuditEvent, Scope, StoreError, Timestamp};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Set,
};

use super::{DraftsError, Result, SeaDrafts, Usage, Use};
use crate::entity::ai_usage::{ActiveModel, Column, Entity};
use crate::language_model::Tokens;

/// How many of the last uses are shown.
const SHOWN: u64 = 50;
/// What a template's draft is written down as.
pub(super) const TEMPLATE_DRAFT: &str = "template_draft";

#[derive(FromQueryResult)]
struct Sum {
    tokens: i64,
    read: i64,
    uses: i64,
}

/// How a use ended.
pub(super) struct End {
    pub(super) outcome: &'static str,
    pub(super) tokens: Tokens,
    pub(super) is_estimate: bool,
}

/// Tokens of a text, roughly: four letters are one, as a rule.
pub(super) fn estimate(text: &str) -> u64 {
    u64::try_from(text.chars().count().div_ceil(4)).unwrap_or(u64::MAX)
}

fn stored(tokens: u64) -> i64 {
    i64::try_from(tokens).unwrap_or(i64::MAX)
}

fn read(tokens: i64) -> u64 {
    u64::try_from(tokens).unwrap_or_default()
}

/// The first moment of the month, in UTC.
fn month(now: Timestamp) -> Timestamp {
    let now = now.as_datetime();
    let first = now.replace_day(1).unwrap_or(now).replace_time(time::Time::MIDNIGHT);
    Timestamp::from_datetime(first)
}

fn sum(since: Timestamp) -> sea_orm::Select<Entity> {
    let tokens = "CAST(COALESCE(SUM(prompt_tokens + completion_tokens), 0) AS BIGINT)";
    let read = "CAST(COALESCE(SUM(prompt_tokens), 0) AS BIGINT)";
    Entity::find()
        .select_only()
        .expr_as(Expr::cust(tokens), "tokens")
        .expr_as(Expr::cust(read), "read")
        .expr_as(Expr::cust("COUNT(*)"), "uses")
        .filter(Column::At.gte(since))
}

/// Writes down that a question is about to leave.
pub(super) async fn begin(
    on: &SeaDrafts,
    scope: &Scope,
    purpose: &'static str,
    model: &str,
    most: Tokens,
    cap: u64,
) -> Result<AiUsageId> {
    let ctx = &on.ctx;
    let now = ctx.now();
    let tx = ctx.db.begin().await?;
    tx.serialize_on(&format!("ai usage {}", scope.workspace_id())).await?;
    if cap > 0 {
        let used: Option<Sum> = tx.one_as(scope, sum(month(now))).await?;
        let used = used.map_or(0, |sum| read(sum.tokens));
        if used.saturating_add(most.prompt).saturating_add(most.completion) > cap {
            return Err(DraftsError::CapReached { used, cap });
        }
    }
    let id = ctx.id(AiUsageId::from_uuid);
    let row = ActiveModel {
        id: Set(id),
        workspace_id: Set(scope.workspace_id()),
        user_id: Set(scope.user_id()),
        at: Set(now),
        purpose: Set(purpose.to_owned()),
        model: Set(model.to_owned()),
        outcome: Set("running".to_owned()),
        prompt_tokens: Set(stored(most.prompt)),
        completion_tokens: Set(stored(most.completion)),
        is_estimate: Set(true),
    };
    tx.insert(scope, row).await?;
    let event = AuditEvent::new("ai.asked", "ai", id).with("model", model).with("for", purpose);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(id)
}

/// Puts a use right that has ended.
pub(super) async fn end(
    on: &SeaDrafts,
    scope: &Scope,
    id: AiUsageId,
    end: &End,
) -> std::result::Result<(), StoreError> {
    let tx = on.ctx.db.begin().await?;
    let update = Entity::update_many()
        .col_expr(Column::Outcome, Expr::value(end.outcome))
        .col_expr(Column::PromptTokens, Expr::value(stored(end.tokens.prompt)))
        .col_expr(Column::CompletionTokens, Expr::value(stored(end.tokens.completion)))
        .col_expr(Column::IsEstimate, Expr::value(end.is_estimate))
        .filter(Column::Id.eq(id));
    tx.update_many(scope, update).await?;
    tx.unaudited("a language model answered");
    tx.commit().await
}

pub(super) async fn of_month(on: &SeaDrafts, scope: &Scope) -> Result<Usage> {
    let since = month(on.ctx.now());
    let db = &on.ctx.db;
    let sum: Option<Sum> = db.one_as(scope, sum(since)).await?;
    let last = Entity::find().order_by_desc(Column::At).order_by_desc(Column::Id).limit(SHOWN);
    let last = db.all(scope, last).await?.into_iter().map(|row| Use {
        id: row.id,
        at: row.at,
        user_id: row.user_id,
        purpose: row.purpose,
        model: row.model,
        outcome: row.outcome,
        tokens: Tokens { prompt: read(row.prompt_tokens), completion: read(row.completion_tokens) },
        is_estimate: row.is_estimate,
    });
    let sum = sum.unwrap_or(Sum { tokens: 0, read: 0, uses: 0 });
    Ok(Usage {
        since,
        tokens: read(sum.tokens),
        read: read(sum.read),
        written: read(sum.tokens.saturating_sub(sum.read)),
        uses: read(sum.uses),
        last: last.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_at_midnight_of_its_first_day() {
        let now: Timestamp = "2026-11-28T09:30:00.123Z".parse().unwrap();
        assert_eq!(month(now).to_string(), "2026-11-01T00:00:00.000Z");
    }
}

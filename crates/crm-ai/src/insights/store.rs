//! Findings as rows.

use crm_core::{AuditEvent, Cursor, InsightId, Page, PageRequest, Scope, StoreError, Tx, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Set,
};

use super::{Finding, Insight, InsightsError, Kind, Look, ModelPart, Rating, Result, SeaInsights};
use crate::entity::ai_insights::{ActiveModel, Column, Entity, Model};
use crate::entity::insight_runs as runs;

/// An insight of a row; `None` where another version has written it.
fn insight(row: Model) -> Option<Insight> {
    Some(Insight {
        id: row.id,
        kind: Kind::parse(&row.kind)?,
        subject: row.subject,
        content: row.content,
        confidence: row.confidence,
        evidence: row
            .evidence
            .and_then(|json| serde_json::from_value(json).ok())
            .unwrap_or_default(),
        url: row.url,
        model: row.model,
        created_at: row.created_at,
        dismissed_at: row.dismissed_at,
        rating: row.rating.as_deref().and_then(Rating::parse),
    })
}

/// What stands out now.
pub(super) fn current() -> Select<Entity> {
    Entity::find().filter(Column::ReplacedAt.is_null()).filter(Column::DismissedAt.is_null())
}

/// A finding as a row.
pub(super) fn row(
    on: &SeaInsights,
    scope: &Scope,
    owner: UserId,
    finding: &Finding,
    model: Option<&str>,
) -> std::result::Result<ActiveModel, StoreError> {
    Ok(ActiveModel {
        id: Set(on.ctx().id(InsightId::from_uuid)),
        user_id: Set(owner),
        workspace_id: Set(scope.workspace_id()),
        kind: Set(finding.kind.as_str().to_owned()),
        content: Set(finding.text.clone()),
        confidence: Set(finding.confidence),
        created_at: Set(on.ctx().now()),
        dismissed_at: Set(None),
        subject: Set(finding.subject.to_string()),
        evidence: Set(Some(serde_json::to_value(&finding.evidence)?)),
        url: Set(finding.url.clone()),
        model: Set(model.map(str::to_owned)),
        rating: Set(None),
        replaced_at: Set(None),
    })
}

/// All that stand out now, the surest first.
pub(super) async fn all_current(on: &SeaInsights, scope: &Scope) -> Result<Vec<Insight>> {
    let select = current().order_by_desc(Column::Confidence).order_by_asc(Column::Id);
    let rows = on.ctx().db.all(scope, select).await?;
    Ok(rows.into_iter().filter_map(insight).collect())
}

pub(super) async fn list(
    on: &SeaInsights,
    scope: &Scope,
    put_away: bool,
    page: PageRequest,
) -> Result<Page<Insight>> {
    let db = &on.ctx().db;
    let mut select = if put_away {
        let select = Entity::find().filter(Column::DismissedAt.is_not_null());
        select.order_by_desc(Column::DismissedAt).order_by_desc(Column::Id)
    } else {
        current().order_by_desc(Column::Confidence).order_by_desc(Column::Id)
    };
    let (total, total_exact) = db.count_capped(scope, select.clone()).await?;
    if let Some(cursor) = &page.cursor {
        let id: InsightId = cursor.id.parse().map_err(|_| InsightsError::InvalidCursor)?;
        let before = if put_away {
            let at = cursor.key.clone();
            after(Expr::col(Column::DismissedAt), at.into(), id)
        } else {
            let sure: f64 = cursor.key.parse().map_err(|_| InsightsError::InvalidCursor)?;
            after(Expr::col(Column::Confidence), sure.into(), id)
        };
        select = select.filter(before);
    }
    let limit = page.limit();
    let mut rows = db.all(scope, select.limit(limit + 1)).await?;
    let more = u64::try_from(rows.len()).unwrap_or_default() > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|row| {
        let at = || row.dismissed_at.map(|at| at.to_string()).unwrap_or_default();
        let key = if put_away { at() } else { row.confidence.to_string() };
        Cursor::after(key, row.id.to_string())
    });
    let items = rows.into_iter().filter_map(insight).collect();
    Ok(Page { items, next, previous: None, total, total_exact, limit })
}

/// Behind the row with this key and id, in falling order.
fn after(column: Expr, key: sea_orm::Value, id: InsightId) -> Condition {
    use sea_orm::sea_query::ExprTrait as _;
    let same = Condition::all().add(column.clone().eq(key.clone())).add(Column::Id.lt(id));
    Condition::any().add(column.lt(key)).add(same)
}

pub(super) async fn last_look(on: &SeaInsights, scope: &Scope) -> Result<Option<Look>> {
    let select = runs::Entity::find()
        .order_by_desc(runs::Column::StartedAt)
        .order_by_desc(runs::Column::Id)
        .limit(1);
    let found = on.ctx().db.all(scope, select).await?.pop();
    Ok(found.map(|row| Look {
        at: row.started_at,
        is_weekly: row.week.is_some(),
        model: ModelPart::parse(&row.model).unwrap_or(ModelPart::Off),
        refused: u64::try_from(row.refused).unwrap_or_default(),
    }))
}

async fn one(on: &SeaInsights, tx: &Tx, scope: &Scope, id: InsightId) -> Result<Insight> {
    let found = tx.one(scope, Entity::find_by_id(id)).await?;
    tracing::trace!(now = %on.ctx().now(), "an insight is read to be changed");
    found.and_then(insight).ok_or(InsightsError::Unknown)
}

pub(super) async fn dismiss(on: &SeaInsights, scope: &Scope, id: InsightId) -> Result<Insight> {
    let ctx = on.ctx();
    let tx = ctx.db.begin().await?;
    let before = one(on, &tx, scope, id).await?;
    if before.dismissed_at.is_some() {
        return Ok(before);
    }
    let now = ctx.now();
    let update = Entity::update_many()
        .col_expr(Column::DismissedAt, Expr::value(now))
        .filter(Column::Id.eq(id));
    tx.update_many(scope, update).await?;
    record(on, &tx, scope, "insight.dismissed", &before).await?;
    tx.commit().await?;
    Ok(Insight { dismissed_at: Some(now), ..before })
}

pub(super) async fn rate(
    on: &SeaInsights,
    scope: &Scope,
    id: InsightId,
    rating: Option<Rating>,
) -> Result<Insight> {
    let tx = on.ctx().db.begin().await?;
    let before = one(on, &tx, scope, id).await?;
    if before.rating == rating {
        return Ok(before);
    }
    let update = Entity::update_many()
        .col_expr(Column::Rating, Expr::value(rating.map(Rating::as_str)))
        .filter(Column::Id.eq(id));
    tx.update_many(scope, update).await?;
    record(on, &tx, scope, "insight.rated", &Insight { rating, ..before.clone() }).await?;
    tx.commit().await?;
    Ok(Insight { rating, ..before })
}

async fn record(
    on: &SeaInsights,
    tx: &Tx,
    scope: &Scope,
    action: &'static str,
    insight: &Insight,
) -> Result<()> {
    let event = AuditEvent::new(action, "insight", insight.id)
        .with("type", insight.kind.as_str())
        .with("about", &insight.subject)
        .with("rating", insight.rating.map(Rating::as_str));
    on.ctx().audit.record(tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    Ok(())
}

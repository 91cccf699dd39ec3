//! One look at a workspace: the figures are counted, the rules find what they find, and that is stored at once. Then a
//! model is asked, where there is one; what holds of its answer takes the place of the rules' words or is added. A model
//! that is slow, wrong or gone takes nothing away.

use std::collections::HashSet;
use std::time::Duration;

use crm_core::{AuditEvent, InsightRunId, Scope, StoreError, Timestamp, Tx, UserId, workspace};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set};

use super::figures::{self, DAY};
use super::sheet::Sheet;
use super::{Analysis, Finding, ModelPart, Result, SeaInsights, ask, prompt, rules, store};
use crate::drafts::{self, DraftsError};
use crate::entity::ai_insights::{Column, Entity};
use crate::entity::insight_runs as runs;

/// What was put away does not come back for so long.
const AWAY: Duration = Duration::from_hours(30 * 24);
/// What was replaced is kept for so long, for people who want to know what was said.
const KEEP_DAYS: u32 = 365;
/// What asking a model is written down as.
const PURPOSE: &str = "insights";

/// A look whose findings by rule are stored.
struct Looked {
    run: InsightRunId,
    at: Timestamp,
    owner: UserId,
    sheet: Sheet,
}

/// Looks because somebody asked.
pub(super) async fn asked(on: &SeaInsights, scope: &Scope) -> Result<Analysis> {
    let Some((looked, model)) = look(on, scope, None).await? else {
        return Ok(Analysis { insights: Vec::new(), model: ModelPart::Off, asking: None });
    };
    let asking = (model == ModelPart::Asking).then(|| {
        let (on, scope) = (on.clone(), scope.clone());
        tokio::spawn(async move { model_part(&on, &scope, looked).await })
    });
    Ok(Analysis { insights: store::all_current(on, scope).await?, model, asking })
}

/// What has become of a look.
pub(super) async fn after(on: &SeaInsights, scope: &Scope, looked: Analysis) -> Result<Analysis> {
    let look = store::last_look(on, scope).await?;
    Ok(Analysis {
        insights: store::all_current(on, scope).await?,
        model: look.map_or(looked.model, |look| look.model),
        asking: looked.asking,
    })
}

/// Takes the look of a week, model included; false where it was taken.
pub(super) async fn of_week(on: &SeaInsights, scope: &Scope, week: &str) -> Result<bool> {
    let Some((looked, model)) = look(on, scope, Some(week)).await? else { return Ok(false) };
    if model == ModelPart::Asking {
        model_part(on, scope, looked).await;
    }
    Ok(true)
}

/// Counts, finds and stores. `None` where the look of this week has been taken.
async fn look(
    on: &SeaInsights,
    scope: &Scope,
    week: Option<&str>,
) -> Result<Option<(Looked, ModelPart)>> {
    let ctx = on.ctx();
    let sheet = Sheet::of(&figures::gather(ctx, scope).await?);
    let found = rules::findings(&sheet);
    let owner = match scope.user_id() {
        Some(id) => id,
        None => workspace::read(&ctx.db, scope).await?.owner_id,
    };
    let is_ready = drafts_are_ready(on, scope).await?;
    let tx = ctx.db.begin().await?;
    tx.serialize_on(&format!("insights {}", scope.workspace_id())).await?;
    let (run, at) = (ctx.id(InsightRunId::from_uuid), ctx.now());
    if let Some(week) = week
        && tx.one(scope, runs::Entity::find().filter(runs::Column::Week.eq(week))).await?.is_some()
    {
        return Ok(None);
    }
    let model = match is_ready {
        false => ModelPart::Off,
        true if sheet.is_empty() => ModelPart::Nothing,
        true => ModelPart::Asking,
    };
    let put_away = put_away(&tx, scope, at).await?;
    let found: Vec<Finding> =
        found.into_iter().filter(|one| !put_away.contains(&key(one))).collect();
    let row = runs::ActiveModel {
        id: Set(run),
        workspace_id: Set(scope.workspace_id()),
        user_id: Set(scope.user_id()),
        week: Set(week.map(str::to_owned)),
        started_at: Set(at),
        found: Set(i64::try_from(found.len()).unwrap_or_default()),
        model: Set(model.as_str().to_owned()),
        refused: Set(0),
    };
    match tx.insert(scope, row).await {
        // Two processes at once: the second one finds the week taken and writes nothing.
        Err(StoreError::Duplicate(_)) if week.is_some() => return Ok(None),
        other => other?,
    };
    replace(&tx, scope, at).await?;
    let rows = found.iter().map(|one| store::row(on, scope, owner, one, None));
    let rows = rows.collect::<std::result::Result<Vec<_>, _>>()?;
    tx.insert_many(scope, rows).await?;
    let event = AuditEvent::new("insights.looked", "insights", run)
        .with("found", found.len())
        .with("week", week);
    ctx.audit.record(&tx, Some(scope.workspace_id()), scope.actor(), event).await?;
    tx.commit().await?;
    Ok(Some((Looked { run, at, owner, sheet }, model)))
}

async fn drafts_are_ready(on: &SeaInsights, scope: &Scope) -> Result<bool> {
    use crate::Drafts as _;
    Ok(on.drafts.settings(scope).await?.not_ready.is_none())
}

/// What tells findings apart.
fn key(finding: &Finding) -> (String, String) {
    (finding.kind.as_str().to_owned(), finding.subject.to_string())
}

/// What was put away not long ago.
async fn put_away(
    tx: &Tx,
    scope: &Scope,
    now: Timestamp,
) -> std::result::Result<HashSet<(String, String)>, StoreError> {
    let select = Entity::find().filter(Column::DismissedAt.gte(now.minus(AWAY))).limit(500);
    let rows = tx.all(scope, select).await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.subject)).collect())
}

/// What stood out so far gives way, and what gave way long ago goes.
async fn replace(tx: &Tx, scope: &Scope, now: Timestamp) -> std::result::Result<(), StoreError> {
    let update = Entity::update_many()
        .col_expr(Column::ReplacedAt, Expr::value(now))
        .filter(Column::ReplacedAt.is_null())
        .filter(Column::DismissedAt.is_null());
    tx.update_many(scope, update).await?;
    let old = now.minus(DAY * KEEP_DAYS);
    let gone = Entity::delete_many().filter(Column::ReplacedAt.lt(old));
    tx.delete_many(scope, gone).await?;
    let gone = runs::Entity::delete_many().filter(runs::Column::StartedAt.lt(old));
    tx.delete_many(scope, gone).await?;
    Ok(())
}

/// Asks the model and notes what became of it. Whatever goes wrong, the rules' findings stay.
async fn model_part(on: &SeaInsights, scope: &Scope, looked: Looked) {
    let question = prompt::question(&looked.sheet);
    let answered = drafts::whole(&on.drafts, scope, PURPOSE, &question).await;
    let (part, kept, refused, model) = match answered {
        Ok(answer) => match ask::read(&looked.sheet, &answer.text, answer.is_cut) {
            Some((kept, refused)) => (ModelPart::Answered, kept, refused, answer.model),
            None => (ModelPart::Failed, Vec::new(), 0, answer.model),
        },
        Err(DraftsError::CapReached { .. }) => {
            (ModelPart::CapReached, Vec::new(), 0, String::new())
        }
        Err(DraftsError::Off | DraftsError::NoKey) => {
            (ModelPart::Off, Vec::new(), 0, String::new())
        }
        Err(error) => {
            tracing::warn!(%error, "a model had nothing to say about the figures");
            (ModelPart::Failed, Vec::new(), 0, String::new())
        }
    };
    if let Err(error) = keep(on, scope, &looked, part, &kept, refused, &model).await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "what a model found was not stored"
        );
    }
}

async fn keep(
    on: &SeaInsights,
    scope: &Scope,
    looked: &Looked,
    part: ModelPart,
    kept: &[Finding],
    refused: u64,
    model: &str,
) -> std::result::Result<(), StoreError> {
    let ctx = on.ctx();
    let tx = ctx.db.begin().await?;
    tx.serialize_on(&format!("insights {}", scope.workspace_id())).await?;
    let update = runs::Entity::update_many()
        .col_expr(runs::Column::Model, Expr::value(part.as_str()))
        .col_expr(runs::Column::Refused, Expr::value(i64::try_from(refused).unwrap_or_default()))
        .filter(runs::Column::Id.eq(looked.run));
    tx.update_many(scope, update).await?;
    // Somebody may have looked again meanwhile: what that look found is newer.
    let newer = runs::Entity::find().filter(runs::Column::StartedAt.gt(looked.at)).limit(1);
    if tx.all(scope, newer).await?.is_empty() {
        let put_away = put_away(&tx, scope, ctx.now()).await?;
        for one in kept.iter().filter(|one| !put_away.contains(&key(one))) {
            let same = store::current()
                .filter(Column::Kind.eq(one.kind.as_str()))
                .filter(Column::Subject.eq(one.subject.to_string()));
            let row = store::row(on, scope, looked.owner, one, Some(model))?;
            if let Some(there) = tx.one(scope, same).await? {
                let update = Entity::update_many()
                    .col_expr(Column::Content, Expr::value(one.text.clone()))
                    .col_expr(Column::Model, Expr::value(model))
                    .filter(Column::Id.eq(there.id));
                tx.update_many(scope, update).await?;
            } else {
                tx.insert_many(scope, vec![row]).await?;
            }
        }
    }
    tx.unaudited("a language model answered");
    tx.commit().await
}

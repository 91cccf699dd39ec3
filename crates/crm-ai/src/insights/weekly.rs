//! The look of the week. A week begins on Monday at six in the morning in the workspace's zone, and whoever comes first
//! takes it: a row of `insight_runs` is the claim. A server that was off for weeks takes one look, that of this week. A
//! workspace that is not a day old has nothing to say yet.

use std::collections::HashMap;

use crm_core::{Scope, System, Timestamp, WorkspaceId, workspace};
use jiff::tz::TimeZone;
use jiff::{ToSpan as _, civil::ISOWeekDate};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::figures::DAY;
use super::{Result, SeaInsights, run};
use crate::entity::insight_runs as runs;

/// Who acts.
const LABEL: &str = "insights";
const SYSTEM: System = System::task(LABEL);
/// The hour a week begins, on its Monday.
const HOUR: i64 = 6;

/// The week of a moment, as it is written: `2026-W48`.
fn week(at: Timestamp, zone: &str) -> String {
    let at: jiff::Timestamp = at.to_string().parse().unwrap_or_default();
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let local = at.to_zoned(zone).datetime();
    let date: ISOWeekDate = local.saturating_sub(HOUR.hours()).date().iso_week_date();
    format!("{:04}-W{:02}", date.year(), date.week())
}

pub(super) async fn due(on: &SeaInsights) -> Result<Vec<WorkspaceId>> {
    let ctx = on.ctx();
    let now = ctx.now();
    let taken = runs::Entity::find()
        .filter(runs::Column::Week.is_not_null())
        .filter(runs::Column::StartedAt.gte(now.minus(DAY * 15)));
    let mut weeks: HashMap<WorkspaceId, Vec<String>> = HashMap::new();
    for row in ctx.db.everywhere(SYSTEM, taken).await? {
        weeks.entry(row.workspace_id).or_default().extend(row.week);
    }
    let mut all = workspace::zones(&ctx.db, now.minus(DAY)).await?;
    all.retain(|(id, zone)| {
        let this = week(now, zone);
        !weeks.get(id).is_some_and(|weeks| weeks.contains(&this))
    });
    Ok(all.into_iter().map(|(id, _)| id).collect())
}

pub(super) async fn take(on: &SeaInsights, id: WorkspaceId) -> Result<bool> {
    let ctx = on.ctx();
    let all = workspace::zones(&ctx.db, ctx.now()).await?;
    let Some((_, zone)) = all.into_iter().find(|(one, _)| *one == id) else { return Ok(false) };
    let scope = Scope::for_job(id, LABEL);
    run::of_week(on, &scope, &week(ctx.now(), &zone)).await
}

#[cfg(test)]
mod tests {
    use super::week;

    #[test]
    fn a_week_begins_on_monday_morning_of_its_zone() {
        let of = |at: &str, zone| week(at.parse().unwrap(), zone);
        assert_eq!(of("2026-11-22T23:59:59Z", "UTC"), "2026-W47");
        assert_eq!(of("2026-11-23T05:59:59Z", "UTC"), "2026-W47");
        assert_eq!(of("2026-11-23T06:00:00Z", "UTC"), "2026-W48");
        assert_eq!(of("2026-11-23T05:00:00Z", "Europe/Vienna"), "2026-W48");
        assert_eq!(of("2026-11-23T06:00:00Z", "America/New_York"), "2026-W47");
        assert_eq!(of("2027-01-01T12:00:00Z", "UTC"), "2026-W53");
        assert_eq!(of("2026-11-23T06:00:00Z", "nowhere"), "2026-W48");
    }
}

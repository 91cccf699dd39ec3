//! Stages and tags: who is in them, for how long, and who moved on.

use std::collections::HashMap;

use crm_core::{ListId, Scope, Snapshot, StoreError, Timestamp};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QuerySelect,
};

use super::{DAY, Span, Stage, number};
use crate::entity::elsewhere::{assignments, lists, logs};

/// Most stages, and most tags, that are looked at.
const MOST: u64 = 24;

/// Words stages are called by of whose people nothing more is expected.
const CLOSED: [&str; 16] = [
    "won",
    "lost",
    "closed",
    "customer",
    "customers",
    "done",
    "archive",
    "archived",
    "dead",
    "disqualified",
    "unqualified",
    "gewonnen",
    "verloren",
    "kunde",
    "kunden",
    "abgeschlossen",
];
/// Those among them that are no success.
const FAILED: [&str; 7] =
    ["lost", "dead", "disqualified", "unqualified", "archive", "archived", "verloren"];

fn has_word(name: &str, words: &[&str]) -> bool {
    let name = name.to_lowercase();
    name.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word))
}

/// The stage that is the goal: the first closed one that is a success, or else the last.
pub(in crate::insights) fn goal(stages: &[Stage]) -> Option<&Stage> {
    let success = |stage: &&Stage| stage.is_closed && !has_word(&stage.name, &FAILED);
    stages.iter().find(success).or_else(|| stages.last())
}

#[derive(FromQueryResult)]
struct Size {
    list_id: ListId,
    people: i64,
}

#[derive(FromQueryResult)]
struct Entered {
    assigned_at: Timestamp,
}

#[derive(FromQueryResult)]
struct Moved {
    stage: Option<String>,
    people: i64,
}

async fn named(
    on: &Snapshot,
    scope: &Scope,
    is_primary: bool,
) -> Result<Vec<(lists::Model, u64)>, StoreError> {
    let select = lists::Entity::find()
        .filter(lists::Column::IsPrimary.eq(is_primary))
        .order_by_asc(lists::Column::Position)
        .order_by_asc(lists::Column::Name)
        .limit(MOST);
    let rows = on.all(scope, select).await?;
    let ids: Vec<ListId> = rows.iter().map(|row| row.id).collect();
    let sizes = assignments::Entity::find()
        .select_only()
        .column(assignments::Column::ListId)
        .expr_as(Expr::cust("COUNT(*)"), "people")
        .filter(assignments::Column::ListId.is_in(ids))
        .group_by(assignments::Column::ListId);
    let sizes: Vec<Size> = on.all_as(scope, sizes).await?;
    let sizes: HashMap<ListId, u64> =
        sizes.into_iter().map(|row| (row.list_id, number(row.people))).collect();
    Ok(rows
        .into_iter()
        .map(|row| {
            let people = sizes.get(&row.id).copied().unwrap_or_default();
            (row, people)
        })
        .collect())
}

/// Tags with how many people they have.
pub(in crate::insights) async fn tags(
    on: &Snapshot,
    scope: &Scope,
) -> Result<Vec<(ListId, String, u64)>, StoreError> {
    let found = named(on, scope, false).await?;
    Ok(found.into_iter().map(|(row, people)| (row.id, row.name, people)).collect())
}

/// Stages in their order. `moved` is when leaving one counts.
pub(in crate::insights) async fn stages(
    on: &Snapshot,
    scope: &Scope,
    now: Timestamp,
    moved: Span,
) -> Result<Vec<Stage>, StoreError> {
    let left = moves(on, scope, moved).await?;
    let mut stages = Vec::new();
    for (row, people) in named(on, scope, true).await? {
        stages.push(Stage {
            id: row.id,
            people,
            median_days: median_days(on, scope, row.id, people, now).await?,
            moved_on: left.get(&row.name).copied().unwrap_or_default(),
            is_closed: has_word(&row.name, &CLOSED),
            name: row.name,
        });
    }
    Ok(stages)
}

/// The index holds a list's people in the order they came: the one in the middle is read from it alone.
#[expect(clippy::integer_division, reason = "of an even number of them the lower middle")]
async fn median_days(
    on: &Snapshot,
    scope: &Scope,
    list: ListId,
    people: u64,
    now: Timestamp,
) -> Result<Option<f64>, StoreError> {
    let Some(behind) = people.checked_sub(1) else { return Ok(None) };
    let select = assignments::Entity::find()
        .select_only()
        .column(assignments::Column::AssignedAt)
        .filter(assignments::Column::ListId.eq(list))
        // Who came last has been there for the shortest time: the middle is counted from there.
        .order_by(assignments::Column::AssignedAt, Order::Desc)
        .offset(behind / 2)
        .limit(1);
    let middle: Option<Entered> = on.one_as(scope, select).await?;
    Ok(middle.map(|row| {
        let days = now.since(row.assigned_at).as_secs_f64() / DAY.as_secs_f64();
        (days * 10.0).round() / 10.0
    }))
}

/// How many left each stage, by its name, which is what timelines keep.
pub(in crate::insights) async fn moves(
    on: &Snapshot,
    scope: &Scope,
    span: Span,
) -> Result<HashMap<String, u64>, StoreError> {
    let select = logs::Entity::find()
        .select_only()
        .expr_as(Expr::cust("\"communication_logs\".\"content\" ->> 'old_list'"), "stage")
        .expr_as(Expr::cust("COUNT(*)"), "people")
        // Written out: an index that holds these only is not used for a value that is not known yet.
        .filter(Expr::cust("\"communication_logs\".\"type\" = 'stage_change'"))
        .filter(logs::Column::Timestamp.gte(span.since))
        .filter(logs::Column::Timestamp.lt(span.until))
        .group_by(Expr::cust("1"));
    let rows: Vec<Moved> = on.all_as(scope, select).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.stage?, number(row.people)))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(name: &str) -> Stage {
        Stage {
            id: "018f0000-0000-7000-8000-000000000001".parse().unwrap(),
            name: name.to_owned(),
            people: 0,
            median_days: None,
            moved_on: 0,
            is_closed: has_word(name, &CLOSED),
        }
    }

    #[test]
    fn the_goal_is_what_people_are_won_for() {
        let names = |names: &[&str]| {
            let stages: Vec<Stage> = names.iter().map(|name| stage(name)).collect();
            goal(&stages).map(|stage| stage.name.clone())
        };
        assert_eq!(names(&["New", "Proposal", "Won", "Lost"]).as_deref(), Some("Won"));
        assert_eq!(names(&["Lost", "New customers", "Lead"]).as_deref(), Some("New customers"));
        assert_eq!(names(&["Lead", "Talks"]).as_deref(), Some("Talks"));
        assert_eq!(names(&[]), None);
        assert!(!stage("Wonderful").is_closed);
    }
}

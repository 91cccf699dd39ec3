//! Questions about people: where they stand, where they came from, and who has gone quiet.

use crm_core::{ListId, Scope, Snapshot, StoreError, Timestamp};

use super::super::encode;
use super::super::figures::{Span, Stage, customers, goal, quiet, quiet_rule, stages, tags};
use super::super::rules::{FEWEST, plain};
use super::super::sheet::{float, percent};
use super::{Bar, Told, many, of_list, quoted};

pub(super) async fn of_stages(
    on: &Snapshot,
    scope: &Scope,
    now: Timestamp,
    span: Span,
) -> Result<Told, StoreError> {
    let all = stages(on, scope, now, span).await?;
    let rows = all.iter().map(|stage| Bar {
        label: stage.name.clone(),
        url: of_list(stage.id),
        values: vec![Some(float(stage.people)), stage.median_days, Some(float(stage.moved_on))],
    });
    let comparable = all.iter().filter(|stage| !stage.is_closed && float(stage.people) >= FEWEST);
    let days = |stage: &Stage| stage.median_days.unwrap_or_default();
    let longest = comparable.max_by(|a, b| days(a).total_cmp(&days(b)));
    let answer = longest.map_or_else(
        || "Too few to compare: no open stage has 20 people.".to_owned(),
        |stage| {
            format!(
                "In {}: half of its {} have been there for {} days or longer.",
                quoted(&stage.name),
                many(stage.people, "person", "people"),
                plain(days(stage))
            )
        },
    );
    let filter = longest.map_or_else(
        || ("/pipeline".to_owned(), "All stages".to_owned()),
        |stage| (of_list(stage.id), format!("Stage is {}", stage.name)),
    );
    Ok(Told {
        answer,
        is_too_few: longest.is_none(),
        columns: vec![("People", "people"), ("Median stay", "days"), ("Moved on", "people")],
        drawn: 1,
        rows: rows.collect(),
        filter,
    })
}

pub(super) async fn of_sources(
    on: &Snapshot,
    scope: &Scope,
    now: Timestamp,
    span: Span,
) -> Result<Told, StoreError> {
    let all = stages(on, scope, now, span).await?;
    let columns = vec![("People", "people"), ("Customers", "people"), ("Share", "%")];
    let Some(goal) = goal(&all) else {
        return Ok(Told {
            answer: "There are no stages, so nobody can become a customer.".to_owned(),
            is_too_few: true,
            columns,
            drawn: 2,
            rows: Vec::new(),
            filter: ("/lists".to_owned(), "Stages".to_owned()),
        });
    };
    let mut rows = Vec::new();
    let mut best: Option<(String, f64, u64)> = None;
    for (id, name, people) in tags(on, scope).await? {
        if people == 0 {
            continue;
        }
        let (people, won) = customers(on, scope, id, goal.id, span).await?;
        let share = percent(won, people);
        let is_better = best.as_ref().is_none_or(|(_, most, _)| share > *most);
        if float(people) >= FEWEST && is_better {
            best = Some((name.clone(), share, people));
        }
        let values = vec![Some(float(people)), Some(float(won)), Some(share)];
        rows.push(Bar { label: name, url: of_list(id), values });
    }
    let answer = best.as_ref().map_or_else(
        || "Too few to compare: no tag was given to 20 people in this time.".to_owned(),
        |(name, share, people)| {
            format!(
                "Most of all {}: {} % of {} are in {} now.",
                quoted(name),
                plain(*share),
                many(*people, "person", "people"),
                quoted(&goal.name)
            )
        },
    );
    let filter = (of_list(goal.id), format!("Stage is {}", goal.name));
    Ok(Told { answer, is_too_few: best.is_none(), columns, drawn: 2, rows, filter })
}

pub(super) async fn of_quiet(
    on: &Snapshot,
    scope: &Scope,
    now: Timestamp,
    days: u32,
) -> Result<Told, StoreError> {
    let nothing_moved = Span { since: now, until: now };
    let all = stages(on, scope, now, nothing_moved).await?;
    let (mut rows, mut people, mut of, mut is_exact) = (Vec::new(), 0, 0, true);
    let mut open = Vec::new();
    for stage in all.iter().filter(|stage| !stage.is_closed) {
        let found = quiet(on, scope, now, std::slice::from_ref(stage), days).await?;
        people += found.people;
        of += found.of;
        is_exact &= found.is_exact;
        open.push(stage.id);
        rows.push(Bar {
            label: stage.name.clone(),
            url: rule_url(&[stage.id], days),
            values: vec![
                Some(float(found.people)),
                Some(float(stage.people)),
                Some(percent(found.people, stage.people)),
            ],
        });
    }
    let since = if days == 1 { "a day".to_owned() } else { format!("{days} days") };
    let at_least = if is_exact { "" } else { "At least " };
    let answer = format!(
        "{at_least}{} of {} in open stages had no e-mail, text or call for {since}.",
        plain(float(people)),
        many(of, "person", "people")
    );
    Ok(Told {
        answer,
        is_too_few: float(of) < FEWEST,
        columns: vec![("Quiet", "people"), ("People", "people"), ("Share", "%")],
        drawn: 0,
        rows,
        filter: (rule_url(&open, days), format!("In an open stage, nothing for {since}")),
    })
}

fn rule_url(stages: &[ListId], days: u32) -> String {
    format!("/contacts?rule={}", encode(&quiet_rule(stages, days).to_string()))
}

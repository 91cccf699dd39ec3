//! From a rule to what the builder shows, and to words.

use crm_contacts::Segment;
use crm_contacts::segments::saved::SavedSegment;
use crm_core::Scope;

use super::rule::{Problems, Rule};
use super::subject::{Kind, Subject, Subjects};
use crate::error::AppError;
use crate::pages::frame;
use crate::state::App;
use crate::views::common::Choice;
use crate::views::segments::{Builder, BuilderGroup, BuilderRow, SegmentRow};

/// Names shown below the count.
const SAMPLE: usize = 5;

/// The builder with the number of contacts that meet it now. `strict` says what is wrong with each condition; without it, a
/// condition somebody is still writing is left out in silence.
pub(super) async fn builder(
    app: &App,
    scope: &Scope,
    rule: &Rule,
    subjects: &Subjects,
    strict: bool,
) -> Result<Builder, AppError> {
    let (json, problems) = rule.json(subjects);
    let none = Problems::new();
    let mut shown = Builder {
        of: app.services.contacts.counts(scope).await?.total,
        incomplete: u64::try_from(problems.len()).unwrap_or_default(),
        groups: groups(rule, subjects, if strict { &problems } else { &none }),
        ..Builder::default()
    };
    let found = match Segment::parse(&json) {
        Ok(segment) => app.services.segments.preview(scope, &segment).await,
        Err(err) => Err(err),
    };
    match found.map_err(AppError::from) {
        Ok(found) => {
            let sample = found.sample.iter().take(SAMPLE);
            shown.sample = sample.map(crm_contacts::Contact::display_name).collect();
            shown.count = Some(found.count);
        }
        Err(error) if error.is_correctable() => {
            shown.problem = Some(frame::sentence(&error.message));
        }
        Err(error) => return Err(error),
    }
    Ok(shown)
}

fn groups(rule: &Rule, subjects: &Subjects, problems: &Problems) -> Vec<BuilderGroup> {
    let groups = rule.groups.iter().enumerate().map(|(number, group)| {
        let rows = group.conditions.iter().enumerate().filter_map(|(place, condition)| {
            let subject = subjects.find(&condition.on)?;
            let mut row = row(subjects, subject, &condition.op, &condition.value);
            row.key = format!("{number}.{place}");
            row.error = problems.get(&(number, place)).map(|problem| (*problem).to_owned());
            Some(row)
        });
        BuilderGroup { number, any: group.any, rows: rows.collect() }
    });
    groups.collect()
}

fn row(subjects: &Subjects, subject: &Subject, op: &str, value: &str) -> BuilderRow {
    let kind = &subject.kind;
    let op = kind.ops().iter().find(|(known, _)| *known == op).or_else(|| kind.ops().first());
    let op = op.map_or("", |(op, _)| *op);
    let choices = subjects.choices(kind, op, value);
    let input = match kind {
        _ if matches!(op, "is_set" | "is_not_set") => "none",
        _ if choices.is_some() => "select",
        Kind::Date if matches!(op, "eq" | "neq") => "date",
        Kind::Created => "date",
        Kind::Activity(_) | Kind::Stage => "number",
        _ => "text",
    };
    BuilderRow {
        key: String::new(),
        subjects: subjects
            .all
            .iter()
            .map(|one| Choice::new(&one.key, &one.label, one.key == subject.key))
            .collect(),
        operators: kind
            .ops()
            .iter()
            .map(|(word, label)| Choice::new(*word, *label, *word == op))
            .collect(),
        input: input.to_owned(),
        choices: choices.unwrap_or_default(),
        value: value.to_owned(),
        unit: if input == "number" { "days".to_owned() } else { String::new() },
        placeholder: match (kind, op) {
            (Kind::Activity(_), "sent" | "opened") => "any",
            (_, "in") => "one, another",
            (Kind::Amount, _) => "1250.50",
            _ => "",
        }
        .to_owned(),
        error: None,
    }
}

/// A rule as a sentence: `Company contains “bakery” and Stage or tag is VIP`.
pub(super) fn words(rule: &Rule, subjects: &Subjects) -> String {
    let mut parts = Vec::new();
    for (number, group) in rule.groups.iter().enumerate() {
        let said: Vec<String> = group
            .conditions
            .iter()
            .filter_map(|one| Some(say(subjects, subjects.find(&one.on)?, &one.op, &one.value)))
            .collect();
        let joined = said.join(if group.any { " or " } else { " and " });
        if number == 0 {
            parts.extend(said);
        } else if said.len() > 1 {
            parts.push(format!("({joined})"));
        } else {
            parts.extend(said);
        }
    }
    let any = rule.groups.first().is_some_and(|group| group.any);
    if parts.is_empty() {
        return "Everybody".to_owned();
    }
    parts.join(if any { " or " } else { " and " })
}

fn say(subjects: &Subjects, subject: &Subject, op: &str, value: &str) -> String {
    let shown = row(subjects, subject, op, value);
    let chosen = |choices: &[Choice]| {
        choices.iter().find(|choice| choice.selected).map(|choice| choice.label.clone())
    };
    let op = chosen(&shown.operators).unwrap_or_default();
    let value = match shown.input.as_str() {
        "none" => String::new(),
        "select" => chosen(&shown.choices).unwrap_or_default(),
        "number" if value.is_empty() => "any number of days".to_owned(),
        "number" => format!("{value} days"),
        "date" => value.to_owned(),
        _ => format!("“{value}”"),
    };
    if subject.kind == Kind::Campaign {
        return format!("Whoever {op} “{value}”");
    }
    format!("{} {op} {value}", subject.label).trim_end().to_owned()
}

/// A saved segment in a line.
pub(super) async fn line(
    app: &App,
    scope: &Scope,
    saved: &SavedSegment,
    subjects: &Subjects,
) -> Result<SegmentRow, AppError> {
    let count =
        match app.services.segments.preview(scope, &saved.segment).await.map_err(AppError::from) {
            Ok(found) => Some(found.count),
            // What it names is gone; that is for whoever opens it to see.
            Err(error) if error.is_correctable() => None,
            Err(error) => return Err(error),
        };
    let says = match Rule::of(&saved.segment, subjects) {
        Some(rule) => words(&rule, subjects),
        None => "A rule with more levels than fit in a line".to_owned(),
    };
    let author = subjects.members.iter().find(|one| Some(one.user_id) == saved.created_by);
    Ok(SegmentRow {
        id: saved.id.to_string(),
        name: saved.name.clone(),
        says,
        count,
        created_by: author.map(|member| member.name.clone()),
        updated_at: saved.updated_at.to_string(),
    })
}

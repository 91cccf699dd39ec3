//! A segment as the builder has it: conditions and groups of conditions, each joined by "all" or "any". From a form, from a
//! segment where it is that simple, and back.

use std::collections::BTreeMap;

use crm_contacts::Segment;
use crm_contacts::segments::{FieldCondition, Operand, SegmentNode};
use serde_json::{Value, json};

use super::subject::{Kind, Subjects};

/// Conditions and groups a form may have; more are ignored.
const MOST: usize = 100;

/// One condition as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) on: String,
    pub(super) op: String,
    pub(super) value: String,
}

/// Conditions that are joined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Group {
    /// Whether one of them is enough.
    pub(super) any: bool,
    pub(super) conditions: Vec<Condition>,
}

/// What the builder holds: the first group is the segment itself, the others are groups in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) groups: Vec<Group>,
}

/// What is wrong with conditions, by group and place.
pub(super) type Problems = BTreeMap<(usize, usize), &'static str>;

impl Rule {
    /// A rule with one empty condition.
    pub(super) fn new() -> Self {
        let one = Group { any: false, conditions: vec![Condition::of("field:company")] };
        Self { groups: vec![one] }
    }

    /// Reads `join.0`, `on.0.1`, `op.0.1`, `value.0.1` and so on.
    pub(super) fn read(fields: &[(String, String)], subjects: &Subjects) -> Self {
        let mut joins: BTreeMap<usize, bool> = BTreeMap::new();
        let mut conditions: BTreeMap<(usize, usize), Condition> = BTreeMap::new();
        for (key, value) in fields {
            let mut parts = key.split('.');
            let word = parts.next().unwrap_or_default();
            let mut number =
                || parts.next().and_then(|n| n.parse::<usize>().ok()).filter(|n| *n < MOST);
            let Some(group) = number() else { continue };
            if word == "join" {
                joins.insert(group, value == "any");
                continue;
            }
            let Some(place) = number() else { continue };
            let condition = conditions.entry((group, place)).or_default();
            match word {
                "on" => condition.on.clone_from(value),
                "op" => condition.op.clone_from(value),
                "value" => condition.value.clone_from(value),
                _ => {}
            }
        }
        let mut rule = Self::default();
        joins.entry(0).or_insert(false);
        for (number, any) in joins {
            let mine = conditions.iter().filter(|((group, _), _)| *group == number);
            let conditions = mine.filter_map(|(_, one)| one.fitted(subjects)).collect();
            rule.groups.push(Group { any, conditions });
        }
        rule
    }

    /// Does what a button says: `add.0`, `remove.0.1`, `group`, `ungroup.1`.
    pub(super) fn press(&mut self, button: &str) {
        let mut parts = button.split('.');
        let word = parts.next().unwrap_or_default();
        let numbers: Vec<usize> = parts.filter_map(|n| n.parse().ok()).collect();
        match (word, numbers.as_slice()) {
            ("add", [group]) => {
                if let Some(group) = self.groups.get_mut(*group) {
                    group.conditions.push(Condition::of("field:company"));
                }
            }
            ("remove", [group, place]) => {
                if let Some(group) = self.groups.get_mut(*group)
                    && *place < group.conditions.len()
                {
                    group.conditions.remove(*place);
                }
            }
            ("group", []) => {
                let conditions = vec![Condition::of("field:company"), Condition::of("list")];
                self.groups.push(Group { any: true, conditions });
            }
            ("ungroup", [group]) if *group > 0 && *group < self.groups.len() => {
                self.groups.remove(*group);
            }
            _ => {}
        }
    }

    /// The segment this is. Conditions that lack something are left out, and are named.
    pub(super) fn json(&self, subjects: &Subjects) -> (Value, Problems) {
        let mut problems = Problems::new();
        let mut joined = Vec::new();
        for (number, group) in self.groups.iter().enumerate() {
            let mut nodes = Vec::new();
            for (place, condition) in group.conditions.iter().enumerate() {
                match condition.json(subjects) {
                    Ok(node) => nodes.push(node),
                    Err(problem) => {
                        problems.insert((number, place), problem);
                    }
                }
            }
            let key = if group.any { "any" } else { "all" };
            if number == 0 {
                joined = nodes;
            } else if !nodes.is_empty() {
                joined.push(json!({ key: nodes }));
            }
        }
        let any = self.groups.first().is_some_and(|group| group.any) && !joined.is_empty();
        (json!({ if any { "any" } else { "all" }: joined }), problems)
    }

    /// The rule a segment is; `None` where it is more than the builder shows.
    pub(super) fn of(segment: &Segment, subjects: &Subjects) -> Option<Self> {
        let (any, nodes) = match &segment.0 {
            SegmentNode::All { all } => (false, all.as_slice()),
            // Nobody is no rule of the builder: without a condition it means everybody.
            SegmentNode::Any { any } if any.is_empty() => return None,
            SegmentNode::Any { any } => (true, any.as_slice()),
            single => (false, std::slice::from_ref(single)),
        };
        let mut rule = Self { groups: vec![Group { any, conditions: Vec::new() }] };
        for node in nodes {
            let (any, inner) = match node {
                SegmentNode::All { all } if !all.is_empty() => (false, all),
                SegmentNode::Any { any } if !any.is_empty() => (true, any),
                leaf => {
                    rule.groups.first_mut()?.conditions.push(Condition::shown(leaf, subjects)?);
                    continue;
                }
            };
            let conditions = inner.iter().map(|leaf| Condition::shown(leaf, subjects));
            rule.groups.push(Group { any, conditions: conditions.collect::<Option<_>>()? });
        }
        Some(rule)
    }
}

impl Condition {
    fn of(on: &str) -> Self {
        Self { on: on.to_owned(), ..Self::default() }
    }

    fn new(on: impl Into<String>, op: &str, value: impl Into<String>) -> Self {
        Self { on: on.into(), op: op.to_owned(), value: value.into() }
    }

    /// The same with an operator its subject has; `None` where there is no such subject.
    fn fitted(&self, subjects: &Subjects) -> Option<Self> {
        let kind = &subjects.find(&self.on)?.kind;
        let mut fitted = self.clone();
        if kind.ops().iter().all(|(op, _)| *op != self.op) {
            kind.ops().first()?.0.clone_into(&mut fitted.op);
            // What was typed for another subject means nothing here.
            if !self.op.is_empty() && !matches!(kind, Kind::Text | Kind::Number | Kind::Amount) {
                fitted.value.clear();
            }
        }
        Some(fitted)
    }

    fn json(&self, subjects: &Subjects) -> Result<Value, &'static str> {
        let subject = subjects.find(&self.on).ok_or("Choose what this is about.")?;
        let Some(op) = kind_op(&subject.kind, &self.op) else {
            return Err("Choose how this is compared.");
        };
        let value = self.value.as_str();
        let typed = || if value.trim().is_empty() { Err("Enter a value.") } else { Ok(value) };
        let days = || {
            let days = value.trim().parse::<u32>().ok();
            days.filter(|n| (1..=36_500).contains(n)).ok_or("Enter a number of days, like 30.")
        };
        Ok(match &subject.kind {
            Kind::List if op == "is_not" => json!({"not": {"list": typed().map_err(|_| CHOOSE)?}}),
            Kind::List => json!({"list": typed().map_err(|_| CHOOSE)?}),
            Kind::Created => json!({"created": {op: typed().map_err(|_| "Enter a date.")?}}),
            Kind::Campaign => {
                json!({"campaign": {"id": typed().map_err(|_| CHOOSE)?, "op": op}})
            }
            Kind::Consent if op == "missing" => {
                json!({"not": {"consent": typed().map_err(|_| CHOOSE)?}})
            }
            Kind::Consent => json!({"consent": typed().map_err(|_| CHOOSE)?}),
            Kind::Stage => json!({"stage_days": {"more_than": days()?}}),
            Kind::Task if value.is_empty() => json!({"task": {"op": op}}),
            Kind::Task => json!({"task": {"op": op, "assignee_id": value}}),
            Kind::Activity(kind) if value.trim().is_empty() && op != "none_since" => {
                json!({"activity": {"type": kind, "op": op}})
            }
            Kind::Activity(kind) => json!({"activity": {"type": kind, "op": op, "days": days()?}}),
            kind => {
                let (key, name) = self.on.split_once(':').unwrap_or(("field", &self.on));
                if matches!(op, "is_set" | "is_not_set") {
                    return Ok(json!({key: name, "op": op}));
                }
                let value = if op == "in" {
                    let items = typed()?.split(',').map(str::trim).filter(|item| !item.is_empty());
                    Value::from(
                        items
                            .map(|item| one(kind, item).map(as_text))
                            .collect::<Result<Vec<_>, _>>()?,
                    )
                } else {
                    one(kind, typed()?)?
                };
                json!({key: name, "op": op, "value": value})
            }
        })
    }

    /// The condition a node is, where it is one.
    fn shown(node: &SegmentNode, subjects: &Subjects) -> Option<Self> {
        let shown = match node {
            SegmentNode::Field(FieldCondition { field, op, value }) => {
                let on = format!("field:{field}");
                let value = plain(&subjects.find(&on)?.kind, value.as_ref())?;
                Self::new(on, op.as_str(), value)
            }
            SegmentNode::Custom(condition) => {
                let on = format!("custom:{}", condition.custom);
                let value = plain(&subjects.find(&on)?.kind, condition.value.as_ref())?;
                Self::new(on, condition.op.as_str(), value)
            }
            SegmentNode::List { list } => Self::new("list", "is", list.to_string()),
            SegmentNode::Not { not } => match not.as_ref() {
                SegmentNode::List { list } => Self::new("list", "is_not", list.to_string()),
                SegmentNode::Consent { consent } => {
                    Self::new("consent", "missing", consent.as_str())
                }
                _ => return None,
            },
            SegmentNode::Created { created } => match (&created.after, &created.before) {
                (Some(after), None) if is_date(after) => Self::new("created", "after", after),
                (None, Some(before)) if is_date(before) => Self::new("created", "before", before),
                _ => return None,
            },
            SegmentNode::Activity { activity } => {
                let days = activity.days.map(|days| days.to_string()).unwrap_or_default();
                Self::new(format!("activity:{}", activity.kind), activity.op.as_str(), days)
            }
            SegmentNode::Task { task } => {
                let whose = task.assignee_id.map(|id| id.to_string()).unwrap_or_default();
                Self::new("task", task.op.as_str(), whose)
            }
            SegmentNode::Campaign { campaign } => {
                Self::new("campaign", campaign.op.as_str(), campaign.id.to_string())
            }
            SegmentNode::StageDays { stage_days } => {
                Self::new("stage_days", "more_than", stage_days.more_than.to_string())
            }
            SegmentNode::Consent { consent } => Self::new("consent", "granted", consent.as_str()),
            SegmentNode::All { .. } | SegmentNode::Any { .. } => return None,
        };
        let subject = subjects.find(&shown.on)?;
        // A value nobody can choose would be lost.
        let choices = subjects.choices(&subject.kind, &shown.op, &shown.value);
        let is_set = matches!(shown.op.as_str(), "is_set" | "is_not_set");
        let lost = choices.is_some_and(|all| all.iter().all(|choice| !choice.selected));
        (kind_op(&subject.kind, &shown.op).is_some() && (is_set || !lost)).then_some(shown)
    }
}

const CHOOSE: &str = "Choose one.";

/// A value among several: those are texts, numbers too.
fn as_text(value: Value) -> Value {
    match value.as_f64() {
        Some(number) => Value::from(number.to_string()),
        None => value,
    }
}

fn kind_op(kind: &Kind, op: &str) -> Option<&'static str> {
    kind.ops().iter().map(|(known, _)| *known).find(|known| *known == op)
}

fn is_date(text: &str) -> bool {
    text.len() == "2026-11-03".len()
}

/// One value in the form the segment has it.
fn one(kind: &Kind, text: &str) -> Result<Value, &'static str> {
    match kind {
        Kind::Number => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(json!(number)),
            _ => Err("Enter a number, like 12 or 12.5."),
        },
        Kind::Amount => {
            minor(text).map(Value::from).ok_or("Enter an amount, like 1250 or 1250.50.")
        }
        Kind::Boolean => Ok(json!(text == "true")),
        _ => Ok(json!(text)),
    }
}

/// An amount in the smallest unit, as text: segments compare it exactly.
fn minor(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    if part.len() > 2 || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let is_negative = whole.starts_with('-');
    let whole: i64 = whole.parse().ok()?;
    let cents: i64 = format!("{part:0<2}").parse().ok()?;
    let cents = if is_negative { -cents } else { cents };
    Some(whole.checked_mul(100)?.checked_add(cents)?.to_string())
}

fn major(text: &str) -> Option<String> {
    let minor: i64 = text.trim().parse().ok()?;
    let sign = if minor < 0 { "-" } else { "" };
    let (whole, cents) = (minor.unsigned_abs() / 100, minor.unsigned_abs() % 100);
    Some(if cents == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{cents:02}") })
}

/// A value as its input holds it; `None` where it would come back as another.
fn plain(kind: &Kind, value: Option<&Operand>) -> Option<String> {
    let text = |text: &str| match kind {
        Kind::Amount => major(text),
        _ => Some(text.to_owned()),
    };
    match value {
        None => Some(String::new()),
        Some(Operand::Text(one)) => text(one),
        Some(Operand::Number(number)) => text(&number.to_string()),
        Some(Operand::Boolean(truth)) => Some(truth.to_string()),
        Some(Operand::Texts(all)) => {
            let whole =
                all.iter().all(|one| !one.contains(',') && !one.is_empty() && one.trim() == one);
            let all = all.iter().map(|one| text(one)).collect::<Option<Vec<_>>>()?;
            (whole && !all.is_empty()).then(|| all.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_go_there_and_back() {
        for (typed, minor_units, shown) in [
            ("1250", "125000", "1250"),
            ("1 250.5", "125050", "1250.50"),
            ("-3.07", "-307", "-3.07"),
            ("0", "0", "0"),
        ] {
            assert_eq!(minor(typed).as_deref(), Some(minor_units));
            assert_eq!(major(minor_units).as_deref(), Some(shown));
        }
        for wrong in ["", "x", "1.234", "1.-2", "99999999999999999999"] {
            assert_eq!(minor(wrong), None, "{wrong}");
        }
    }
}

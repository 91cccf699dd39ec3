//! From JSON to a segment, with errors that name what is wrong.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::tree::{
    Activity, ActivityOperator, CampaignOperator, CampaignState, CustomCondition, FieldCondition,
    Operand, Operator, Range, Segment, SegmentNode, StageDays, TaskOperator, TaskState,
};
use super::{Result, SegmentError, field};
use crate::consents::ConsentChannel;
use crate::timeline::KINDS;

/// Levels a segment may be deep.
pub(super) const MAX_DEPTH: usize = 10;
/// Nodes a segment may have.
pub(super) const MAX_NODES: usize = 200;
/// The key that says what a node is.
const NODES: [&str; 12] = [
    "all",
    "any",
    "not",
    "field",
    "custom",
    "list",
    "created",
    "activity",
    "task",
    "stage_days",
    "campaign",
    "consent",
];
/// Values one condition may compare with.
const MAX_VALUES: usize = 1_000;
/// Most characters of a text to compare with.
const MAX_CHARS: usize = 2_000;
/// Longest time to look back, a hundred years.
const MAX_DAYS: u64 = 36_500;

impl Segment {
    /// Reads a segment.
    ///
    /// # Errors
    /// [`SegmentError::Unknown`] names a key, field, operator or entry type that does not exist;
    /// [`SegmentError::Malformed`] says what else is wrong.
    pub fn parse(json: &Value) -> Result<Self> {
        let mut nodes = 0;
        Ok(Self(node(json, 1, &mut nodes)?))
    }
}

impl<'de> Deserialize<'de> for Segment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        Self::parse(&json).map_err(D::Error::custom)
    }
}

fn malformed<T>(text: impl Into<String>) -> Result<T> {
    Err(SegmentError::Malformed(text.into()))
}

fn unknown<T>(what: &str, name: &str, known: &str) -> Result<T> {
    let name: String = name.chars().take(100).collect();
    Err(SegmentError::Unknown(format!("unknown {what} \"{name}\"; there are {known}")))
}

fn node(json: &Value, depth: usize, nodes: &mut usize) -> Result<SegmentNode> {
    *nodes += 1;
    if depth > MAX_DEPTH || *nodes > MAX_NODES {
        return malformed(format!(
            "a segment may be {MAX_DEPTH} levels deep and have {MAX_NODES} conditions"
        ));
    }
    let Value::Object(object) = json else {
        return malformed("a segment is a JSON object, such as {\"all\": []}");
    };
    let inner = |name: &str, value: &Value, nodes: &mut usize| match value {
        Value::Array(items) => {
            items.iter().map(|item| node(item, depth + 1, nodes)).collect::<Result<Vec<_>>>()
        }
        _ => malformed(format!("\"{name}\" is a list of conditions")),
    };
    let kind = NODES.into_iter().find_map(|kind| object.get(kind).map(|value| (kind, value)));
    let Some((kind, value)) = kind else {
        return match object.keys().next() {
            Some(key) => unknown("key", key, &NODES.join(", ")),
            None => {
                malformed(format!("a condition is empty; it needs one of {}", NODES.join(", ")))
            }
        };
    };
    let allowed: &[&str] = match kind {
        "field" => &["field", "op", "value"],
        "custom" => &["custom", "op", "value"],
        _ => &[kind],
    };
    only(object, allowed)?;
    Ok(match kind {
        "all" => SegmentNode::All { all: inner("all", value, nodes)? },
        "any" => SegmentNode::Any { any: inner("any", value, nodes)? },
        "not" => SegmentNode::Not { not: Box::new(node(value, depth + 1, nodes)?) },
        "field" => {
            let name = text("field", value)?;
            if field::find(&name).is_none() {
                return unknown("field", &name, &field::names());
            }
            SegmentNode::Field(FieldCondition {
                field: name,
                op: operator(object)?,
                value: operand(object)?,
            })
        }
        "custom" => SegmentNode::Custom(CustomCondition {
            custom: text("custom", value)?,
            op: operator(object)?,
            value: operand(object)?,
        }),
        "list" => {
            let id = text("list", value)?;
            match id.parse() {
                Ok(list) => SegmentNode::List { list },
                Err(_) => return unknown("list", &id, "the lists of this workspace, by id"),
            }
        }
        "created" => SegmentNode::Created { created: range(value)? },
        "task" => SegmentNode::Task { task: task(value)? },
        "campaign" => SegmentNode::Campaign { campaign: campaign(value)? },
        "consent" => {
            let channel = text("consent", value)?;
            match ConsentChannel::parse(&channel) {
                Some(consent) => SegmentNode::Consent { consent },
                None => return unknown("channel", &channel, "email, text"),
            }
        }
        "stage_days" => SegmentNode::StageDays { stage_days: stage_days(value)? },
        _ => SegmentNode::Activity { activity: activity(value)? },
    })
}

/// Refuses keys beside those allowed.
fn only(object: &Map<String, Value>, allowed: &[&str]) -> Result<()> {
    match object.keys().find(|key| !allowed.contains(&key.as_str())) {
        Some(key) => unknown("key", key, &format!("only {} here", allowed.join(", "))),
        None => Ok(()),
    }
}

fn text(key: &str, value: &Value) -> Result<String> {
    match value {
        Value::String(text) if text.contains('\0') || text.chars().count() > MAX_CHARS => {
            malformed(format!("\"{key}\" is too long or holds a null character"))
        }
        Value::String(text) => Ok(text.clone()),
        _ => malformed(format!("\"{key}\" is a text")),
    }
}

fn operator(object: &Map<String, Value>) -> Result<Operator> {
    let Some(value) = object.get("op") else {
        return malformed("a condition on a field needs an \"op\", such as \"eq\"");
    };
    let word = text("op", value)?;
    match Operator::ALL.into_iter().find(|op| op.as_str() == word) {
        Some(op) => Ok(op),
        None => unknown("operator", &word, &Operator::ALL.map(Operator::as_str).join(", ")),
    }
}

fn operand(object: &Map<String, Value>) -> Result<Option<Operand>> {
    Ok(Some(match object.get("value") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Bool(truth)) => Operand::Boolean(*truth),
        Some(Value::Number(number)) => match number.as_f64() {
            Some(number) => Operand::Number(number),
            None => return malformed("\"value\" is no number that can be compared"),
        },
        Some(value @ Value::String(_)) => Operand::Text(text("value", value)?),
        Some(Value::Array(items)) if items.len() > MAX_VALUES => {
            return malformed(format!("\"value\" lists at most {MAX_VALUES} texts"));
        }
        Some(Value::Array(items)) => {
            let texts = items.iter().map(|item| match item {
                // A list of numbers is as good as a list of their texts.
                Value::Number(number) => Ok(number.to_string()),
                item => text("value", item),
            });
            Operand::Texts(texts.collect::<Result<_>>()?)
        }
        Some(Value::Object(_)) => {
            return malformed("\"value\" is a text, a number, true, false or a list of texts");
        }
    }))
}

fn object<'a>(key: &str, value: &'a Value, allowed: &[&str]) -> Result<&'a Map<String, Value>> {
    let Value::Object(object) = value else {
        return malformed(format!("\"{key}\" is an object with {}", allowed.join(", ")));
    };
    only(object, allowed)?;
    Ok(object)
}

fn range(value: &Value) -> Result<Range> {
    let object = object("created", value, &["after", "before"])?;
    Ok(Range { after: bound(object, "after")?, before: bound(object, "before")? })
}

fn bound(object: &Map<String, Value>, key: &str) -> Result<Option<String>> {
    let Some(value) = object.get(key).filter(|value| !value.is_null()) else { return Ok(None) };
    let bound = text(key, value)?;
    Range::moment(key, &bound)?;
    Ok(Some(bound))
}

fn activity(value: &Value) -> Result<Activity> {
    let object = object("activity", value, &["type", "op", "days"])?;
    let (Some(kind), Some(op)) = (object.get("type"), object.get("op")) else {
        return malformed("\"activity\" needs a \"type\" and an \"op\"");
    };
    let (kind, op) = (text("type", kind)?, text("op", op)?);
    if !KINDS.contains(&kind.as_str()) {
        return unknown("entry type", &kind, &KINDS.join(", "));
    }
    let Some(op) = ActivityOperator::ALL.into_iter().find(|known| known.as_str() == op) else {
        let known = ActivityOperator::ALL.map(ActivityOperator::as_str).join(", ");
        return unknown("operator", &op, &known);
    };
    let days = match object.get("days") {
        None | Some(Value::Null) => None,
        Some(value) => Some(days("days", value)?),
    };
    Activity { kind, op, days }.checked()
}

fn days(key: &str, value: &Value) -> Result<u32> {
    let days = value.as_u64().filter(|days| (1..=MAX_DAYS).contains(days));
    match days.and_then(|days| u32::try_from(days).ok()) {
        Some(days) => Ok(days),
        None => malformed(format!("\"{key}\" is a whole number from 1 to {MAX_DAYS}")),
    }
}

fn task(value: &Value) -> Result<TaskState> {
    let object = object("task", value, &["op", "assignee_id"])?;
    let Some(op) = object.get("op") else {
        return malformed("\"task\" needs an \"op\", such as \"open\"");
    };
    let op = text("op", op)?;
    let Some(op) = TaskOperator::ALL.into_iter().find(|known| known.as_str() == op) else {
        return unknown("operator", &op, &TaskOperator::ALL.map(TaskOperator::as_str).join(", "));
    };
    let assignee_id = match object.get("assignee_id") {
        None | Some(Value::Null) => None,
        Some(id) => {
            let id = text("assignee_id", id)?;
            match id.parse() {
                Ok(id) => Some(id),
                Err(_) => return unknown("member", &id, "the members of this workspace, by id"),
            }
        }
    };
    Ok(TaskState { op, assignee_id })
}

fn campaign(value: &Value) -> Result<CampaignState> {
    let object = object("campaign", value, &["id", "op"])?;
    let (Some(id), Some(op)) = (object.get("id"), object.get("op")) else {
        return malformed("\"campaign\" needs an \"id\" and an \"op\"");
    };
    let (id, op) = (text("id", id)?, text("op", op)?);
    let Some(op) = CampaignOperator::ALL.into_iter().find(|known| known.as_str() == op) else {
        let known = CampaignOperator::ALL.map(CampaignOperator::as_str).join(", ");
        return unknown("operator", &op, &known);
    };
    match id.parse() {
        Ok(id) => Ok(CampaignState { id, op }),
        Err(_) => unknown("campaign", &id, "the campaigns of this workspace, by id"),
    }
}

fn stage_days(value: &Value) -> Result<StageDays> {
    let object = object("stage_days", value, &["more_than"])?;
    match object.get("more_than") {
        Some(value) => Ok(StageDays { more_than: days("more_than", value)? }),
        None => malformed("\"stage_days\" needs \"more_than\", a number of days"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(json: &Value) -> String {
        Segment::parse(json).unwrap_err().to_string()
    }

    #[test]
    fn segments_round_trip() {
        for json in [
            json!({"all": []}),
            json!({"any": [{"field": "company", "op": "contains", "value": "bakery"}]}),
            json!({"not": {"custom": "vip", "op": "eq", "value": true}}),
            json!({"field": "value_minor", "op": "in", "value": ["1", "2"]}),
            json!({"list": "018f2f4e-0000-7000-8000-000000000000"}),
            json!({"created": {"after": "2026-01-01", "before": "2026-11-03T09:00:00Z"}}),
            json!({"activity": {"type": "email", "op": "none_since", "days": 30}}),
            json!({"task": {"op": "overdue"}}),
            json!({"task": {"op": "none", "assignee_id": "018f2f4e-0000-7000-8000-000000000000"}}),
            json!({"stage_days": {"more_than": 30}}),
            json!({"consent": "email"}),
            json!({"campaign": {"id": "018f2f4e-0000-7000-8000-000000000000", "op": "not_replied"}}),
        ] {
            let segment = Segment::parse(&json).unwrap();
            assert_eq!(serde_json::to_value(&segment).unwrap(), json);
            assert_eq!(serde_json::from_value::<Segment>(json).unwrap(), segment);
        }
    }

    #[test]
    fn refusals_name_what_is_wrong() {
        for (json, named) in [
            (json!([]), "JSON object"),
            (json!({}), "empty"),
            (json!({"every": []}), "\"every\""),
            (json!({"all": [], "any": []}), "\"any\""),
            (json!({"all": {}}), "\"all\""),
            (json!({"field": "shoe_size", "op": "eq", "value": 1}), "\"shoe_size\""),
            (json!({"field": "company", "op": "like", "value": "x"}), "\"like\""),
            (json!({"field": "company", "value": "x"}), "\"op\""),
            (json!({"field": "company", "op": "eq", "value": {"a": 1}}), "\"value\""),
            (json!({"field": "company", "op": "eq", "value": "a\u{0}"}), "null character"),
            (json!({"field": "company", "op": "eq", "values": []}), "\"values\""),
            (json!({"list": "17"}), "\"17\""),
            (json!({"created": {"since": "2026"}}), "\"since\""),
            (json!({"created": {"after": "soon"}}), "\"soon\""),
            (json!({"activity": {"type": "fax", "op": "sent"}}), "\"fax\""),
            (json!({"activity": {"type": "email", "op": "burnt"}}), "\"burnt\""),
            (json!({"activity": {"type": "email", "op": "none_since"}}), "\"days\""),
            (json!({"activity": {"type": "email", "op": "sent", "days": 0}}), "\"days\""),
            (json!({"activity": {"type": "call", "op": "opened"}}), "opened"),
            (json!({"task": {}}), "\"op\""),
            (json!({"task": {"op": "late"}}), "\"late\""),
            (json!({"task": {"op": "open", "kind": "call"}}), "\"kind\""),
            (json!({"task": {"op": "open", "assignee_id": "17"}}), "\"17\""),
            (json!({"stage_days": {}}), "more_than"),
            (json!({"stage_days": {"more_than": 1.5}}), "more_than"),
            (json!({"stage_days": 30}), "stage_days"),
            (json!({"consent": "fax"}), "\"fax\""),
            (json!({"consent": true}), "\"consent\""),
            (json!({"campaign": {"op": "sent"}}), "\"id\""),
            (json!({"campaign": {"id": "17", "op": "sent"}}), "\"17\""),
            (json!({"campaign": {"id": "17", "op": "liked"}}), "\"liked\""),
        ] {
            let refusal = refusal(&json);
            assert!(refusal.contains(named), "{json}: {refusal}");
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let nested =
            |levels| (0..levels).fold(json!({"all": []}), |inner, _| json!({"not": inner}));
        assert!(Segment::parse(&nested(MAX_DEPTH - 1)).is_ok());
        assert!(refusal(&nested(MAX_DEPTH)).contains("levels"));
        let wide = |n: usize| json!({"any": vec![json!({"all": []}); n]});
        assert!(Segment::parse(&wide(MAX_NODES - 1)).is_ok());
        assert!(refusal(&wide(MAX_NODES)).contains("conditions"));
    }
}

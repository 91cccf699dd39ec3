//! What a segment means, written down a second time and plainly: a walk over the tree for one contact that is held in
//! memory. The queries are held against it.

use std::collections::{BTreeMap, BTreeSet};

use crm_contacts::Contact;
use crm_contacts::contacts::CustomValue;
use crm_contacts::tasks::Task;
use crm_contacts::timeline::{LogContent, LogEntry};
use crm_core::Timestamp;
use serde_json::Value;

/// One contact with everything a segment may ask about.
pub struct Known {
    pub contact: Contact,
    pub lists: BTreeSet<String>,
    pub logs: Vec<LogEntry>,
    pub tasks: Vec<Task>,
    /// What became of them in each campaign, by its id.
    pub campaigns: BTreeMap<String, Got>,
}

/// A row of a campaign's ledger.
#[derive(Debug, Clone, Copy)]
pub struct Got {
    pub sent: bool,
    pub opened: bool,
    pub clicked: bool,
    pub replied: bool,
}

/// What is asked at what moment.
pub struct Model<'a> {
    pub now: Timestamp,
    /// Types of the custom fields.
    pub fields: &'a BTreeMap<String, String>,
}

impl Model<'_> {
    /// Whether the contact is in the segment.
    pub fn holds(&self, node: &Value, known: &Known) -> bool {
        let (key, value) = node
            .as_object()
            .unwrap()
            .iter()
            .find(|(key, _)| !matches!(key.as_str(), "op" | "value"))
            .unwrap();
        match key.as_str() {
            "all" => value.as_array().unwrap().iter().all(|node| self.holds(node, known)),
            "any" => value.as_array().unwrap().iter().any(|node| self.holds(node, known)),
            "not" => !self.holds(value, known),
            "field" => field(node, known),
            "custom" => self.custom(node, known),
            "list" => known.lists.contains(value.as_str().unwrap()),
            "created" => created(value, known),
            "activity" => self.activity(value, known),
            "task" => self.task(value, known),
            "campaign" => campaign(value, known),
            "stage_days" => {
                let days = value["more_than"].as_u64().unwrap();
                known.contact.stage_since.is_some_and(|since| since <= self.before(days))
            }
            other => panic!("the model knows no {other}"),
        }
    }

    fn before(&self, days: u64) -> Timestamp {
        self.now.minus(std::time::Duration::from_hours(24 * days))
    }

    fn custom(&self, node: &Value, known: &Known) -> bool {
        let name = node["custom"].as_str().unwrap();
        let stored = known.contact.custom.get(name);
        let op = node["op"].as_str().unwrap();
        let is_number = self.fields[name] == "number";
        let value = stored.map(|stored| match stored {
            CustomValue::Boolean(truth) => truth.to_string(),
            CustomValue::Number(number) => number.to_string(),
            CustomValue::Text(text) => text.clone(),
        });
        let wanted = |operand: &Value| match operand {
            Value::String(text) if is_number => text.trim().parse::<f64>().unwrap().to_string(),
            Value::Number(number) => number.as_f64().unwrap().to_string(),
            Value::Bool(truth) => truth.to_string(),
            other => other.as_str().unwrap().to_owned(),
        };
        compare(op, value.as_deref(), &node["value"], wanted)
    }

    fn activity(&self, asked: &Value, known: &Known) -> bool {
        let kind = asked["type"].as_str().unwrap();
        let since = asked["days"].as_u64().map(|days| self.before(days));
        let lately = |at: Timestamp| since.is_none_or(|since| at >= since);
        let mut logs = known.logs.iter().filter(|log| log.content.kind() == kind);
        match asked["op"].as_str().unwrap() {
            "none_since" => !logs.any(|log| lately(log.timestamp)),
            "sent" => logs.any(|log| {
                let is_message = matches!(kind, "email" | "text");
                lately(log.timestamp) && (!is_message || log.status == "sent")
            }),
            _ => logs.any(|log| match &log.content {
                LogContent::Email { opened, .. } => opened.is_some_and(lately),
                _ => false,
            }),
        }
    }

    fn task(&self, asked: &Value, known: &Known) -> bool {
        let whose = asked["assignee_id"].as_str();
        let mut open = known.tasks.iter().filter(|task| {
            let assignee = task.assignee_id.map(|id| id.to_string());
            task.done_at.is_none() && whose.is_none_or(|whose| assignee.as_deref() == Some(whose))
        });
        match asked["op"].as_str().unwrap() {
            "open" => open.next().is_some(),
            "none" => open.next().is_none(),
            _ => open.any(|task| task.due_at.is_some_and(|due| due < self.now)),
        }
    }
}

fn campaign(asked: &Value, known: &Known) -> bool {
    let got = known.campaigns.get(asked["id"].as_str().unwrap()).filter(|got| got.sent);
    match asked["op"].as_str().unwrap() {
        "not_sent" => got.is_none(),
        "sent" => got.is_some(),
        "opened" => got.is_some_and(|got| got.opened),
        "clicked" => got.is_some_and(|got| got.clicked),
        "replied" => got.is_some_and(|got| got.replied),
        _ => got.is_some_and(|got| !got.replied),
    }
}

fn field(node: &Value, known: &Known) -> bool {
    let contact = &known.contact;
    let text = |text: &String| Some(text.clone());
    let value = match node["field"].as_str().unwrap() {
        "first_name" => text(&contact.first_name),
        "last_name" => text(&contact.last_name),
        "company" => text(&contact.company),
        "primary_email" => contact.primary_email.clone(),
        "primary_phone" => contact.primary_phone.clone(),
        "owner_id" => contact.owner_id.map(|id| id.to_string()),
        _ => contact.value_minor.map(|value| value.to_string()),
    };
    let op = node["op"].as_str().unwrap();
    let value = match op {
        // An empty name is one that is not set.
        "is_set" | "is_not_set" => value.filter(|value| !value.is_empty()),
        _ => value,
    };
    let wanted = |operand: &Value| match operand {
        Value::Number(number) => number.to_string(),
        other => other.as_str().unwrap().to_owned(),
    };
    compare(op, value.as_deref(), &node["value"], wanted)
}

fn compare(
    op: &str,
    value: Option<&str>,
    operand: &Value,
    wanted: impl Fn(&Value) -> String,
) -> bool {
    let value = value.map(str::to_lowercase);
    let is = |operand: &Value| value.as_ref().is_some_and(|v| *v == wanted(operand).to_lowercase());
    let lower = || wanted(operand).to_lowercase();
    match op {
        "is_set" => value.is_some(),
        "is_not_set" => value.is_none(),
        "eq" => is(operand),
        "neq" => !is(operand),
        "in" => operand.as_array().unwrap().iter().any(is),
        "contains" => value.as_ref().is_some_and(|value| value.contains(&lower())),
        "starts_with" => value.as_ref().is_some_and(|value| value.starts_with(&lower())),
        other => panic!("the model knows no {other}"),
    }
}

fn created(range: &Value, known: &Known) -> bool {
    let moment = |key: &str| -> Option<Timestamp> {
        let text = range[key].as_str()?;
        let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
        Some(whole.parse().unwrap())
    };
    let on = known.contact.created_on;
    moment("after").is_none_or(|after| on >= after)
        && moment("before").is_none_or(|before| on < before)
}

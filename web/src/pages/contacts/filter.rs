//! What the list of contacts is filtered by: it stands in the address, whole, so that every view of the list is a link.

use crm_contacts::bulk::Filter;
use crm_contacts::fields::{Field, FieldType};
use crm_contacts::lists::List;
use crm_contacts::segments::saved::SavedSegment;
use crm_contacts::segments::{
    CustomCondition, FieldCondition, Operand, Operator, Segment, SegmentNode,
};
use crm_core::accounts::Member;
use crm_core::{Cursor, ListId, SegmentId, UserId};
use serde::Deserialize;

use crate::pages::errors;
use crate::views::common::Choice;
use crate::views::contacts::{FilterChip, FilterForm};

/// The word for "mine" in the address.
const MINE: &str = "me";
/// The word for "nobody's".
const NOBODY: &str = "none";

/// The query of the address.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default)]
pub(super) struct Params {
    pub(super) q: String,
    pub(super) list_id: String,
    pub(super) segment_id: String,
    pub(super) owner: String,
    /// `custom.<field>`
    pub(super) field: String,
    pub(super) value: String,
    /// A segment as JSON, for links of the program's own.
    pub(super) rule: String,
    pub(super) sort: String,
    pub(super) cursor: Option<String>,
}

impl Params {
    pub(super) fn list(&self) -> Option<ListId> {
        self.list_id.parse().ok()
    }

    pub(super) fn segment(&self) -> Option<SegmentId> {
        self.segment_id.parse().ok()
    }

    fn custom(&self) -> Option<&str> {
        self.field.strip_prefix("custom.").filter(|_| !self.value.is_empty())
    }

    /// The rule; `None` where there is none, or none that can be read.
    pub(super) fn segment_rule(&self) -> Option<Segment> {
        serde_json::from_str(&self.rule).ok()
    }

    /// Whether anything but the words narrows the list.
    pub(super) fn narrows(&self) -> bool {
        !self.query("", &[]).is_empty()
    }

    /// The query of an address with everything but `without`, the sort given, and no cursor.
    pub(super) fn query(&self, sort: &str, without: &[&str]) -> String {
        let encode = errors::serde_urlencode;
        let pairs = [
            ("q", self.q.as_str()),
            ("list_id", &self.list_id),
            ("segment_id", &self.segment_id),
            ("owner", &self.owner),
            ("field", &self.field),
            ("value", &self.value),
            ("rule", &self.rule),
            ("sort", sort),
        ];
        let kept =
            pairs.into_iter().filter(|(name, value)| !value.is_empty() && !without.contains(name));
        kept.map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
    }

    pub(super) fn url(&self, sort: &str, cursor: Option<&Cursor>) -> String {
        let mut query = self.query(sort, &[]);
        if let Some(cursor) = cursor {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str("cursor=");
            query.push_str(&cursor.encode());
        }
        at("/contacts", &query)
    }

    /// The conditions beside words, list and saved segment.
    fn conditions(&self, me: UserId, fields: &[Field]) -> Vec<SegmentNode> {
        let mut all: Vec<SegmentNode> =
            self.segment_rule().map(|rule| rule.0).into_iter().collect();
        let owner = |op, value: Option<String>| {
            let value = value.map(Operand::Text);
            SegmentNode::Field(FieldCondition { field: "owner_id".to_owned(), op, value })
        };
        match self.owner.as_str() {
            "" => {}
            MINE => all.push(owner(Operator::Eq, Some(me.to_string()))),
            NOBODY => all.push(owner(Operator::IsNotSet, None)),
            id => all.extend(
                id.parse::<UserId>().ok().map(|id| owner(Operator::Eq, Some(id.to_string()))),
            ),
        }
        if let Some(name) = self.custom()
            && let Some(field) = fields.iter().find(|field| field.name == name)
        {
            let text = || Operand::Text(self.value.clone());
            let (op, value) = match field.field_type {
                FieldType::Text | FieldType::Url => (Operator::Contains, text()),
                FieldType::Boolean => (Operator::Eq, Operand::Boolean(self.value == "true")),
                FieldType::Number => {
                    let number = self.value.trim().parse::<f64>().ok();
                    (Operator::Eq, number.map_or_else(text, Operand::Number))
                }
                FieldType::Date | FieldType::Select => (Operator::Eq, text()),
            };
            let custom = name.to_owned();
            all.push(SegmentNode::Custom(CustomCondition { custom, op, value: Some(value) }));
        }
        all
    }

    /// Everything but words and list, as one segment.
    pub(super) fn as_segment(
        &self,
        me: UserId,
        fields: &[Field],
        saved: Option<&SavedSegment>,
    ) -> Option<Segment> {
        let mut all = self.conditions(me, fields);
        all.extend(saved.map(|saved| saved.segment.0.clone()));
        (!all.is_empty()).then_some(Segment(SegmentNode::All { all }))
    }

    /// Where the same contacts are had as a file of this name.
    pub(super) fn export_url(
        &self,
        name: &str,
        me: UserId,
        fields: &[Field],
        saved: Option<&SavedSegment>,
    ) -> String {
        let encode = errors::serde_urlencode;
        let segment = self.as_segment(me, fields, saved);
        let json = segment.and_then(|segment| serde_json::to_string(&segment).ok());
        let json = json.unwrap_or_default();
        let pairs = [("q", self.q.as_str()), ("list_id", &self.list_id), ("segment_json", &json)];
        let kept = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let query: Vec<String> =
            kept.map(|(name, value)| format!("{name}={}", encode(value))).collect();
        at(&format!("/api/export/{name}"), &query.join("&"))
    }

    /// The same for an action on all that match.
    pub(super) fn as_filter(&self, me: UserId, fields: &[Field]) -> Filter {
        let all = self.conditions(me, fields);
        let json = (!all.is_empty()).then_some(SegmentNode::All { all });
        Filter {
            q: self.q.clone(),
            list_id: self.list(),
            segment_id: self.segment(),
            segment_json: json.and_then(|node| serde_json::to_string(&node).ok()),
        }
    }

    /// The chips above the table.
    pub(super) fn chips(
        &self,
        lists: &[List],
        members: &[Member],
        fields: &[Field],
        (saved, rule): (Option<&SavedSegment>, Option<String>),
    ) -> Vec<FilterChip> {
        let chip = |label: &str, value: String, names: &[&str]| FilterChip {
            label: label.to_owned(),
            value,
            remove_url: at("/contacts", &self.query(&self.sort, names)),
        };
        let mut chips = Vec::new();
        if let Some(list) = lists.iter().find(|list| Some(list.id) == self.list()) {
            let label = if list.is_primary { "Stage is" } else { "Tag is" };
            chips.push(chip(label, list.name.clone(), &["list_id"]));
        }
        if let Some(saved) = saved {
            chips.push(chip("Segment is", saved.name.clone(), &["segment_id"]));
        }
        if let Some(rule) = rule {
            chips.push(chip("Rule is", rule, &["rule"]));
        }
        match self.owner.as_str() {
            "" => {}
            MINE => chips.push(chip("Owner is", "me".to_owned(), &["owner"])),
            NOBODY => chips.push(chip("Owner is", "nobody".to_owned(), &["owner"])),
            id => {
                let named = members.iter().find(|member| member.user_id.to_string() == id);
                let name = named.map_or("somebody gone", |member| member.name.as_str());
                chips.push(chip("Owner is", name.to_owned(), &["owner"]));
            }
        }
        if let Some(name) = self.custom() {
            let field = fields.iter().find(|field| field.name == name);
            let label = field.map_or(name, |field| field.label.as_str());
            chips.push(chip(label, self.value.clone(), &["field", "value"]));
        }
        chips
    }

    /// The form behind "Filter".
    pub(super) fn form(
        &self,
        lists: &[List],
        members: &[Member],
        fields: &[Field],
        segments: &[SavedSegment],
    ) -> FilterForm {
        let owners = [(MINE, "Me"), (NOBODY, "Nobody")];
        let words = owners.iter().map(|(id, label)| Choice::new(*id, *label, self.owner == *id));
        let people = members.iter().map(|member| {
            let id = member.user_id.to_string();
            let chosen = self.owner == id;
            Choice::new(id, &member.name, chosen)
        });
        let list = |list: &List| {
            let kind = if list.is_primary { "stage" } else { "tag" };
            Choice::new(list.id.to_string(), &list.name, Some(list.id) == self.list())
                .with_hint(kind)
        };
        FilterForm {
            lists: lists.iter().map(list).collect(),
            owners: words.chain(people).collect(),
            segments: segments
                .iter()
                .map(|one| {
                    Choice::new(one.id.to_string(), &one.name, Some(one.id) == self.segment())
                })
                .collect(),
            fields: fields
                .iter()
                .filter(|field| field.archived_at.is_none())
                .map(|field| {
                    let name = format!("custom.{}", field.name);
                    let chosen = self.field == name;
                    Choice::new(name, &field.label, chosen)
                })
                .collect(),
            value: self.value.clone(),
        }
    }
}

/// A path with a query, where there is one.
pub(super) fn at(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

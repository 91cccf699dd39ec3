//! `/segments`: saved segments, and the builder of one.

use serde::Serialize;

use super::View;
use super::common::{Choice, FormErrors};
use super::shell::Shell;

/// `/segments`. Form: `POST /segments/{id}/delete`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SegmentsPage {
    /// The frame.
    pub shell: Shell,
    /// The segments, by name.
    pub rows: Vec<SegmentRow>,
    /// Whether this person may change them.
    pub may_write: bool,
}

/// A saved segment.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SegmentRow {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it says, in words.
    pub says: String,
    /// Contacts it means now; absent where it names something that is gone.
    pub count: Option<u64>,
    /// Who saved it, where they are still a member.
    pub created_by: Option<String>,
    /// When it was last changed.
    pub updated_at: String,
}

/// `/segments/new`, `/segments/{id}`. The form posts to `/segments` (a new one) or `/segments/{id}`, and every other button
/// in it to `/segments/build`, which answers this page again.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SegmentPage {
    /// The frame.
    pub shell: Shell,
    /// Its id; absent for a new one.
    pub id: Option<String>,
    /// The version the form was made from.
    pub version: i64,
    /// `name`
    pub name: String,
    /// The conditions; absent where the segment is deeper than they can show.
    pub builder: Option<Builder>,
    /// The segment as JSON, where there is no builder.
    pub json: String,
    /// Contacts it means, where there is no builder.
    pub count: Option<u64>,
    /// What somebody else saved meanwhile.
    pub theirs: Option<SegmentRow>,
    /// What is wrong.
    pub errors: FormErrors,
    /// Whether this person may save it.
    pub may_write: bool,
}

/// The conditions, and how many contacts meet them. Swapped by itself while somebody works on it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Builder {
    /// The segment itself, then the groups in it.
    pub groups: Vec<BuilderGroup>,
    /// Contacts that meet it; absent where it cannot be counted.
    pub count: Option<u64>,
    /// Contacts there are.
    pub of: u64,
    /// Names of a few of them.
    pub sample: Vec<String>,
    /// Why it cannot be counted.
    pub problem: Option<String>,
    /// Conditions left out of the count, because they lack something.
    pub incomplete: u64,
}

/// Conditions joined by `all` or `any`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BuilderGroup {
    /// Its number; 0 is the segment itself.
    pub number: usize,
    /// Whether one of its conditions is enough.
    pub any: bool,
    /// Its conditions.
    pub rows: Vec<BuilderRow>,
}

/// One condition: `on.{key}`, `op.{key}`, `value.{key}`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BuilderRow {
    /// Number of the group and of the condition in it: `0.2`.
    pub key: String,
    /// What it can be about.
    pub subjects: Vec<Choice>,
    /// How it can compare.
    pub operators: Vec<Choice>,
    /// `none`, `select`, or the type of the input.
    pub input: String,
    /// What a value is chosen from.
    pub choices: Vec<Choice>,
    /// What was typed.
    pub value: String,
    /// What stands behind the input: `days`, or nothing.
    pub unit: String,
    /// What an empty input says.
    pub placeholder: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl View for SegmentsPage {
    const TEMPLATE: &'static str = "pages/segments/index.html";

    fn samples() -> Vec<Self> {
        super::samples::segments::pages()
    }
}

impl View for SegmentPage {
    const TEMPLATE: &'static str = "pages/segments/form.html";

    fn samples() -> Vec<Self> {
        super::samples::segments::one()
    }
}

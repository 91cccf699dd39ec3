//! Small parts several pages share: choices, links, pagers, stages, tags, form errors.

use std::collections::BTreeMap;

use serde::Serialize;

/// What is wrong with a form. Fields are named as in the form; the pages show each message beside its field and, when
/// there is more than one, all of them on top with links.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FormErrors {
    /// Wrong with the form as a whole.
    pub general: Option<String>,
    /// Field name → what to do about it.
    pub fields: BTreeMap<String, String>,
    /// The names in the order they were added, which is the order of the list on top.
    pub order: Vec<String>,
}

impl FormErrors {
    /// Nothing is wrong.
    pub fn none() -> Self {
        Self::default()
    }

    /// One sentence about the form as a whole.
    pub fn general(text: impl Into<String>) -> Self {
        Self { general: Some(text.into()), ..Self::default() }
    }

    /// Adds a message for one field.
    #[must_use]
    pub fn with(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        let field = field.into();
        if self.fields.insert(field.clone(), message.into()).is_none() {
            self.order.push(field);
        }
        self
    }

    /// Whether the form may go through.
    pub fn is_empty(&self) -> bool {
        self.general.is_none() && self.fields.is_empty()
    }
}

/// One option of a select, a radio group or a list of check boxes.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What the person reads.
    pub label: String,
    /// A second, quieter line; may be empty.
    pub hint: String,
    /// Whether it is chosen now.
    pub selected: bool,
}

impl Choice {
    /// A choice without a second line.
    pub fn new(value: impl Into<String>, label: impl Into<String>, selected: bool) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new(), selected }
    }

    /// Adds the second line.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// A label that leads somewhere.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Link {
    /// What the person reads.
    pub label: String,
    /// Where it leads, a path of this server.
    pub url: String,
}

impl Link {
    /// A link.
    pub fn new(label: impl Into<String>, url: impl Into<String>) -> Self {
        Self { label: label.into(), url: url.into() }
    }
}

/// A tab or filter that is a link.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Tab {
    /// What the person reads.
    pub label: String,
    /// Where it leads.
    pub url: String,
    /// How many are behind it, where known.
    pub count: Option<u64>,
    /// Whether the page shows this one.
    pub current: bool,
}

/// Links through a long list. A keyset has no page numbers: there is a first page, and a next and a previous one.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Pager {
    /// How many rows this page shows.
    pub shown: u64,
    /// How many there are in all; a floor where `total_exact` is false.
    pub total: u64,
    /// Whether `total` was counted to the end.
    pub total_exact: bool,
    /// Back to the beginning; absent on the first page.
    pub first_url: Option<String>,
    /// One page back; absent on the first page.
    pub prev_url: Option<String>,
    /// One page on; absent on the last page.
    pub next_url: Option<String>,
}

/// A pipeline stage as the pages draw it: a name and as many filled pips as its place in the pipeline.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Stage {
    /// Id of the primary list.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Category colour, 1 to 8.
    pub color: u8,
    /// Filled pips, 1 to 6.
    pub step: u8,
}

impl Stage {
    /// `position` counts from 1 among `of` stages.
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        color: u8,
        position: usize,
        of: usize,
    ) -> Self {
        let step = (6 * position).div_ceil(of.max(1)).clamp(1, 6);
        Self {
            id: id.into(),
            name: name.into(),
            color: color.clamp(1, 8),
            step: u8::try_from(step).unwrap_or(6),
        }
    }
}

/// A secondary list on a contact.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Tag {
    /// Id of the list.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Category colour, 1 to 8.
    pub color: u8,
}

/// A labelled value in a list of facts.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// Its value; empty reads as "empty".
    pub value: String,
}

impl Fact {
    /// A fact.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into() }
    }
}

/// What to call a person of whom perhaps little is known: name, else company, else address.
pub fn display_name(first: &str, last: &str, company: &str, email: &str, phone: &str) -> String {
    let full = format!("{} {}", first.trim(), last.trim());
    [full.trim(), company.trim(), email.trim(), phone.trim()]
        .into_iter()
        .find(|part| !part.is_empty())
        .unwrap_or("Unnamed contact")
        .to_owned()
}

/// Names of all time zones the program knows, sorted, to choose from.
pub fn time_zones() -> Vec<String> {
    let mut names: Vec<String> =
        jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
    // Old aliases without a region confuse more than they help.
    names.retain(|name| name.contains('/') && !name.starts_with("Etc/") || name == "UTC");
    names.sort_unstable();
    names
}

/// Currencies to choose from, `chosen` marked; one that is not among them is added.
pub fn currencies(chosen: &str) -> Vec<Choice> {
    const KNOWN: [(&str, &str); 20] = [
        ("EUR", "Euro"),
        ("USD", "US dollar"),
        ("GBP", "Pound sterling"),
        ("CHF", "Swiss franc"),
        ("AUD", "Australian dollar"),
        ("BRL", "Brazilian real"),
        ("CAD", "Canadian dollar"),
        ("CZK", "Czech koruna"),
        ("DKK", "Danish krone"),
        ("HUF", "Hungarian forint"),
        ("INR", "Indian rupee"),
        ("JPY", "Japanese yen"),
        ("MXN", "Mexican peso"),
        ("NOK", "Norwegian krone"),
        ("NZD", "New Zealand dollar"),
        ("PLN", "Polish złoty"),
        ("RON", "Romanian leu"),
        ("SEK", "Swedish krona"),
        ("UAH", "Ukrainian hryvnia"),
        ("ZAR", "South African rand"),
    ];
    let mut choices: Vec<Choice> = KNOWN
        .iter()
        .map(|(code, name)| Choice::new(*code, format!("{code}, {name}"), *code == chosen))
        .collect();
    if !chosen.is_empty() && !choices.iter().any(|choice| choice.selected) {
        choices.push(Choice::new(chosen, chosen, true));
    }
    choices
}

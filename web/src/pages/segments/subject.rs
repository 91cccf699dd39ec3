//! What a condition of the builder can be about: the columns, custom fields, lists and so on, with the operators and the
//! input each of them has.

use crm_contacts::fields::{Field, FieldType};
use crm_contacts::lists::List;
use crm_core::accounts::Member;
use crm_core::paging::MAX_LIMIT;
use crm_core::{CampaignId, PageRequest, Permission, Scope};

use crate::error::AppError;
use crate::state::App;
use crate::views::common::Choice;

/// An operator by the word in the form and the words people read.
pub(super) type Op = (&'static str, &'static str);

const TEXT: &[Op] = &[
    ("contains", "contains"),
    ("eq", "is"),
    ("neq", "is not"),
    ("starts_with", "begins with"),
    ("in", "is one of"),
    ("is_set", "has a value"),
    ("is_not_set", "is empty"),
];
const CHOICE: &[Op] = &[
    ("eq", "is"),
    ("neq", "is not"),
    ("contains", "contains"),
    ("starts_with", "begins with"),
    ("in", "is one of"),
    ("is_set", "has a value"),
    ("is_not_set", "is empty"),
];
const NUMBER: &[Op] = &[
    ("eq", "is"),
    ("neq", "is not"),
    ("in", "is one of"),
    ("is_set", "has a value"),
    ("is_not_set", "is empty"),
];
const EQUAL: &[Op] =
    &[("eq", "is"), ("neq", "is not"), ("is_set", "has a value"), ("is_not_set", "is empty")];
const LIST: &[Op] = &[("is", "is"), ("is_not", "is not")];
const CREATED: &[Op] = &[("after", "on or after"), ("before", "before")];
const MESSAGE: &[Op] = &[("sent", "sent in the last"), ("none_since", "none in the last")];
const EMAIL: &[Op] = &[
    ("sent", "sent in the last"),
    ("opened", "opened in the last"),
    ("none_since", "none in the last"),
];
const ENTRY: &[Op] = &[("sent", "logged in the last"), ("none_since", "none in the last")];
const TASK: &[Op] = &[("open", "open for"), ("overdue", "overdue for"), ("none", "none open for")];
const CAMPAIGN: &[Op] = &[
    ("sent", "got"),
    ("not_sent", "did not get"),
    ("opened", "opened"),
    ("clicked", "followed a link in"),
    ("replied", "replied to"),
    ("not_replied", "got and did not reply to"),
];
const CONSENT: &[Op] = &[("granted", "given for"), ("missing", "not given for")];
const STAGE: &[Op] = &[("more_than", "more than")];

/// What kind of value a condition compares with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// A text that is one of these.
    Choice(Vec<String>),
    Number,
    /// Money, typed in whole units of the currency.
    Amount,
    Date,
    Boolean,
    Owner,
    List,
    Created,
    /// An entry of the timeline, by its type.
    Activity(&'static str),
    Task,
    Stage,
    Campaign,
    Consent,
}

impl Kind {
    /// The operators there are for it; the first is what a new condition has.
    pub(super) const fn ops(&self) -> &'static [Op] {
        match self {
            Self::Text => TEXT,
            Self::Choice(_) | Self::Date => CHOICE,
            Self::Number | Self::Amount => NUMBER,
            Self::Boolean | Self::Owner => EQUAL,
            Self::List => LIST,
            Self::Created => CREATED,
            Self::Activity(kind) => match kind.as_bytes() {
                b"email" => EMAIL,
                b"text" => MESSAGE,
                _ => ENTRY,
            },
            Self::Task => TASK,
            Self::Stage => STAGE,
            Self::Campaign => CAMPAIGN,
            Self::Consent => CONSENT,
        }
    }
}

/// One thing a condition can be about.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    /// What the form calls it: `field:company`, `custom:plan`, `list` …
    pub(super) key: String,
    pub(super) label: String,
    pub(super) kind: Kind,
}

/// Everything conditions can be about in a workspace, and what they can be compared with.
pub(in crate::pages) struct Subjects {
    pub(super) all: Vec<Subject>,
    pub(super) lists: Vec<List>,
    pub(super) members: Vec<Member>,
    /// The newest campaigns that were started, with their names.
    campaigns: Vec<(CampaignId, String)>,
}

impl Subjects {
    pub(in crate::pages) async fn load(app: &App, scope: &Scope) -> Result<Self, AppError> {
        let lists = app.services.lists.all(scope).await?;
        let members = app.services.accounts.members(scope).await?;
        let fields = app.services.fields.all(scope).await?;
        let mut campaigns = Vec::new();
        if scope.allows(Permission::CampaignsRead) {
            let newest = PageRequest { limit: MAX_LIMIT, cursor: None };
            let found = app.services.campaigns.list(scope, None, newest).await?.items;
            let started = found.into_iter().filter(|one| one.started_at.is_some());
            campaigns.extend(started.map(|one| (one.id, one.name)));
        }
        let mut all = subjects(&fields);
        if campaigns.is_empty() {
            all.retain(|subject| subject.kind != Kind::Campaign);
        }
        Ok(Self { all, lists, members, campaigns })
    }

    pub(super) fn find(&self, key: &str) -> Option<&Subject> {
        self.all.iter().find(|subject| subject.key == key)
    }

    /// What a value is chosen from; `None` where it is typed.
    pub(super) fn choices(&self, kind: &Kind, op: &str, chosen: &str) -> Option<Vec<Choice>> {
        let choice = |value: &str, label: &str| Choice::new(value, label, value == chosen);
        match kind {
            Kind::Choice(options) if matches!(op, "eq" | "neq") => {
                let mut choices: Vec<Choice> =
                    options.iter().map(|option| choice(option, option)).collect();
                if !chosen.is_empty() && choices.iter().all(|choice| !choice.selected) {
                    choices.push(choice(chosen, chosen));
                }
                Some(choices)
            }
            Kind::Consent => Some(vec![choice("email", "email"), choice("text", "text messages")]),
            Kind::Boolean => Some(vec![choice("true", "Yes"), choice("false", "No")]),
            Kind::List => {
                Some(self.lists.iter().map(|l| choice(&l.id.to_string(), &l.name)).collect())
            }
            Kind::Campaign => Some(
                self.campaigns.iter().map(|(id, name)| choice(&id.to_string(), name)).collect(),
            ),
            Kind::Owner | Kind::Task => {
                let people =
                    self.members.iter().map(|one| choice(&one.user_id.to_string(), &one.name));
                let anybody = (*kind == Kind::Task).then(|| choice("", "anybody"));
                Some(anybody.into_iter().chain(people).collect())
            }
            _ => None,
        }
    }
}

fn subjects(fields: &[Field]) -> Vec<Subject> {
    let subject = |key: &str, label: &str, kind: Kind| Subject {
        key: key.to_owned(),
        label: label.to_owned(),
        kind,
    };
    let mut all = vec![
        subject("field:company", "Company", Kind::Text),
        subject("field:first_name", "First name", Kind::Text),
        subject("field:last_name", "Last name", Kind::Text),
        subject("field:primary_email", "Email", Kind::Text),
        subject("field:primary_phone", "Phone", Kind::Text),
        subject("field:value_minor", "Value", Kind::Amount),
        subject("field:owner_id", "Owner", Kind::Owner),
        subject("list", "Stage or tag", Kind::List),
        subject("stage_days", "Time in stage", Kind::Stage),
        subject("created", "Added", Kind::Created),
        subject("task", "Tasks", Kind::Task),
        subject("campaign", "Campaigns", Kind::Campaign),
        subject("consent", "Consent", Kind::Consent),
        subject("activity:email", "Emails", Kind::Activity("email")),
        subject("activity:text", "Text messages", Kind::Activity("text")),
        subject("activity:call", "Calls", Kind::Activity("call")),
        subject("activity:note", "Notes", Kind::Activity("note")),
    ];
    all.extend(fields.iter().map(|field| Subject {
        key: format!("custom:{}", field.name),
        label: field.label.clone(),
        kind: match field.field_type {
            FieldType::Text | FieldType::Url => Kind::Text,
            FieldType::Select => Kind::Choice(field.options.clone()),
            FieldType::Number => Kind::Number,
            FieldType::Boolean => Kind::Boolean,
            FieldType::Date => Kind::Date,
        },
    }));
    all
}

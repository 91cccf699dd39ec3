//! The figures as rows about something: a stage, a tag, a sender, a campaign, or the workspace as a whole. Rules and
//! models read the same rows; a model gets placeholders where names stand.

use serde_json::{Map, Value, json};

use super::figures::{
    Figures, LATELY_DAYS, MONTH_DAYS, QUIET_DAYS, Sender, Sent, Stage, Tag, Tally, quiet_rule,
};
use super::{Figure, Kind, Subject, encode};

/// Most rows of one kind a model gets.
const MOST: usize = 12;

/// Figures about one thing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) subject: Subject,
    /// What people call it; empty for the workspace.
    pub(super) name: String,
    /// What stands for it outside: `S2`.
    pub(super) placeholder: String,
    pub(super) figures: Vec<Figure>,
    /// What can be said about it.
    pub(super) kinds: &'static [Kind],
    /// Where the list behind it is.
    pub(super) url: String,
}

impl Row {
    /// A figure by its name.
    pub(super) fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.name == name)
    }

    /// Its value; 0 where there is none.
    pub(super) fn value(&self, name: &str) -> f64 {
        self.figure(name).map_or(0.0, |figure| figure.value)
    }

    /// These figures, in this order.
    pub(super) fn pick(&self, names: &[&str]) -> Vec<Figure> {
        names.iter().filter_map(|name| self.figure(name)).cloned().collect()
    }
}

/// All rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Sheet {
    pub(super) rows: Vec<Row>,
}

/// One decimal.
pub(super) fn tenth(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// A count as a number to calculate with.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(super) const fn float(count: u64) -> f64 {
    count as f64
}

/// A share in percent with one decimal; 0 of nothing.
pub(super) fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { tenth(float(part) * 100.0 / float(whole)) }
}

fn figure(name: &str, label: &str, value: f64, unit: &str) -> Figure {
    Figure { name: name.to_owned(), label: label.to_owned(), value, unit: unit.to_owned() }
}

fn count(name: &str, label: &str, count: u64, unit: &str) -> Figure {
    figure(name, label, float(count), unit)
}

fn stage(stage: &Stage, place: usize) -> Row {
    let mut figures = vec![count("people", "people in it now", stage.people, "people")];
    figures.extend(
        stage
            .median_days
            .map(|days| figure("median_days", "half of them for at least", days, "days")),
    );
    figures.push(count("moved_on", "left it for another stage", stage.moved_on, "people"));
    figures.push(count("within", "looked at", MONTH_DAYS.into(), "days"));
    Row {
        subject: Subject::Stage(stage.id),
        name: stage.name.clone(),
        placeholder: format!("S{place}"),
        figures,
        kinds: if stage.is_closed { &[] } else { &[Kind::StageStalls] },
        url: format!("/contacts?list_id={}", stage.id),
    }
}

fn tag(tag: &Tag, place: usize) -> Row {
    let (sent, replied) = (tag.sent, tag.replied);
    Row {
        subject: Subject::List(tag.id),
        name: tag.name.clone(),
        placeholder: format!("L{place}"),
        figures: vec![
            count("people", "people in it now", tag.people, "people"),
            count("sent", "messages to them lately", sent.lately, "messages"),
            count("replied", "answered lately", replied.lately, "messages"),
            figure("rate", "answered lately", percent(replied.lately, sent.lately), "%"),
            count("sent_before", "messages to them before", sent.before, "messages"),
            count("replied_before", "answered before", replied.before, "messages"),
            figure("rate_before", "answered before", percent(replied.before, sent.before), "%"),
            count("lately", "lately is the last", LATELY_DAYS.into(), "days"),
        ],
        kinds: &[Kind::ListStoppedReplying],
        url: format!("/contacts?list_id={}", tag.id),
    }
}

fn lost(tally: Tally) -> f64 {
    percent(tally.lost(), tally.tried())
}

fn sender(sender: &Sender, place: usize) -> Row {
    let (lately, before) = (sender.lately, sender.before);
    let of_id = |id: crm_core::CampaignId| format!("/campaigns/{id}/recipients?state=failed");
    let url = match (sender.worst, sender.id) {
        (Some(id), _) if lately.failed > 0 => of_id(id),
        (Some(id), _) => format!("/campaigns/{id}"),
        (None, Some(id)) => format!("/settings/providers/{id}"),
        (None, None) => "/settings/providers".to_owned(),
    };
    Row {
        subject: sender.id.map_or(Subject::Workspace, Subject::Sender),
        name: sender.name.clone(),
        placeholder: format!("P{place}"),
        figures: vec![
            count("tried", "messages tried lately", lately.tried(), "messages"),
            count("failed", "refused lately", lately.failed, "messages"),
            count("bounced", "came back lately", lately.bounced, "messages"),
            figure("lost", "refused or came back lately", lost(lately), "%"),
            count("tried_before", "messages tried before", before.tried(), "messages"),
            figure("lost_before", "refused or came back before", lost(before), "%"),
            count("lately", "lately is the last", LATELY_DAYS.into(), "days"),
        ],
        kinds: if sender.id.is_some() { &[Kind::SenderFailing] } else { &[] },
        url,
    }
}

fn campaign(sent: &Sent, place: usize) -> Row {
    let tally = sent.tally;
    Row {
        subject: Subject::Campaign(sent.id),
        name: sent.name.clone(),
        placeholder: format!("C{place}"),
        figures: vec![
            count("sent", "messages that left", tally.sent, "messages"),
            count("replied", "answered", tally.replied, "messages"),
            figure("rate", "answered", percent(tally.replied, tally.sent), "%"),
            count("bounced", "came back", tally.bounced, "messages"),
            count("unsubscribed", "want no more", tally.left, "people"),
        ],
        kinds: &[Kind::CampaignResult],
        url: format!("/campaigns/{}", sent.id),
    }
}

fn growth(figures: &Figures) -> Row {
    let change = figures.added;
    Row {
        subject: Subject::Workspace,
        name: String::new(),
        placeholder: "growth".to_owned(),
        figures: vec![
            count("added", "contacts added lately", change.lately, "people"),
            count("added_before", "contacts added in the time before", change.before, "people"),
            count("days", "each time is", MONTH_DAYS.into(), "days"),
        ],
        kinds: &[Kind::Growth],
        url: "/contacts?sort=-created_on".to_owned(),
    }
}

fn quiet(figures: &Figures) -> Row {
    let quiet = &figures.quiet;
    let (label, share) = if quiet.is_exact {
        ("people nobody heard of", "share of them")
    } else {
        ("people nobody heard of, at least", "share of them, at least")
    };
    Row {
        subject: Subject::Workspace,
        name: String::new(),
        placeholder: "quiet".to_owned(),
        figures: vec![
            count("people", label, quiet.people, "people"),
            count("of", "people in open stages", quiet.of, "people"),
            figure("share", share, percent(quiet.people, quiet.of), "%"),
            count("days", "no e-mail, text or call for", QUIET_DAYS.into(), "days"),
        ],
        kinds: &[Kind::GoneQuiet],
        url: format!(
            "/contacts?rule={}",
            encode(&quiet_rule(&quiet.stages, QUIET_DAYS).to_string())
        ),
    }
}

fn activity(figures: &Figures) -> Row {
    let all = |lately: bool| {
        [figures.calls, figures.notes, figures.moves]
            .iter()
            .map(|change| if lately { change.lately } else { change.before })
            .sum::<u64>()
    };
    Row {
        subject: Subject::Workspace,
        name: String::new(),
        placeholder: "activity".to_owned(),
        figures: vec![
            count("done", "calls, notes and moves lately", all(true), "entries"),
            count(
                "done_before",
                "calls, notes and moves in the time before",
                all(false),
                "entries",
            ),
            count("calls", "calls lately", figures.calls.lately, "calls"),
            count("notes", "notes lately", figures.notes.lately, "notes"),
            count("moves", "moves to another stage lately", figures.moves.lately, "moves"),
            count("days", "each time is", MONTH_DAYS.into(), "days"),
        ],
        kinds: &[Kind::Activity],
        url: "/insights/changes".to_owned(),
    }
}

fn tasks(figures: &Figures) -> Row {
    Row {
        subject: Subject::Workspace,
        name: String::new(),
        placeholder: "tasks".to_owned(),
        figures: vec![count("overdue", "tasks that are overdue", figures.overdue, "tasks")],
        kinds: &[Kind::OverdueTasks],
        url: "/tasks".to_owned(),
    }
}

impl Sheet {
    /// The rows of these figures.
    pub(super) fn of(figures: &Figures) -> Self {
        let mut rows = vec![growth(figures), quiet(figures), activity(figures), tasks(figures)];
        rows.extend((1..).zip(&figures.stages).map(|(place, one)| stage(one, place)));
        rows.extend((1..).zip(&figures.tags).map(|(place, one)| tag(one, place)));
        rows.extend((1..).zip(&figures.senders).map(|(place, one)| sender(one, place)));
        rows.extend((1..).zip(&figures.campaigns).map(|(place, one)| campaign(one, place)));
        Self { rows }
    }

    /// The row a placeholder stands for.
    pub(super) fn by_placeholder(&self, placeholder: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.placeholder == placeholder)
    }

    /// Whether there is anything to say something about.
    pub(super) fn is_empty(&self) -> bool {
        let counted = ["people", "sent", "tried", "added", "added_before", "done", "overdue"];
        !self.rows.iter().any(|row| counted.iter().any(|name| row.value(name) > 0.0))
    }

    /// The rows a model gets: figures by placeholder, no names.
    pub(super) fn for_model(&self) -> Vec<&Row> {
        let first = |letter: char| {
            self.rows
                .iter()
                .filter(move |row| row.placeholder.starts_with(letter))
                .filter(|row| {
                    row.figures.iter().any(|figure| figure.value > 0.0 && is_counted(figure))
                })
                .take(MOST)
        };
        let of_workspace = self.rows.iter().filter(|row| row.name.is_empty());
        let of_workspace =
            of_workspace.filter(|row| !row.placeholder.starts_with(['S', 'L', 'P', 'C']));
        of_workspace
            .chain(first('S'))
            .chain(first('L'))
            .chain(first('P'))
            .chain(first('C'))
            .collect()
    }

    /// The same as JSON.
    pub(super) fn json(&self) -> Value {
        let rows = self.for_model().into_iter().map(|row| {
            let mut object = Map::new();
            for figure in &row.figures {
                object.insert(figure.name.clone(), json!(figure.value));
            }
            (row.placeholder.clone(), Value::Object(object))
        });
        Value::Object(rows.collect())
    }
}

/// Whether a figure was counted, and is not the length of a time.
pub(super) fn is_counted(figure: &Figure) -> bool {
    !matches!(figure.name.as_str(), "within" | "lately" | "days")
}

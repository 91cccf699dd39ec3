//! What the figures of a timeline say, by rule.

use crm_contacts::Contact;
use crm_contacts::timeline::{LogContent, LogEntry};
use crm_core::{LogId, Timestamp};

use super::Sentence;
use super::entries::days;
use crate::insights::Figure;

/// After so many days without an answer that is worth a word.
const SILENT: u32 = 14;

/// What is counted of a timeline.
#[derive(Default)]
struct Counted {
    sent: Vec<(LogId, Timestamp)>,
    received: Vec<(LogId, Timestamp)>,
    calls: Vec<LogId>,
    notes: Vec<LogId>,
}

fn count(entries: &[LogEntry]) -> Counted {
    let mut counted = Counted::default();
    for entry in entries {
        let at = (entry.id, entry.timestamp);
        match &entry.content {
            LogContent::Email { status, .. } | LogContent::Text { status, .. } => {
                match status.as_str() {
                    "received" => counted.received.push(at),
                    "failed" => {}
                    _ => counted.sent.push(at),
                }
            }
            LogContent::Call { .. } => counted.calls.push(entry.id),
            LogContent::Note { .. } => counted.notes.push(entry.id),
            LogContent::Ai { .. } | LogContent::StageChange { .. } | LogContent::System { .. } => {}
        }
    }
    counted
}

fn figure(name: &str, label: &str, value: u32, unit: &str) -> Figure {
    let (name, label, unit) = (name.to_owned(), label.to_owned(), unit.to_owned());
    Figure { name, label, value: f64::from(value), unit }
}

fn size(all: usize) -> u32 {
    u32::try_from(all).unwrap_or(u32::MAX)
}

fn of(count: usize, one: &str, many: &str) -> Option<String> {
    (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
}

fn ago(days: u32) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        days => format!("{days} days ago"),
    }
}

/// The figures of a timeline, newest entry first, and what they say.
pub(super) fn run(
    contact: &Contact,
    entries: &[LogEntry],
    now: Timestamp,
) -> (Vec<Sentence>, Vec<Figure>) {
    let counted = count(entries);
    let mut said = Vec::new();
    let mut figures = vec![
        figure("sent", "Messages to them", size(counted.sent.len()), "messages"),
        figure("received", "Messages from them", size(counted.received.len()), "messages"),
        figure("calls", "Calls", size(counted.calls.len()), "calls"),
        figure("notes", "Notes", size(counted.notes.len()), "notes"),
    ];
    let kinds = [
        of(counted.sent.len(), "message to them", "messages to them"),
        of(counted.received.len(), "message from them", "messages from them"),
        of(counted.calls.len(), "call", "calls"),
        of(counted.notes.len(), "note", "notes"),
    ];
    let kinds: Vec<String> = kinds.into_iter().flatten().collect();
    let ids = |all: &[(LogId, Timestamp)]| all.iter().map(|(id, _)| *id).collect::<Vec<_>>();
    if !kinds.is_empty() {
        let mut about = ids(&counted.sent);
        about.extend(ids(&counted.received));
        about.extend(counted.calls.iter().chain(&counted.notes));
        said.push(Sentence { text: format!("So far: {}.", list(&kinds)), entries: about });
    }
    let (sent, received) = (counted.sent.first(), counted.received.first());
    for (last, name, label) in [
        (sent, "days_since_sent", "Days since the last message to them"),
        (received, "days_since_received", "Days since the last message from them"),
    ] {
        figures.extend(last.map(|(_, at)| figure(name, label, days(*at, now), "days")));
    }
    said.extend(silence(sent, received, now));
    if let (Some(since), Some(stage)) =
        (contact.stage_since, contact.lists.iter().find(|list| list.is_primary))
    {
        let stood = days(since, now);
        figures.push(figure("days_in_stage", "Days in the stage", stood, "days"));
        let name: String =
            stage.name.chars().filter(|c| !matches!(c, '\u{201c}' | '\u{201d}')).collect();
        let text = match stood {
            0 => format!("They came into \u{201c}{name}\u{201d} today."),
            1 => format!("They have been in \u{201c}{name}\u{201d} for a day."),
            days => format!("They have been in \u{201c}{name}\u{201d} for {days} days."),
        };
        said.push(Sentence { text, entries: Vec::new() });
    }
    (said, figures)
}

/// Who wrote last, and for how long nobody answered.
fn silence(
    sent: Option<&(LogId, Timestamp)>,
    received: Option<&(LogId, Timestamp)>,
    now: Timestamp,
) -> Option<Sentence> {
    let sentence = |text: String, entries: Vec<LogId>| Some(Sentence { text, entries });
    match (sent, received) {
        (Some((id, at)), None) if days(*at, now) >= SILENT => sentence(
            format!(
                "They never wrote back; the last message to them left {}.",
                ago(days(*at, now))
            ),
            vec![*id],
        ),
        (Some((last, at)), Some((answer, answered))) if at > answered => {
            let waiting = days(*at, now);
            let text = if waiting >= SILENT {
                format!("They have not answered the last message, which left {}.", ago(waiting))
            } else {
                format!(
                    "The last word is ours, from {}; theirs came {}.",
                    ago(waiting),
                    ago(days(*answered, now))
                )
            };
            sentence(text, vec![*last, *answer])
        }
        (_, Some((id, at))) => sentence(
            format!(
                "The last word is theirs, from {}: nobody has answered it.",
                ago(days(*at, now))
            ),
            vec![*id],
        ),
        _ => None,
    }
}

/// `a, b and c`
fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

//! The entries of a timeline as a model gets them, and as its sentences are held against them.

use crm_contacts::Contact;
use crm_contacts::timeline::{LogContent, LogEntry};
use crm_core::{LogId, Timestamp};

use crate::figures_check;
use crate::insights::Figure;
use crate::redact::Redaction;

/// Most characters of one entry that leave.
const LONGEST: usize = 600;

/// An entry without personal data.
pub(super) struct Line {
    pub(super) id: LogId,
    /// What it is called outside: `E1` is the newest.
    pub(super) name: String,
    /// What the model reads.
    pub(super) text: String,
    /// The numbers a sentence about it may have.
    pub(super) figures: Vec<Figure>,
}

/// Everything an entry says that is somebody's words.
pub(super) fn words(content: &LogContent) -> String {
    match content {
        LogContent::Email { subject, body, .. } => format!("{subject}: {body}"),
        LogContent::Text { message, .. } | LogContent::System { message } => message.clone(),
        LogContent::Call { notes, .. } => notes.clone(),
        LogContent::Note { text } => text.clone(),
        LogContent::StageChange { old_list, new_list } => match old_list {
            Some(old) => format!("from {old} to {new_list}"),
            None => format!("into {new_list}"),
        },
        // A draft is something nobody said.
        LogContent::Ai { .. } => String::new(),
    }
}

/// What kind of entry it is, for a reader.
fn kind(content: &LogContent) -> &'static str {
    match content {
        LogContent::Email { status, .. } if status == "received" => "e-mail from the contact",
        LogContent::Email { .. } => "e-mail to the contact",
        LogContent::Text { status, .. } if status == "received" => "text message from the contact",
        LogContent::Text { .. } => "text message to the contact",
        LogContent::Call { .. } => "call",
        LogContent::Note { .. } => "note of ours",
        LogContent::StageChange { .. } => "moved to another stage",
        LogContent::Ai { .. } | LogContent::System { .. } => "noted by the program",
    }
}

/// Whole days from `at` to `now`.
pub(super) fn days(at: Timestamp, now: Timestamp) -> u32 {
    u32::try_from(now.since(at).as_secs() / 86_400).unwrap_or(u32::MAX)
}

/// The entries that say something, newest first, freed of personal data.
pub(super) fn lines(
    entries: &[LogEntry],
    redaction: &mut Redaction,
    (contact, people): (&Contact, &[Contact]),
    now: Timestamp,
) -> Vec<Line> {
    let mut lines = Vec::new();
    for entry in entries.iter().filter(|entry| !words(&entry.content).trim().is_empty()) {
        let said: String = words(&entry.content).split_whitespace().collect::<Vec<_>>().join(" ");
        let said = redaction.redact(&said, Some(contact), people);
        let said: String = said.chars().take(LONGEST).collect();
        let ago = days(entry.timestamp, now);
        let name = format!("E{}", lines.len() + 1);
        let text = format!("{name}, {ago} days ago, {}: {said}", kind(&entry.content));
        let mut numbers = figures_check::readable(&said);
        numbers.push(f64::from(ago));
        if let LogContent::Call { duration, .. } = &entry.content {
            numbers.push(f64::from(*duration));
        }
        let figures = numbers.into_iter().map(|value| Figure {
            name: name.clone(),
            label: "A number of the entry".to_owned(),
            value,
            unit: String::new(),
        });
        lines.push(Line { id: entry.id, text, figures: figures.collect(), name });
    }
    lines
}

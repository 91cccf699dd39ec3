//! The timeline of a contact: entries in words, grouped by day in the workspace's zone.

use serde::Serialize;

use super::common::Link;
use super::filters;

/// One thing that happened with a contact.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TimelineEntry {
    /// Id, for a link to exactly this entry.
    pub id: String,
    /// `email`, `text`, `call`, `ai`, `stage_change`, `note` or `system`.
    pub kind: String,
    /// When, RFC 3339 UTC.
    pub at: String,
    /// Who did it; absent where the program did.
    pub actor: Option<String>,
    /// Subject of a message.
    pub subject: Option<String>,
    /// What was written: note, beginning of a message, notes of a call, message of the program.
    pub body: Option<String>,
    /// Status of a message: `sent`, `failed`, …
    pub status: Option<String>,
    /// Whether it was opened, as far as is known.
    pub opened: bool,
    /// How many of its links were followed.
    pub clicked: u64,
    /// Minutes of a call.
    pub minutes: Option<u64>,
    /// Stage before a change.
    pub old_list: Option<String>,
    /// Stage after a change.
    pub new_list: Option<String>,
    /// Whether it was changed after it was written.
    pub edited: bool,
    /// Whether this person may change or delete it.
    pub may_change: bool,
    /// The campaign that sent it.
    pub campaign: Option<Link>,
}

/// The entries of one day.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TimelineDay {
    /// "Today", "Yesterday" or the date.
    pub label: String,
    /// Newest first.
    pub entries: Vec<TimelineEntry>,
}

impl TimelineDay {
    /// Groups entries that are sorted newest first. `now` is RFC 3339 UTC, `time_zone` an IANA name.
    pub fn group(entries: Vec<TimelineEntry>, now: &str, time_zone: &str) -> Vec<Self> {
        let mut days: Vec<Self> = Vec::new();
        for entry in entries {
            let label = filters::day_label(&entry.at, now, time_zone);
            match days.last_mut() {
                Some(day) if day.label == label => day.entries.push(entry),
                _ => days.push(Self { label, entries: vec![entry] }),
            }
        }
        days
    }
}

//! Questions about a workspace and their answers: a sentence, a table, bars to be drawn, and where the list is. They are
//! counted when they are asked for, by nobody but the database.

mod messages;
mod people;

use crm_core::{Context, ListId, Scope, Timestamp};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use super::figures::{self, Span, answers};
use super::rules::plain;
use super::sheet::float;
use super::{Result, words};

words! {
    /// What can be asked.
    Question {
        /// Where do contacts stall?
        Stages = "stages",
        /// Which sources become customers?
        Sources = "sources",
        /// How fast do we answer?
        Answers = "answers",
        /// What did campaigns bring?
        Campaigns = "campaigns",
        /// Who has gone quiet?
        Quiet = "quiet",
        /// What changed?
        Changes = "changes",
    }
}

/// For how long: whole days of a time zone, the current one included.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
pub enum Period {
    /// Today.
    #[serde(rename = "d")]
    Day,
    /// Seven days.
    #[serde(rename = "w")]
    Week,
    /// Thirty days.
    #[serde(rename = "m")]
    Month,
    /// A year of days.
    #[serde(rename = "y")]
    Year,
}

impl Period {
    /// All of them, the shortest first.
    pub const ALL: &'static [Self] = &[Self::Day, Self::Week, Self::Month, Self::Year];

    /// Its letter.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "d",
            Self::Week => "w",
            Self::Month => "m",
            Self::Year => "y",
        }
    }

    /// From its letter.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == word)
    }

    /// How many days.
    pub const fn days(self) -> u32 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Year => 365,
        }
    }

    /// The period, and the one of the same length before it.
    fn spans(self, now: Timestamp, zone: &str) -> (Span, Span) {
        let days = self.days();
        let since = midnight(now, zone, days - 1).unwrap_or_else(|| now.minus(figures::DAY * days));
        let before =
            midnight(now, zone, 2 * days - 1).unwrap_or_else(|| since.minus(figures::DAY * days));
        (Span { since, until: now }, Span { since: before, until: since })
    }
}

/// The first moment of the day so many days ago in a zone.
fn midnight(now: Timestamp, zone: &str, days: u32) -> Option<Timestamp> {
    let now: jiff::Timestamp = now.to_string().parse().ok()?;
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let day = now.to_zoned(zone.clone()).date().checked_sub(i64::from(days).days()).ok()?;
    zone.to_timestamp(day.at(0, 0, 0, 0)).ok()?.to_string().parse().ok()
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What it is about.
    pub label: String,
    /// Where the list behind it is; empty where there is none.
    pub url: String,
    /// A number for each column; absent where there is none.
    pub values: Vec<Option<f64>>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// What was asked.
    pub question: Question,
    /// For how long.
    pub period: Period,
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// One sentence.
    pub answer: String,
    /// Whether there are too few to compare.
    pub is_too_few: bool,
    /// What the columns hold, behind the label: name and unit.
    pub columns: Vec<(&'static str, &'static str)>,
    /// Which of them is drawn.
    pub drawn: usize,
    /// The lines.
    pub rows: Vec<Bar>,
    /// The list behind the answer, and what it is filtered by.
    pub filter: (String, String),
}

/// An answer before it is put into its frame.
struct Told {
    answer: String,
    is_too_few: bool,
    columns: Vec<(&'static str, &'static str)>,
    drawn: usize,
    rows: Vec<Bar>,
    filter: (String, String),
}

pub(super) async fn run(
    ctx: &Context,
    scope: &Scope,
    question: Question,
    period: Period,
    zone: &str,
) -> Result<Report> {
    let now = ctx.now();
    let (span, before) = period.spans(now, zone);
    let snapshot = ctx.db.snapshot().await?;
    let on = &snapshot;
    let told = match question {
        Question::Stages => people::of_stages(on, scope, now, span).await?,
        Question::Sources => people::of_sources(on, scope, now, span).await?,
        Question::Answers => messages::of_answers(&answers(on, scope, span).await?),
        Question::Campaigns => messages::of_campaigns(on, scope, span).await?,
        Question::Quiet => people::of_quiet(on, scope, now, period.days()).await?,
        Question::Changes => messages::of_changes(on, scope, span, before).await?,
    };
    snapshot.end().await?;
    Ok(Report {
        question,
        period,
        since: span.since,
        until: span.until,
        answer: told.answer,
        is_too_few: told.is_too_few,
        columns: told.columns,
        drawn: told.drawn,
        rows: told.rows,
        filter: told.filter,
    })
}

fn quoted(name: &str) -> String {
    format!("\u{201c}{name}\u{201d}")
}

fn of_list(id: ListId) -> String {
    format!("/contacts?list_id={id}")
}

/// A count for people, with what is counted.
fn many(count: u64, one: &str, more: &str) -> String {
    format!("{} {}", plain(float(count)), if count == 1 { one } else { more })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_whole_days_of_its_zone() {
        let now: Timestamp = "2026-11-03T23:30:00Z".parse().unwrap();
        let of = |period: Period, zone| {
            let (span, before) = period.spans(now, zone);
            assert_eq!((span.until, before.until), (now, span.since));
            (span.since.to_string(), before.since.to_string())
        };
        let at = |text: &str| text.to_owned();
        assert_eq!(
            of(Period::Day, "UTC"),
            (at("2026-11-03T00:00:00.000Z"), at("2026-11-02T00:00:00.000Z"))
        );
        assert_eq!(
            of(Period::Day, "Europe/Vienna"),
            (at("2026-11-03T23:00:00.000Z"), at("2026-11-02T23:00:00.000Z"))
        );
        // The clocks were set back in between.
        assert_eq!(
            of(Period::Week, "America/New_York"),
            (at("2026-10-28T04:00:00.000Z"), at("2026-10-21T04:00:00.000Z"))
        );
        assert_eq!(of(Period::Year, "UTC").0, "2025-11-04T00:00:00.000Z");
    }
}

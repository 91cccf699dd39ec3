//! Questions about a workspace and their answers: a sentence, a table, bars to be drawn, and where the list is. They are
//! counted when they are asked for, by nobody but the database.

use crm_core::{Context, ListId, Scope, Snapshot, StoreError, Timestamp};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use super::figures::{
    self, Answers, Happened, Span, Stage, added, answers, campaigns, customers, goal, happened,
    moves, quiet, quiet_rule, stages, tags,
};
use super::rules::{FEWEST, plain};
use super::sheet::{float, percent, tenth};
use super::{Result, encode, words};

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

words! {
    /// For how long: whole days of a time zone, the current one included.
    Period {
        /// Today.
        Day = "d",
        /// Seven days.
        Week = "w",
        /// Thirty days.
        Month = "m",
        /// A year of days.
        Year = "y",
    }
}

impl Period {
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
        Question::Stages => of_stages(on, scope, now, span).await?,
        Question::Sources => of_sources(on, scope, now, span).await?,
        Question::Answers => of_answers(&answers(on, scope, span).await?),
        Question::Campaigns => of_campaigns(on, scope, span).await?,
        Question::Quiet => of_quiet(on, scope, now, period.days()).await?,
        Question::Changes => of_changes(on, scope, span, before).await?,
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

async fn of_stages(
    on: &Snapshot,
    scope: &Scope,
    now: Timestamp,
    span: Span,
) -> std::result::Result<Told, StoreError> {
    let all = stages(on, scope, now, span).await?;
    let rows = all.iter().map(|stage| Bar {
        label: stage.name.clone(),
        url: of_list(stage.id),
        values: vec![Some(float(stage.people)), stage.median_days, Some(float(stage.moved_on))],
    });
    let comparable = all.iter().filter(|stage| !stage.is_closed && float(stage.people) >= FEWEST);
    let days = |stage: &Stage| stage.median_days.unwrap_or_default();
    let longest = comparable.max_by(|a, b| days(a).total_cmp(&days(b)));
    let answer = longest.map_or_else(
        || "Too few to compare: no open stage has 20 people.".to_owned(),
        |stage| {
            format!(
                "In {}: half of its {} have been there for {} days or longer.",
                quoted(&stage.name),
                many(stage.people, "person", "people"),
                plain(days(stage))
            )
        },
    );
    let filter = longest.map_or_else(
        || ("/pipeline".to_owned(), "All stages".to_owned()),
        |stage| (of_list(stage.id), format!("Stage is {}", stage.name)),
    );
    Ok(Told {
        answer,
        is_too_few: longest.is_none(),
        columns: vec![("People", "people"), ("Median stay", "days"), ("Moved on", "people")],
        drawn: 1,
        rows: rows.collect(),
        filter,
    })
}

async fn of_sources(
    on: &Snapshot,
    scope: &Scope,
    now: Timestamp,
    span: Span,
) -> std::result::Result<Told, StoreError> {
    let all = stages(on, scope, now, span).await?;
    let columns = vec![("People", "people"), ("Customers", "people"), ("Share", "%")];
    let Some(goal) = goal(&all) else {
        return Ok(Told {
            answer: "There are no stages, so nobody can become a customer.".to_owned(),
            is_too_few: true,
            columns,
            drawn: 2,
            rows: Vec::new(),
            filter: ("/lists".to_owned(), "Stages".to_owned()),
        });
    };
    let mut rows = Vec::new();
    let mut best: Option<(String, f64, u64)> = None;
    for (id, name, people) in tags(on, scope).await? {
        if people == 0 {
            continue;
        }
        let (people, won) = customers(on, scope, id, goal.id, span).await?;
        let share = percent(won, people);
        let is_better = best.as_ref().is_none_or(|(_, most, _)| share > *most);
        if float(people) >= FEWEST && is_better {
            best = Some((name.clone(), share, people));
        }
        let values = vec![Some(float(people)), Some(float(won)), Some(share)];
        rows.push(Bar { label: name, url: of_list(id), values });
    }
    let answer = best.as_ref().map_or_else(
        || "Too few to compare: no tag was given to 20 people in this time.".to_owned(),
        |(name, share, people)| {
            format!(
                "Most of all {}: {} % of {} are in {} now.",
                quoted(name),
                plain(*share),
                many(*people, "person", "people"),
                quoted(&goal.name)
            )
        },
    );
    let filter = (of_list(goal.id), format!("Stage is {}", goal.name));
    Ok(Told { answer, is_too_few: best.is_none(), columns, drawn: 2, rows, filter })
}

fn of_answers(found: &Answers) -> Told {
    let labels = ["Within an hour", "Within 4 hours", "Within a day", "Within 3 days", "Later"];
    let unanswered = found.received - found.answered;
    let counts = found.within.iter().copied().chain([unanswered]);
    let rows = labels.into_iter().chain(["No answer yet"]).zip(counts).map(|(label, count)| Bar {
        label: label.to_owned(),
        url: String::new(),
        values: vec![Some(float(count)), Some(percent(count, found.received))],
    });
    let is_too_few = float(found.received) < FEWEST;
    let answer = match found.median_hours {
        _ if found.received == 0 => "Nobody wrote in this time.".to_owned(),
        Some(hours) if !is_too_few => format!(
            "Half of {} were answered within {} hours; {} not been answered.",
            many(found.received, "message", "messages"),
            plain(hours),
            if unanswered == 1 {
                "1 has".to_owned()
            } else {
                format!("{} have", plain(float(unanswered)))
            }
        ),
        _ => format!(
            "Too few to compare: {} came in, {} answered.",
            many(found.received, "message", "messages"),
            if found.answered == 1 {
                "1 was".to_owned()
            } else {
                format!("{} were", plain(float(found.answered)))
            }
        ),
    };
    Told {
        answer,
        is_too_few,
        columns: vec![("Messages", "messages"), ("Share", "%")],
        drawn: 0,
        rows: rows.collect(),
        filter: ("/inbox".to_owned(), "What waits for an answer".to_owned()),
    }
}

async fn of_campaigns(
    on: &Snapshot,
    scope: &Scope,
    span: Span,
) -> std::result::Result<Told, StoreError> {
    let all = campaigns(on, scope, span).await?;
    let (mut sent, mut replied) = (0, 0);
    let rows: Vec<Bar> = all
        .iter()
        .map(|one| {
            let tally = one.tally;
            sent += tally.sent;
            replied += tally.replied;
            let counts = [tally.sent, tally.replied, tally.bounced, tally.left];
            let [sent, replied, bounced, left] = counts.map(|count| Some(float(count)));
            let rate = Some(percent(tally.replied, tally.sent));
            Bar {
                label: one.name.clone(),
                url: format!("/campaigns/{}", one.id),
                values: vec![sent, replied, rate, bounced, left],
            }
        })
        .collect();
    let is_too_few = float(sent) < FEWEST;
    let number = u64::try_from(all.len()).unwrap_or_default();
    let told = format!(
        "{} brought {} to {}",
        many(number, "campaign", "campaigns"),
        many(replied, "answer", "answers"),
        many(sent, "message", "messages")
    );
    let answer = match (number, is_too_few) {
        (0, _) => "No campaign was sent in this time.".to_owned(),
        (_, true) => format!("{told}; too few to compare."),
        (_, false) => format!("{told}, which is {} %.", plain(percent(replied, sent))),
    };
    Ok(Told {
        answer,
        is_too_few,
        columns: vec![
            ("Sent", "messages"),
            ("Replied", "messages"),
            ("Reply rate", "%"),
            ("Bounced", "messages"),
            ("Unsubscribed", "people"),
        ],
        drawn: 2,
        rows,
        filter: ("/campaigns?status=sent".to_owned(), "Campaigns that were sent".to_owned()),
    })
}

async fn of_quiet(
    on: &Snapshot,
    scope: &Scope,
    now: Timestamp,
    days: u32,
) -> std::result::Result<Told, StoreError> {
    let nothing_moved = Span { since: now, until: now };
    let all = stages(on, scope, now, nothing_moved).await?;
    let (mut rows, mut people, mut of, mut is_exact) = (Vec::new(), 0, 0, true);
    let mut open = Vec::new();
    for stage in all.iter().filter(|stage| !stage.is_closed) {
        let found = quiet(on, scope, now, std::slice::from_ref(stage), days).await?;
        people += found.people;
        of += found.of;
        is_exact &= found.is_exact;
        open.push(stage.id);
        rows.push(Bar {
            label: stage.name.clone(),
            url: rule_url(&[stage.id], days),
            values: vec![
                Some(float(found.people)),
                Some(float(stage.people)),
                Some(percent(found.people, stage.people)),
            ],
        });
    }
    let since = if days == 1 { "a day".to_owned() } else { format!("{days} days") };
    let at_least = if is_exact { "" } else { "At least " };
    let answer = format!(
        "{at_least}{} of {} in open stages had no e-mail, text or call for {since}.",
        plain(float(people)),
        many(of, "person", "people")
    );
    Ok(Told {
        answer,
        is_too_few: float(of) < FEWEST,
        columns: vec![("Quiet", "people"), ("People", "people"), ("Share", "%")],
        drawn: 0,
        rows,
        filter: (rule_url(&open, days), format!("In an open stage, nothing for {since}")),
    })
}

fn rule_url(stages: &[ListId], days: u32) -> String {
    format!("/contacts?rule={}", encode(&quiet_rule(stages, days).to_string()))
}

async fn of_changes(
    on: &Snapshot,
    scope: &Scope,
    span: Span,
    before: Span,
) -> std::result::Result<Told, StoreError> {
    let mut rows = Vec::new();
    let mut row = |label: &str, url: &str, now: u64, was: u64| {
        let change = (was > 0).then(|| tenth((float(now) - float(was)) * 100.0 / float(was)));
        rows.push(Bar {
            label: label.to_owned(),
            url: url.to_owned(),
            values: vec![Some(float(now)), Some(float(was)), change],
        });
    };
    let (now, was) = (added(on, scope, span).await?, added(on, scope, before).await?);
    row("Contacts added", "/contacts?sort=-created_on", now, was);
    let counted = [
        ("Moves to another stage", "/pipeline", Happened::Moves),
        ("Calls", "", Happened::Calls),
        ("Notes", "", Happened::Notes),
    ];
    let mut total = now + was;
    for (label, url, what) in counted {
        let (now, was) =
            (happened(on, scope, what, span).await?, happened(on, scope, what, before).await?);
        total += now + was;
        row(label, url, now, was);
    }
    let (sent, earlier) = (campaigns(on, scope, span).await?, campaigns(on, scope, before).await?);
    let sum = |all: &[figures::Sent], of: fn(&figures::Tally) -> u64| {
        all.iter().map(|one| of(&one.tally)).sum::<u64>()
    };
    let (left, left_before) = (sum(&sent, |tally| tally.sent), sum(&earlier, |tally| tally.sent));
    row("Messages of campaigns", "/campaigns?status=sent", left, left_before);
    row(
        "Answers to campaigns",
        "/campaigns?status=sent",
        sum(&sent, |tally| tally.replied),
        sum(&earlier, |tally| tally.replied),
    );
    total += left + left_before;
    let gone = moves(on, scope, span).await?.into_iter().max_by_key(|(_, count)| *count);
    let most = gone.map(|(stage, count)| {
        format!(" Most moved on from {}: {}.", quoted(&stage), plain(float(count)))
    });
    let answer = format!(
        "{} came in, {} in the time before.{}",
        many(now, "contact", "contacts"),
        plain(float(was)),
        most.unwrap_or_default()
    );
    Ok(Told {
        answer,
        is_too_few: float(total) < FEWEST,
        columns: vec![("This time", ""), ("Time before", ""), ("Change", "%")],
        drawn: 0,
        rows,
        filter: ("/contacts?sort=-created_on".to_owned(), "The newest first".to_owned()),
    })
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

    #[test]
    fn few_messages_are_not_compared() {
        assert_eq!(of_answers(&Answers::default()).answer, "Nobody wrote in this time.");
        let few =
            Answers { received: 3, answered: 1, within: [1, 0, 0, 0, 0], median_hours: Some(0.5) };
        let told = of_answers(&few);
        assert_eq!(told.answer, "Too few to compare: 3 messages came in, 1 was answered.");
        assert!(told.is_too_few);
        let many = Answers {
            received: 40,
            answered: 39,
            within: [30, 9, 0, 0, 0],
            median_hours: Some(0.5),
        };
        assert_eq!(
            of_answers(&many).answer,
            "Half of 40 messages were answered within 0.5 hours; 1 has not been answered."
        );
    }
}

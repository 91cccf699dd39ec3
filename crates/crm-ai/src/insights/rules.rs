//! What is found without a model: plain rules over the figures. They are always asked, and what they find is there before
//! a model is.
//!
//! How sure a rule is grows with how much it has seen: `n / (n + 10)`, at most 0.95.

use super::figures::median;
use super::sheet::{Row, Sheet, tenth};
use super::{Figure, Finding, Kind, Subject};

/// Fewer than these are too few to compare.
pub(super) const FEWEST: f64 = 20.0;
/// A stage may keep people for so many days before it stalls.
const PATIENCE_DAYS: f64 = 21.0;
/// And for so many where there is no other stage to compare it with.
const LONG_DAYS: f64 = 60.0;
/// Fewer answers than this before, in percent, are no habit.
const HABIT: f64 = 5.0;
/// So many of a hundred messages lost are a failing sender.
const LOSS: f64 = 10.0;
/// So many quiet people, or overdue tasks, are worth a word.
const SOME: f64 = 5.0;

/// How sure something is that was seen so often.
pub(super) fn confidence(seen: f64) -> f64 {
    ((seen / (seen + 10.0)).min(0.95) * 100.0).round() / 100.0
}

/// A number as people write it: no decimal where it is whole.
pub(super) fn plain(value: f64) -> String {
    let whole = value.round();
    if (value - whole).abs() < 0.05 { grouped(whole) } else { format!("{value:.1}") }
}

/// Thousands apart.
fn grouped(whole: f64) -> String {
    let digits = format!("{whole:.0}");
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn finding(row: &Row, kind: Kind, text: String, seen: f64, evidence: &[&str]) -> Finding {
    Finding {
        kind,
        subject: row.subject.clone(),
        text,
        confidence: confidence(seen),
        evidence: row.pick(evidence),
        url: row.url.clone(),
    }
}

/// Everything the rules find, the surest first.
pub(super) fn findings(sheet: &Sheet) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for row in &sheet.rows {
        for kind in row.kinds {
            found.extend(match kind {
                Kind::StageStalls => stalls(row, &sheet.rows),
                Kind::ListStoppedReplying => stopped(row),
                Kind::SenderFailing => failing(row),
                Kind::CampaignResult => result(row, &sheet.rows),
                Kind::Growth => growth(row),
                Kind::GoneQuiet => quiet(row),
                Kind::Activity => activity(row),
                Kind::OverdueTasks => overdue(row),
            });
        }
    }
    found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    found
}

fn name(row: &Row) -> String {
    format!("\u{201c}{}\u{201d}", row.name)
}

fn stalls(row: &Row, rows: &[Row]) -> Option<Finding> {
    let (people, days) = (row.value("people"), row.value("median_days"));
    let others = rows.iter().filter(|other| {
        other.subject != row.subject
            && other.kinds.contains(&Kind::StageStalls)
            && other.value("people") >= FEWEST
    });
    let usual = median(others.map(|other| other.value("median_days")).collect());
    let is_long =
        usual.map_or(days >= LONG_DAYS, |usual| days >= PATIENCE_DAYS && days >= 2.0 * usual);
    (people >= FEWEST && is_long).then(|| {
        let mut text = format!(
            "Contacts stall in {}: half of the {} people there have been in it for {} days or longer",
            name(row), plain(people), plain(days)
        );
        let mut evidence = row.pick(&["people", "median_days", "moved_on", "within"]);
        if let Some(usual) = usual {
            text = format!("{text}, against {} in the other stages", plain(usual));
            evidence.push(Figure {
                name: "usual_days".to_owned(),
                label: "the same in the other stages".to_owned(),
                value: tenth(usual),
                unit: "days".to_owned(),
            });
        }
        Finding { evidence, ..finding(row, Kind::StageStalls, format!("{text}."), people, &[]) }
    })
}

fn stopped(row: &Row) -> Option<Finding> {
    let (sent, before) = (row.value("sent"), row.value("sent_before"));
    let (rate, usual) = (row.value("rate"), row.value("rate_before"));
    let enough = sent >= FEWEST && before >= FEWEST;
    (enough && usual >= HABIT && rate <= usual / 3.0).then(|| {
        let text = format!(
            "{} stopped replying: {} % of {} messages in the last {} days were answered, {} % of {} before.",
            name(row), plain(rate), plain(sent), plain(row.value("lately")), plain(usual), plain(before)
        );
        let evidence =
            ["sent", "replied", "rate", "sent_before", "replied_before", "rate_before", "lately"];
        finding(row, Kind::ListStoppedReplying, text, sent.min(before), &evidence)
    })
}

fn failing(row: &Row) -> Option<Finding> {
    let (tried, lost) = (row.value("tried"), row.value("lost"));
    let usual = (row.value("tried_before") >= FEWEST).then(|| row.value("lost_before"));
    let is_worse = usual.is_none_or(|usual| lost >= 2.0 * usual);
    (tried >= FEWEST && lost >= LOSS && is_worse).then(|| {
        let mut text = format!(
            "The sender {} is failing: {} % of {} messages in the last {} days were refused or came back",
            name(row), plain(lost), plain(tried), plain(row.value("lately"))
        );
        if let Some(usual) = usual {
            text = format!("{text}, {} % before", plain(usual));
        }
        let evidence = ["tried", "failed", "bounced", "lost", "tried_before", "lost_before", "lately"];
        finding(row, Kind::SenderFailing, format!("{text}."), tried, &evidence)
    })
}

fn result(row: &Row, rows: &[Row]) -> Option<Finding> {
    let is_other = |other: &&Row| {
        matches!(other.subject, Subject::Campaign(_))
            && other.subject != row.subject
            && other.value("sent") >= FEWEST
    };
    let rates: Vec<f64> = rows.iter().filter(is_other).map(|other| other.value("rate")).collect();
    let best = rates.iter().copied().fold(0.0, f64::max);
    let usual = median(rates)?;
    let rate = row.value("rate");
    let stands_out = rate >= HABIT && rate > best && rate >= 1.5 * usual;
    (row.value("sent") >= FEWEST && stands_out).then(|| {
        let text = format!(
            "The campaign {} brought most answers: {} % of {} messages, against {} % of the others.",
            name(row), plain(rate), plain(row.value("sent")), plain(usual)
        );
        let mut evidence = row.pick(&["sent", "replied", "rate"]);
        evidence.push(Figure {
            name: "usual_rate".to_owned(),
            label: "answered in the other campaigns".to_owned(),
            value: tenth(usual),
            unit: "%".to_owned(),
        });
        let seen = row.value("sent");
        Finding { evidence, ..finding(row, Kind::CampaignResult, text, seen, &[]) }
    })
}

/// Whether a number is another one than before.
fn differs(now: f64, before: f64) -> bool {
    now.max(before) >= FEWEST && (now >= 1.3 * before || now <= 0.7 * before)
}

fn growth(row: &Row) -> Option<Finding> {
    let (added, before) = (row.value("added"), row.value("added_before"));
    differs(added, before).then(|| {
        let more = if added > before { "More" } else { "Fewer" };
        let text = format!(
            "{more} contacts came in: {} in the last {} days, {} in the {} before.",
            plain(added),
            plain(row.value("days")),
            plain(before),
            plain(row.value("days"))
        );
        finding(row, Kind::Growth, text, added.max(before), &["added", "added_before", "days"])
    })
}

fn quiet(row: &Row) -> Option<Finding> {
    let people = row.value("people");
    let is_capped = row.figure("people").is_some_and(|figure| figure.label.ends_with("at least"));
    (people >= SOME && (is_capped || row.value("share") >= 5.0)).then(|| {
        let text = format!(
            "{}{} people in open stages have gone quiet: no e-mail, text or call for {} days.",
            if is_capped { "At least " } else { "" },
            plain(people),
            plain(row.value("days"))
        );
        finding(row, Kind::GoneQuiet, text, people, &["people", "of", "share", "days"])
    })
}

fn activity(row: &Row) -> Option<Finding> {
    let (done, before) = (row.value("done"), row.value("done_before"));
    differs(done, before).then(|| {
        let more = if done > before { "more" } else { "less" };
        let text = format!(
            "You did {more}: {} calls, notes and moves in the last {} days, {} in the {} before.",
            plain(done),
            plain(row.value("days")),
            plain(before),
            plain(row.value("days"))
        );
        let evidence = ["done", "done_before", "calls", "notes", "moves", "days"];
        finding(row, Kind::Activity, text, done.max(before), &evidence)
    })
}

fn overdue(row: &Row) -> Option<Finding> {
    let tasks = row.value("overdue");
    (tasks >= SOME).then(|| {
        let text = format!("{} tasks are overdue.", plain(tasks));
        finding(row, Kind::OverdueTasks, text, tasks, &["overdue"])
    })
}

#[cfg(test)]
mod tests {
    use super::super::figures::{Change, Figures, Quiet, Sender, Sent, Stage, Tag, Tally};
    use super::*;
    use crate::figures_check as check;

    fn id<T: std::str::FromStr>(n: u8) -> T
    where
        T::Err: std::fmt::Debug,
    {
        format!("018f0000-0000-7000-8000-0000000000{n:02}").parse().unwrap()
    }

    fn stage(n: u8, people: u64, days: f64) -> Stage {
        Stage {
            id: id(n),
            name: format!("Stage {n}"),
            people,
            median_days: Some(days),
            moved_on: 3,
            is_closed: false,
        }
    }

    fn kinds(figures: &Figures) -> Vec<Kind> {
        let sheet = Sheet::of(figures);
        let found = findings(&sheet);
        for one in &found {
            assert!(check::numbers_are_in(&one.text, &one.evidence), "{one:?}");
            assert!((0.0..=1.0).contains(&one.confidence) && !one.url.is_empty(), "{one:?}");
        }
        found.into_iter().map(|one| one.kind).collect()
    }

    #[test]
    fn a_stage_that_keeps_people_stalls() {
        let stages = vec![stage(1, 40, 8.0), stage(2, 30, 45.5), stage(3, 25, 12.0)];
        assert_eq!(kinds(&Figures { stages, ..Figures::default() }), [Kind::StageStalls]);
        // Too few to compare, and no longer than the others.
        let stages = vec![stage(1, 40, 30.0), stage(2, 19, 90.0), stage(3, 25, 31.0)];
        assert_eq!(kinds(&Figures { stages, ..Figures::default() }), []);
    }

    #[test]
    fn a_tag_that_stopped_replying_is_found() {
        let tag = |n, sent, replied| Tag {
            id: id(n),
            name: format!("Tag {n}"),
            people: 50,
            sent,
            replied,
        };
        let change = |lately, before| Change { lately, before };
        let tags = vec![
            tag(1, change(80, 300), change(1, 60)),
            tag(2, change(80, 300), change(14, 60)),
            tag(3, change(19, 300), change(0, 60)),
        ];
        assert_eq!(kinds(&Figures { tags, ..Figures::default() }), [Kind::ListStoppedReplying]);
    }

    #[test]
    fn a_failing_sender_and_the_best_campaign_are_found() {
        let tally = |sent, failed, replied| Tally { sent, failed, replied, ..Tally::default() };
        let sender = Sender {
            id: Some(id(1)),
            channel: "email".to_owned(),
            name: "SMTP".to_owned(),
            lately: tally(60, 40, 0),
            before: tally(500, 5, 0),
            worst: None,
        };
        let sent = |n, replied| Sent {
            id: id(n),
            name: format!("Campaign {n}"),
            channel: "email".to_owned(),
            provider_id: None,
            at: "2026-11-01T00:00:00Z".parse().unwrap(),
            tally: tally(100, 0, replied),
        };
        let figures = Figures {
            senders: vec![sender],
            campaigns: vec![sent(1, 4), sent(2, 21), sent(3, 5)],
            ..Figures::default()
        };
        assert_eq!(kinds(&figures), [Kind::SenderFailing, Kind::CampaignResult]);
    }

    #[test]
    fn the_workspace_has_news_of_its_own() {
        let figures = Figures {
            added: Change { lately: 1_250, before: 610 },
            quiet: Quiet { people: 34, is_exact: true, of: 120, stages: vec![id(1)] },
            calls: Change { lately: 4, before: 30 },
            overdue: 9,
            ..Figures::default()
        };
        let mut found = kinds(&figures);
        found.sort();
        assert_eq!(found, [Kind::Growth, Kind::GoneQuiet, Kind::Activity, Kind::OverdueTasks]);
        assert_eq!(kinds(&Figures::default()), []);
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(
            [plain(7.0), plain(7.3), plain(1_234_567.0), plain(0.0)],
            ["7", "7.3", "1,234,567", "0"]
        );
        assert!(confidence(20.0) < confidence(200.0) && confidence(1e9) <= 0.95);
    }
}

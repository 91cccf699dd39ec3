//! A question with its answer, as it is drawn.

use crm_ai::insights::{Kind, Period, Question, Report};
use crm_core::Scope;

use crate::state::App;
use crate::views::campaign_report::hundredth;
use crate::views::common::Link;
use crate::views::insights::{CardRow, ChartBar, QuestionCard};

/// Longest label in a drawing; the table has all of it.
const LABEL: usize = 24;
/// Most bars of a drawing; the table has all of them.
const MOST: usize = 10;
/// Width of the longest bar.
const WIDTH: f64 = 100.0;

/// What a question is called.
pub(super) const fn title(question: Question) -> &'static str {
    match question {
        Question::Stages => "Where do contacts stall?",
        Question::Sources => "Which sources become customers?",
        Question::Answers => "How fast do we answer?",
        Question::Campaigns => "What did campaigns bring?",
        Question::Quiet => "Who has gone quiet?",
        Question::Changes => "What changed?",
    }
}

/// What an answer needs, for who has none yet.
const fn needs(question: Question) -> &'static str {
    match question {
        Question::Stages => "Needs stages with contacts in them.",
        Question::Sources => {
            "Needs tags, such as where contacts came from, and a stage for customers."
        }
        Question::Answers => "Needs messages that come in.",
        Question::Campaigns => "Needs campaigns that were sent in this time.",
        Question::Quiet => "Needs contacts in open stages.",
        Question::Changes => "Needs something to happen.",
    }
}

/// What a kind of finding is called.
pub(super) const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Growth => "New contacts",
        Kind::StageStalls => "A stage stalls",
        Kind::ListStoppedReplying => "Replies stopped",
        Kind::SenderFailing => "A sender is failing",
        Kind::GoneQuiet => "Gone quiet",
        Kind::CampaignResult => "A campaign that worked",
        Kind::Activity => "Your activity",
        Kind::OverdueTasks => "Overdue tasks",
    }
}

/// How much a kind of finding hurts.
pub(super) const fn kind_tone(kind: Kind) -> &'static str {
    match kind {
        Kind::SenderFailing => "bad",
        Kind::StageStalls | Kind::ListStoppedReplying | Kind::GoneQuiet | Kind::OverdueTasks => {
            "warn"
        }
        Kind::CampaignResult => "ok",
        Kind::Growth | Kind::Activity => "info",
    }
}

/// A number for people: thousands apart, a decimal only where there is one.
pub(super) fn number(value: f64) -> String {
    let text = if (value - value.round()).abs() < 0.05 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    };
    let (whole, decimals) =
        text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("\u{2212}", digits));
    let mut out = sign.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(decimals) = decimals {
        out.push('.');
        out.push_str(decimals);
    }
    out
}

/// A number with its unit, where that is short.
fn with_unit(value: f64, unit: &str) -> String {
    match unit {
        "%" => format!("{} %", number(value)),
        "days" if number(value) == "1" => "1 day".to_owned(),
        "days" => format!("{} days", number(value)),
        _ => number(value),
    }
}

fn shortened(label: &str) -> String {
    if label.chars().count() <= LABEL {
        return label.to_owned();
    }
    let short: String = label.chars().take(LABEL - 1).collect();
    format!("{}\u{2026}", short.trim_end())
}

/// The answer to a question. One that cannot be counted says so and leaves the others alone.
pub(super) async fn of(
    app: &App,
    scope: &Scope,
    question: Question,
    period: Period,
    zone: &str,
) -> QuestionCard {
    match app.services.insights.report(scope, question, period, zone).await {
        Ok(report) => drawn(&report, scope, zone),
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, question = question.as_str(), "a question was not answered");
            QuestionCard {
                key: question.as_str().to_owned(),
                title: title(question).to_owned(),
                url: format!("/insights/{}?period={}", question.as_str(), period.as_str()),
                failed: true,
                ..QuestionCard::default()
            }
        }
    }
}

fn drawn(report: &Report, scope: &Scope, zone: &str) -> QuestionCard {
    let (word, period) = (report.question.as_str(), report.period.as_str());
    let (column, unit) = report.columns.get(report.drawn).copied().unwrap_or_default();
    let value = |row: &crm_ai::insights::Bar| row.values.get(report.drawn).copied().flatten();
    let most = report.rows.iter().filter_map(value).fold(0.0, f64::max);
    let shown = report.rows.iter().take(MOST);
    let bars: Vec<ChartBar> = shown
        .map(|row| {
            let number = value(row);
            let share = if most > 0.0 { number.unwrap_or_default().max(0.0) / most } else { 0.0 };
            ChartBar {
                label: shortened(&row.label),
                value: number
                    .map_or_else(|| "\u{2013}".to_owned(), |number| with_unit(number, unit)),
                width: hundredth(WIDTH * share),
            }
        })
        .collect();
    let text = bars
        .iter()
        .map(|bar| format!("{} {}", bar.label, bar.value))
        .collect::<Vec<_>>()
        .join(", ");
    let cells = |row: &crm_ai::insights::Bar| {
        row.values
            .iter()
            .zip(&report.columns)
            .map(|(value, (_, unit))| value.map(|value| with_unit(value, unit)).unwrap_or_default())
            .collect()
    };
    QuestionCard {
        key: word.to_owned(),
        title: title(report.question).to_owned(),
        url: format!("/insights/{word}?period={period}"),
        failed: false,
        answer: report.answer.clone(),
        too_few: report.is_too_few,
        needs: if most > 0.0 || !report.is_too_few {
            String::new()
        } else {
            needs(report.question).to_owned()
        },
        chart: format!("{column}: {text}"),
        drawn: column.to_owned(),
        bars,
        columns: report.columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
        rows: report
            .rows
            .iter()
            .map(|row| CardRow {
                label: row.label.clone(),
                url: row.url.clone(),
                cells: cells(row),
            })
            .collect(),
        csv_url: format!(
            "/api/ai-insights/reports/{word}/table.csv?period={period}&workspace_id={}",
            scope.workspace_id()
        ),
        filter: Link::new(&report.filter.1, &report.filter.0),
        since: report.since.to_string(),
        until: report.until.to_string(),
        zone: zone.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        let all = [0.0, 7.25, 1_234.0, -50.0, 1_234_567.9].map(number);
        assert_eq!(all, ["0", "7.2", "1,234", "\u{2212}50", "1,234,567.9"]);
        assert_eq!(with_unit(1.0, "days"), "1 day");
        assert_eq!(with_unit(12.5, "%"), "12.5 %");
        assert_eq!(
            shortened("A name that is far too long to stand"),
            "A name that is far too\u{2026}"
        );
    }
}

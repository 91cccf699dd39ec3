//! What stands out, and questions with their answers.

use super::super::common::Link;
use super::super::insights::{
    CardRow, ChartBar, FigureRow, InsightCard, InsightsPage, LookView, PeriodTab, QuestionCard,
    ReportPage,
};
use super::super::shell::Section;

fn figure(label: &str, value: &str, unit: &str) -> FigureRow {
    FigureRow { label: label.to_owned(), value: value.to_owned(), unit: unit.to_owned() }
}

fn insights() -> Vec<InsightCard> {
    let stalls = InsightCard {
        id: super::id(1),
        title: "A stage stalls".to_owned(),
        tone: "warn".to_owned(),
        content: "Contacts stall in \u{201c}Proposal\u{201d}: half of the 41 people there have been in it for 45.5 days or longer, against 12 in the other stages.".to_owned(),
        confidence: "80".to_owned(),
        evidence: vec![figure("people in it now", "41", "people"), figure("half of them for at least", "45.5", "days")],
        url: "/contacts?list_id=x".to_owned(),
        model: Some("gpt-4o-mini".to_owned()),
        rating: Some("useful".to_owned()),
    };
    let failing = InsightCard {
        id: super::id(2),
        title: "A sender is failing".to_owned(),
        tone: "bad".to_owned(),
        content: "The sender \u{201c}Παπαδοπούλου <b>SMTP</b>\u{201d} is failing: 40 % of 100 messages in the last 60 days were refused or came back.".to_owned(),
        model: None,
        rating: None,
        ..stalls.clone()
    };
    vec![stalls, failing]
}

fn periods() -> Vec<PeriodTab> {
    let tab = |key: &str, label: &str, current| PeriodTab {
        key: key.to_owned(),
        label: label.to_owned(),
        url: format!("/insights?period={key}"),
        current,
    };
    vec![
        tab("d", "Today", false),
        tab("w", "7 days", false),
        tab("m", "30 days", true),
        tab("y", "A year", false),
    ]
}

fn card(key: &str, title: &str) -> QuestionCard {
    let rows =
        [("New", 41.0, 12.5), ("Διαπραγμάτευση με πελάτες", 8.0, 45.5), ("Proposal", 120.0, 3.0)];
    let bars = rows.into_iter().map(|(label, _, days)| ChartBar {
        label: label.chars().take(20).collect(),
        value: format!("{days} days"),
        width: days * 2.0,
    });
    QuestionCard {
        key: key.to_owned(),
        title: title.to_owned(),
        url: format!("/insights/{key}?period=m"),
        answer: "In \u{201c}Proposal\u{201d}: half of its 120 people have been there for 3 days or longer.".to_owned(),
        chart: "Median stay: New 12.5 days".to_owned(),
        drawn: "Median stay".to_owned(),
        bars: bars.collect(),
        columns: vec!["People".to_owned(), "Median stay".to_owned()],
        rows: rows
            .into_iter()
            .map(|(label, people, days)| CardRow {
                label: label.to_owned(),
                url: "/contacts?list_id=x".to_owned(),
                cells: vec![people.to_string(), if days > 40.0 { String::new() } else { format!("{days} days") }],
            })
            .collect(),
        csv_url: "/api/ai-insights/reports/stages/table.csv?period=m".to_owned(),
        filter: Link::new("Stage is Proposal", "/contacts?list_id=x"),
        since: "2026-10-05T00:00:00.000Z".to_owned(),
        until: "2026-11-03T13:06:31.000Z".to_owned(),
        zone: "Europe/Vienna".to_owned(),
        ..QuestionCard::default()
    }
}

fn nothing(key: &str, title: &str) -> QuestionCard {
    QuestionCard {
        answer: "Nobody wrote in this time.".to_owned(),
        too_few: true,
        needs: "Needs messages that come in.".to_owned(),
        bars: Vec::new(),
        rows: Vec::new(),
        ..card(key, title)
    }
}

fn failed() -> QuestionCard {
    QuestionCard {
        key: "quiet".to_owned(),
        title: "Who has gone quiet?".to_owned(),
        url: "/insights/quiet?period=m".to_owned(),
        failed: true,
        ..QuestionCard::default()
    }
}

pub(in super::super) fn index() -> Vec<InsightsPage> {
    let full = InsightsPage {
        shell: super::shell(Section::Insights, "Insights"),
        insights: insights(),
        look: Some(LookView {
            at: "2026-11-02T06:00:00.000Z".to_owned(),
            is_weekly: true,
            note: "1 sentence of the model was thrown away: the figures did not bear it out."
                .to_owned(),
        }),
        reason: String::new(),
        periods: periods(),
        cards: vec![
            card("stages", "Where do contacts stall?"),
            card("sources", "Which sources become customers?"),
            nothing("answers", "How fast do we answer?"),
            card("campaigns", "What did campaigns bring?"),
            failed(),
            card("changes", "What changed?"),
        ],
        may_write: true,
    };
    let first = InsightsPage {
        insights: Vec::new(),
        look: None,
        reason: "AI is switched off in this workspace.".to_owned(),
        ..full.clone()
    };
    let reader = InsightsPage { may_write: false, ..full.clone() };
    vec![full, first, reader]
}

pub(in super::super) fn report() -> Vec<ReportPage> {
    let page = |card| ReportPage {
        shell: super::shell(Section::Insights, "Where do contacts stall?"),
        card,
        periods: periods(),
    };
    vec![
        page(card("stages", "Where do contacts stall?")),
        page(nothing("answers", "How fast do we answer?")),
        page(failed()),
    ]
}

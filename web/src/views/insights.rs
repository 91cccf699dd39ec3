//! What stands out, and questions with their answers.

use serde::Serialize;

use super::View;
use super::common::Link;
use super::shell::Shell;

/// `/insights`. "Look again" posts to `/insights/look`; a finding's forms post to `/insights/{id}/dismiss` and
/// `/insights/{id}/rate` (`rating`: `useful`, `useless` or empty).
#[derive(Debug, Clone, Default, Serialize)]
pub struct InsightsPage {
    /// The frame.
    pub shell: Shell,
    /// What stands out, the surest first.
    pub insights: Vec<InsightCard>,
    /// The last look; absent before the first.
    pub look: Option<LookView>,
    /// Why no model is asked; empty where one is.
    pub reason: String,
    /// Periods of the questions.
    pub periods: Vec<PeriodTab>,
    /// The questions.
    pub cards: Vec<QuestionCard>,
    /// Whether this person may look again, dismiss and rate.
    pub may_write: bool,
}

/// When somebody, or the program, looked.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LookView {
    /// When.
    pub at: String,
    /// Whether it was that of the week.
    pub is_weekly: bool,
    /// What there is to say about the model; may be empty.
    pub note: String,
}

/// A period to choose.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PeriodTab {
    /// Its letter, which is also its key.
    pub key: String,
    /// What it is called.
    pub label: String,
    /// Where it leads.
    pub url: String,
    /// Whether it is the one shown.
    pub current: bool,
}

/// A finding.
#[derive(Debug, Clone, Default, Serialize)]
pub struct InsightCard {
    /// Its id.
    pub id: String,
    /// What kind it is, in words.
    pub title: String,
    /// `ok`, `info`, `warn` or `bad`.
    pub tone: String,
    /// One sentence.
    pub content: String,
    /// How sure it is, in percent.
    pub confidence: String,
    /// The figures it rests on.
    pub evidence: Vec<FigureRow>,
    /// The list behind them.
    pub url: String,
    /// The model that phrased it; absent where the rules did.
    pub model: Option<String>,
    /// `useful` or `useless`.
    pub rating: Option<String>,
}

/// One figure.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FigureRow {
    /// What it counts.
    pub label: String,
    /// The number.
    pub value: String,
    /// What it is counted in.
    pub unit: String,
}

/// A question with its answer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct QuestionCard {
    /// Its word: `stages`.
    pub key: String,
    /// The question.
    pub title: String,
    /// Its own page.
    pub url: String,
    /// Whether it could not be answered.
    pub failed: bool,
    /// One sentence.
    pub answer: String,
    /// Whether there are too few to compare.
    pub too_few: bool,
    /// What it needs, where there is nothing to draw.
    pub needs: String,
    /// What is drawn, in words.
    pub chart: String,
    /// Which column is drawn.
    pub drawn: String,
    /// Its bars.
    pub bars: Vec<ChartBar>,
    /// Heads of the table, behind the first.
    pub columns: Vec<String>,
    /// The table.
    pub rows: Vec<CardRow>,
    /// The table as a file.
    pub csv_url: String,
    /// The list behind the answer; the label says what it is filtered by.
    pub filter: Link,
    /// Since when.
    pub since: String,
    /// Until when.
    pub until: String,
    /// The time zone of the period.
    pub zone: String,
}

/// One bar.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ChartBar {
    /// What it is about, shortened.
    pub label: String,
    /// The number, with its unit.
    pub value: String,
    /// Width of the bar, of 100.
    pub width: f64,
}

/// One line of the table.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CardRow {
    /// What it is about.
    pub label: String,
    /// The list behind it; may be empty.
    pub url: String,
    /// One for each column; empty where there is no number.
    pub cells: Vec<String>,
}

impl View for InsightsPage {
    const TEMPLATE: &'static str = "pages/insights/index.html";

    fn samples() -> Vec<Self> {
        super::samples::insights::index()
    }
}

/// `/insights/{report}`
#[derive(Debug, Clone, Default, Serialize)]
pub struct ReportPage {
    /// The frame.
    pub shell: Shell,
    /// The question and its answer.
    pub card: QuestionCard,
    /// Periods to choose from.
    pub periods: Vec<PeriodTab>,
}

impl View for ReportPage {
    const TEMPLATE: &'static str = "pages/insights/report.html";

    fn samples() -> Vec<Self> {
        super::samples::insights::report()
    }
}

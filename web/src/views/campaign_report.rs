//! What came of a campaign, as drawings with a table beneath.

use serde::Serialize;

use super::campaign::{LeftOut, percent};

// Drawings are stretched to the width there is; words stand beside them as text, which is not.
/// Where the bars of the pace stand: the height of the drawing.
const FLOOR: f64 = 154.0;
/// Its width.
const CHART_WIDTH: f64 = 460.0;

/// Argument of the component `campaigns.report`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CampaignReport {
    /// How many messages left, and what came of them.
    pub outcomes: Vec<OutcomeBar>,
    /// The same in words.
    pub outcomes_text: String,
    /// When messages left; absent before the first.
    pub pace: Option<Pace>,
    /// Those left out, by reason.
    pub left_out: Vec<LeftOut>,
    /// All recipients as a file.
    pub export_url: String,
}

/// One line of what came of it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct OutcomeBar {
    /// "Sent", "Clicked".
    pub label: String,
    /// How many.
    pub count: u64,
    /// Share of those sent, in percent, in words: "100", "17.8".
    pub share: String,
    /// Width of the bar, of 100.
    pub width: f64,
}

/// When messages left.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Pace {
    /// The spans from the first message to the last.
    pub spans: Vec<PaceSpan>,
    /// Length of a span in words: "minute", "6 hours".
    pub span: String,
    /// Most messages in one span.
    pub most: u64,
}

/// One span, with its bar in a drawing of 460 by 154.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PaceSpan {
    /// Where it begins, RFC 3339 UTC.
    pub at: String,
    /// Messages that left in it.
    pub sent: u64,
    /// Messages that were refused in it.
    pub failed: u64,
    /// Left edge.
    pub x: f64,
    /// Width.
    pub width: f64,
    /// Upper edge and height of those sent.
    pub y: f64,
    /// Height of those sent.
    pub height: f64,
    /// Upper edge of those refused, which stand on those sent.
    pub failed_y: f64,
    /// Height of those refused.
    pub failed_height: f64,
}

/// Bars for these counts, each as a share of the first.
pub fn outcome_bars(counts: &[(&str, u64)]) -> Vec<OutcomeBar> {
    let whole = counts.first().map_or(0, |(_, count)| *count);
    counts
        .iter()
        .map(|(label, count)| {
            let share = percent(*count, whole);
            OutcomeBar {
                label: (*label).to_owned(),
                count: *count,
                share: share.to_string(),
                width: hundredth(share.min(100.0)),
            }
        })
        .collect()
}

impl CampaignReport {
    /// A report of these counts; the first is how many left.
    pub fn new(counts: &[(&str, u64)]) -> Self {
        let outcomes = outcome_bars(counts);
        let words =
            outcomes.iter().map(|bar| format!("{} {}", bar.count, bar.label.to_lowercase()));
        Self { outcomes_text: words.collect::<Vec<_>>().join(", "), outcomes, ..Self::default() }
    }
}

impl Pace {
    /// From spans of so many seconds: when each begins, how many left in it, and how many failed.
    #[expect(clippy::cast_precision_loss, reason = "a drawing needs no more than a few digits")]
    pub fn new(seconds: u64, spans: Vec<(String, u64, u64)>) -> Option<Self> {
        let most = spans.iter().map(|(_, sent, failed)| sent + failed).max()?;
        let step = CHART_WIDTH / spans.len().max(1) as f64;
        let high = |count: u64| hundredth(FLOOR * count as f64 / most.max(1) as f64);
        let span = |(place, (at, sent, failed)): (u32, (String, u64, u64))| {
            let (height, failed_height) = (high(sent), high(failed));
            let y = hundredth(FLOOR - height);
            PaceSpan {
                at,
                sent,
                failed,
                x: hundredth(step * f64::from(place)),
                width: hundredth((step * 0.8).min(24.0)),
                y,
                height,
                failed_y: hundredth(y - failed_height),
                failed_height,
            }
        };
        let spans = (0_u32..).zip(spans).map(span).collect();
        Some(Self { spans, span: length(seconds), most })
    }
}

/// A length of time in words, to stand behind "per".
fn length(seconds: u64) -> String {
    let (count, one, many) = match seconds {
        0..3_600 => (seconds / 60, "minute", "minutes"),
        3_600..86_400 => (seconds / 3_600, "hour", "hours"),
        _ => (seconds / 86_400, "day", "days"),
    };
    if count == 1 { one.to_owned() } else { format!("{count} {many}") }
}

fn hundredth(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

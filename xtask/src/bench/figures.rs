//! Times of many requests as a few figures.

use std::fmt;

/// How long requests took, and what they cost the server.
#[derive(Debug, Clone, Default)]
pub(super) struct Figures {
    /// Seconds of each, sorted.
    seconds: Vec<f64>,
    /// Seconds of processor time of the server, all together.
    pub(super) cpu: f64,
}

impl Figures {
    pub(super) fn of(mut seconds: Vec<f64>, cpu: f64) -> Self {
        seconds.sort_by(f64::total_cmp);
        Self { seconds, cpu }
    }

    fn at(&self, percent: usize) -> f64 {
        let last = self.seconds.len().saturating_sub(1);
        self.seconds.get(last * percent / 100).copied().unwrap_or(0.0)
    }
}

impl fmt::Display for Figures {
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = self.cpu * 1000.0 / (self.seconds.len().max(1) as f64);
        let (half, most) = (self.at(50) * 1000.0, self.at(99) * 1000.0);
        write!(f, "p50 {half:>7.2} ms  p99 {most:>7.2} ms  {each:>6.2} ms CPU each")
    }
}

/// How many a second.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
pub(super) fn per_second(count: usize, seconds: f64) -> f64 {
    if seconds > 0.0 { count as f64 / seconds } else { 0.0 }
}

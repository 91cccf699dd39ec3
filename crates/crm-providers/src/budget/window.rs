//! One window of a budget: when it began and what was taken in it.

use std::time::Duration;

use crm_core::Timestamp;

/// A minute or a day that begins with the first message in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) start: Timestamp,
    pub(super) used: i64,
    length: Duration,
}

impl Window {
    /// The window that `now` falls into: the stored one, or a fresh one where that is over.
    pub(super) fn at(
        now: Timestamp,
        stored: Option<Timestamp>,
        used: i64,
        length: Duration,
    ) -> Self {
        let fresh = Self { start: now, used: 0, length };
        match stored {
            None => fresh,
            // The clock was set back: what was taken still counts, for one more window from now.
            Some(start) if start > now => Self { used, ..fresh },
            Some(start) if now.since(start) >= length => fresh,
            Some(start) => Self { start, used, length },
        }
    }

    /// What may still be taken; no limit is no end.
    pub(super) fn left(&self, limit: Option<u32>) -> u32 {
        limit.map_or(u32::MAX, |limit| {
            let left = i64::from(limit).saturating_sub(self.used).max(0);
            u32::try_from(left).unwrap_or(u32::MAX)
        })
    }

    /// When it ends.
    pub(super) fn end(&self) -> Timestamp {
        self.start.plus(self.length)
    }

    /// Notes that so many were taken.
    pub(super) fn take(&mut self, messages: u32) {
        self.used = self.used.saturating_add(i64::from(messages));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_window_ends_after_its_length_and_not_before() {
        let start = moment("2026-11-22T23:30:00.000Z");
        let late = moment("2026-11-22T23:30:59.999Z");
        let window = Window::at(late, Some(start), 3, MINUTE);
        assert_eq!((window.used, window.left(Some(4))), (3, 1));
        assert_eq!(window.end(), moment("2026-11-22T23:31:00.000Z"));
        assert_eq!(Window::at(window.end(), Some(start), 3, MINUTE).used, 0);
    }

    #[test]
    fn a_lowered_limit_leaves_nothing_and_no_limit_leaves_all() {
        let now = moment("2026-11-22T23:30:00.000Z");
        let window = Window::at(now, Some(now), 9, MINUTE);
        assert_eq!((window.left(Some(4)), window.left(None)), (0, u32::MAX));
    }

    #[test]
    fn a_clock_set_back_gives_nothing_away() {
        let now = moment("2026-11-22T23:30:00.000Z");
        let later = moment("2027-01-01T00:00:00.000Z");
        let window = Window::at(now, Some(later), 4, MINUTE);
        assert_eq!((window.left(Some(4)), window.end()), (0, now.plus(MINUTE)));
    }
}

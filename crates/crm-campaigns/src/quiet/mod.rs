//! Hours in which nobody is sent a text message, by the clock where they are.
//!
//! Where somebody is, their number tells as far as the country; of a country with several zones all have to be awake. A
//! number that tells nothing is taken to be where the workspace is.

use std::collections::HashMap;
use std::sync::LazyLock;

use crm_core::{Phone, Timestamp};
use jiff::Timestamp as Instant;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// `AT Europe/Vienna`: a country and its zones, one for each set of rules that differ. From the `zone.tab` of the public-domain
/// time zone database.
const ZONES: &str = include_str!("zones.txt");

/// Openings looked at before giving up: more than a country of eleven zones needs.
const MOST_STEPS: usize = 64;

static BY_COUNTRY: LazyLock<HashMap<&'static str, Vec<TimeZone>>> = LazyLock::new(|| {
    let country = |line: &'static str| {
        let (code, names) = line.split_once(' ')?;
        Some((code, names.split(' ').filter_map(|name| TimeZone::get(name).ok()).collect()))
    };
    ZONES.lines().filter_map(country).collect()
});

/// From when to when it is quiet, by the clock: `21:00` to `08:00`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// The first minute nothing arrives in.
    pub from: String,
    /// The first minute something may again.
    pub to: String,
}

impl Default for QuietHours {
    fn default() -> Self {
        Self { from: "21:00".to_owned(), to: "08:00".to_owned() }
    }
}

impl QuietHours {
    /// Both times; `None` where one is none, or they are the same.
    fn times(&self) -> Option<(Time, Time)> {
        let time = |text: &str| Time::strptime("%H:%M", text.trim()).ok();
        time(&self.from).zip(time(&self.to)).filter(|(from, to)| from != to)
    }

    /// Whether they can be kept.
    pub(crate) fn are_hours(&self) -> bool {
        self.times().is_some()
    }
}

/// Quiet hours that are kept for the numbers of one workspace.
#[derive(Debug, Clone)]
pub(crate) struct Quiet {
    from: Time,
    to: Time,
    /// Where a number is that does not say.
    home: Vec<TimeZone>,
}

impl Quiet {
    /// These hours, in a workspace of this time zone.
    pub(crate) fn new(hours: &QuietHours, time_zone: &str) -> Option<Self> {
        let (from, to) = hours.times()?;
        Some(Self { from, to, home: vec![TimeZone::get(time_zone).unwrap_or(TimeZone::UTC)] })
    }

    /// When something may be sent to `number`, where that is not now.
    pub(crate) fn until(&self, number: &str, now: Timestamp) -> Option<Timestamp> {
        let country = Phone::parse(number, "").ok().and_then(|number| number.country());
        let known = country.and_then(|country| BY_COUNTRY.get(country.as_str()));
        let zones = known.filter(|zones| !zones.is_empty()).unwrap_or(&self.home);
        let begin = Instant::from_millisecond(now.unix_millis()).ok()?;
        let mut at = begin;
        for _ in 0..MOST_STEPS {
            let Some(later) = zones.iter().find_map(|zone| self.morning(at, zone)) else { break };
            at = later;
        }
        let wait = at.as_millisecond() - begin.as_millisecond();
        let wait = std::time::Duration::from_millis(u64::try_from(wait).unwrap_or_default());
        (!wait.is_zero()).then(|| now.plus(wait))
    }

    /// The end of the quiet hours of a zone, where `at` lies in them.
    fn morning(&self, at: Instant, zone: &TimeZone) -> Option<Instant> {
        let local = at.to_zoned(zone.clone());
        let (day, time) = (local.date(), local.time());
        let over_midnight = self.to < self.from;
        let end: Date = if over_midnight && time >= self.from {
            day.tomorrow().ok()?
        } else if (over_midnight || self.from <= time) && time < self.to {
            day
        } else {
            return None;
        };
        let opens = end.to_datetime(self.to).to_zoned(zone.clone()).ok()?.timestamp();
        // An hour that a change of clocks repeats must not lead back.
        (opens > at).then_some(opens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(number: &str, now: &str) -> String {
        let quiet = Quiet::new(&QuietHours::default(), "Europe/Vienna").unwrap();
        let until = quiet.until(number, now.parse().unwrap());
        until.map(|at| at.to_string()).unwrap_or_default()
    }

    #[test]
    fn the_clock_is_that_of_the_numbers_country() {
        let vienna = "+436641234567";
        assert_eq!(until(vienna, "2026-11-22T19:59:59Z"), "");
        assert_eq!(until(vienna, "2026-11-22T20:00:00Z"), "2026-11-23T07:00:00.000Z");
        assert_eq!(until(vienna, "2026-11-23T06:59:00Z"), "2026-11-23T07:00:00.000Z");
        assert_eq!(until(vienna, "2026-11-23T07:00:00Z"), "");
        // Summer time.
        assert_eq!(until(vienna, "2026-07-01T19:00:00Z"), "2026-07-02T06:00:00.000Z");
        assert_eq!(until("+447700900100", "2026-11-22T20:30:00Z"), "");
        assert_eq!(until("+819012345678", "2026-11-22T13:00:00Z"), "2026-11-22T23:00:00.000Z");
    }

    #[test]
    fn a_country_of_many_zones_is_awake_when_all_of_it_is() {
        // It is eight in Honolulu at 18:00 UTC, and nine in the evening in New York at 02:00.
        let number = "+12025550100";
        assert_eq!(until(number, "2026-11-22T12:00:00Z"), "2026-11-22T18:00:00.000Z");
        assert_eq!(until(number, "2026-11-22T18:00:00Z"), "");
        assert_eq!(until(number, "2026-11-23T01:59:00Z"), "");
        assert_eq!(until(number, "2026-11-23T02:00:00Z"), "2026-11-23T18:00:00.000Z");
        // Russia's eleven zones leave two hours.
        assert_eq!(until("+79161234567", "2026-11-23T00:00:00Z"), "2026-11-23T06:00:00.000Z");
        assert_eq!(until("+79161234567", "2026-11-23T06:00:00Z"), "");
    }

    #[test]
    fn a_number_that_tells_nothing_is_at_home() {
        // Inmarsat.
        assert_eq!(until("+870773111632", "2026-11-22T21:00:00Z"), "2026-11-23T07:00:00.000Z");
    }

    #[test]
    fn hours_within_a_day_are_hours_too() {
        let hours = QuietHours { from: "12:00".to_owned(), to: "13:30".to_owned() };
        let quiet = Quiet::new(&hours, "UTC").unwrap();
        let at = |now: &str| quiet.until("+447700900100", now.parse().unwrap()).is_some();
        assert!(!at("2026-11-22T11:59:00Z") && at("2026-11-22T12:00:00Z"));
        assert!(at("2026-11-22T13:29:00Z") && !at("2026-11-22T13:30:00Z"));
        for (from, to) in [("9", "10:00"), ("25:00", "08:00"), ("08:00", "08:00"), ("", "")] {
            let hours = QuietHours { from: from.to_owned(), to: to.to_owned() };
            assert!(!hours.are_hours(), "{hours:?}");
        }
    }

    #[test]
    fn every_zone_of_the_list_is_known() {
        for line in ZONES.lines() {
            let (code, names) = line.split_once(' ').unwrap();
            for name in names.split(' ') {
                assert!(TimeZone::get(name).is_ok(), "{code}: {name}");
            }
        }
        assert!(BY_COUNTRY.len() > 240);
    }
}

//! The days and hours in which a campaign's messages leave.

use std::time::Duration;

use crm_core::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, ToSpan};

use crate::campaigns::Schedule;

/// How long until messages may leave; zero while they may.
///
/// An end before the beginning is on the next day, so that a window may span midnight; it belongs to the day it begins
/// on. Hours that a change of clocks skips or repeats are taken as the zone's rules say.
///
/// # Errors
/// In words, where the window cannot be understood: then nothing may leave.
pub(super) fn until_open(schedule: &Schedule, now: Timestamp) -> Result<Duration, String> {
    let Some(window) = &schedule.window else { return Ok(Duration::ZERO) };
    let zone = match schedule.timezone.as_deref() {
        None => TimeZone::UTC,
        Some(name) => TimeZone::get(name).map_err(|_| format!("there is no time zone {name}"))?,
    };
    let time = |text: &str| {
        text.parse::<Time>().map_err(|_| format!("{text} is no time of day like 09:00"))
    };
    let (from, to) = (time(&window.from)?, time(&window.to)?);
    let unclear = |_: jiff::Error| "the sending window cannot be computed".to_owned();

    let now = Instant::from_millisecond(now.unix_millis()).map_err(unclear)?;
    let today = now.to_zoned(zone.clone()).date();
    let at = |day: Date, time: Time| {
        day.to_datetime(time).to_zoned(zone.clone()).map(|moment| moment.timestamp())
    };
    // Yesterday's window may still be open; eight days ahead every weekday has been seen.
    for offset in -1..=8_i64 {
        let day = today.checked_add(offset.days()).map_err(unclear)?;
        let weekday = u8::try_from(day.weekday().to_monday_one_offset()).unwrap_or_default();
        if !window.days.contains(&weekday) {
            continue;
        }
        let last = if to > from { day } else { day.tomorrow().map_err(unclear)? };
        let (opens, closes) = (at(day, from).map_err(unclear)?, at(last, to).map_err(unclear)?);
        if now < closes {
            let wait = opens.as_millisecond() - now.as_millisecond();
            return Ok(Duration::from_millis(u64::try_from(wait).unwrap_or_default()));
        }
    }
    Err("the sending window has no days".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaigns::Window;

    fn wait(days: &[u8], from: &str, to: &str, zone: &str, now: &str) -> Result<u64, String> {
        let window = Window { days: days.to_vec(), from: from.to_owned(), to: to.to_owned() };
        let schedule = Schedule {
            timezone: Some(zone.to_owned()),
            window: Some(window),
            ..Schedule::default()
        };
        until_open(&schedule, now.parse().unwrap()).map(|wait| wait.as_secs())
    }

    const WORKDAYS: [u8; 5] = [1, 2, 3, 4, 5];

    #[test]
    fn without_a_window_it_is_always_open() {
        let now = "2026-11-22T03:00:00Z".parse().unwrap();
        assert_eq!(until_open(&Schedule::default(), now), Ok(Duration::ZERO));
    }

    #[test]
    fn hours_and_days_are_those_of_the_zone() {
        let vienna = |now| wait(&WORKDAYS, "09:00", "17:00", "Europe/Vienna", now);
        // Monday 23 November 2026, in Vienna an hour ahead of UTC.
        assert_eq!(vienna("2026-11-23T07:59:00Z"), Ok(60));
        assert_eq!(vienna("2026-11-23T08:00:00Z"), Ok(0));
        assert_eq!(vienna("2026-11-23T15:59:59Z"), Ok(0));
        assert_eq!(vienna("2026-11-23T16:00:00Z"), Ok(16 * 3600));
        // From Friday's end to Monday.
        assert_eq!(vienna("2026-11-27T16:00:00Z"), Ok(64 * 3600));
    }

    #[test]
    fn a_window_may_span_midnight() {
        let night = |now| wait(&[5], "22:00", "06:00", "UTC", now);
        assert_eq!(night("2026-11-27T21:00:00Z"), Ok(3600));
        assert_eq!(night("2026-11-28T05:59:00Z"), Ok(0));
        assert_eq!(night("2026-11-28T06:00:00Z"), Ok(6 * 24 * 3600 + 16 * 3600));
    }

    #[test]
    fn a_change_of_clocks_moves_the_window() {
        // Clocks go back on 25 October 2026: the same local hour is an hour later in UTC.
        let daily = |now| wait(&[6, 7], "09:00", "10:00", "Europe/Vienna", now);
        assert_eq!(daily("2026-10-24T07:00:00Z"), Ok(0));
        assert_eq!(daily("2026-10-25T07:00:00Z"), Ok(3600));
    }

    #[test]
    fn what_cannot_be_understood_is_never_open() {
        assert!(wait(&[], "09:00", "17:00", "UTC", "2026-11-23T10:00:00Z").is_err());
        assert!(wait(&[1], "nine", "17:00", "UTC", "2026-11-23T10:00:00Z").is_err());
        assert!(wait(&[1], "09:00", "17:00", "Moon/Crater", "2026-11-23T10:00:00Z").is_err());
    }
}

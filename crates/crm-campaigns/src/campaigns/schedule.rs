//! Schedules: what is a valid one, and how long sending takes under it.

use std::num::NonZeroU64;

use crm_providers::budget::Limits;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::{CampaignsError, Result, Schedule, Window};

/// Most messages a minute anybody may ask for.
const MAX_RATE: u32 = 100_000;
const DAY: u64 = 86_400;

/// Checks a schedule.
///
/// # Errors
/// [`CampaignsError::InvalidSchedule`] with what is wrong, in words.
pub(super) fn check(schedule: &Schedule) -> Result<()> {
    let invalid = |what: &str| Err(CampaignsError::InvalidSchedule(what.to_owned()));
    if let Some(zone) = &schedule.timezone
        && TimeZone::get(zone).is_err()
    {
        return invalid("enter a time zone like Europe/Vienna");
    }
    if schedule.rate_per_minute.is_some_and(|rate| rate == 0 || rate > MAX_RATE) {
        return invalid("messages a minute must be between 1 and 100,000");
    }
    let Some(window) = &schedule.window else {
        return Ok(());
    };
    let mut days = window.days.clone();
    days.sort_unstable();
    days.dedup();
    if days.is_empty()
        || days.len() != window.days.len()
        || days.iter().any(|day| !(1..=7).contains(day))
    {
        return invalid("choose days from 1 (Monday) to 7 (Sunday), each once");
    }
    match (time(&window.from), time(&window.to)) {
        (Some(from), Some(to)) if from < to => Ok(()),
        (Some(_), Some(_)) => invalid("the window must end after it begins, on the same day"),
        _ => invalid("enter the window's times like 09:00 and 17:00"),
    }
}

/// Reads `09:00`.
pub(crate) fn time(text: &str) -> Option<Time> {
    let well_formed = text.len() == 5 && text.as_bytes().get(2) == Some(&b':');
    if well_formed { Time::strptime("%H:%M", text).ok() } else { None }
}

/// How long `messages` take, in seconds, from a moment when the window opens; `None` where nothing limits them. The
/// last day of several is counted as far as it is used.
pub(super) fn seconds(messages: u64, limits: Limits, schedule: &Schedule) -> Option<u64> {
    let rate = [limits.per_minute, schedule.rate_per_minute].into_iter().flatten().min();
    let open = schedule.window.as_ref().map_or(DAY, open_seconds);
    let in_open_time = rate.map(|rate| u64::from(rate) * (open / 60));
    let per_day = limits.per_day.map(u64::from);
    let capacity = [in_open_time, per_day].into_iter().flatten().min()?;
    let capacity = NonZeroU64::new(capacity)?;
    let whole_days = messages.saturating_sub(1) / capacity;
    let rest = messages - whole_days * capacity.get();
    let last_day = rate.map_or(0, |rate| (rest * 60).div_ceil(u64::from(rate.max(1))));
    Some(calendar_days(whole_days, schedule.window.as_ref()) * DAY + last_day)
}

fn open_seconds(window: &Window) -> u64 {
    let span = time(&window.from).zip(time(&window.to)).map(|(from, to)| from.duration_until(to));
    span.and_then(|span| u64::try_from(span.as_secs()).ok()).unwrap_or(DAY)
}

/// Days of sending as days of the calendar, the closed ones between them counted.
fn calendar_days(days: u64, window: Option<&Window>) -> u64 {
    let open = window.map_or(7, |window| u64::try_from(window.days.len()).unwrap_or(7)).clamp(1, 7);
    (days * 7).div_ceil(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(per_minute: Option<u32>, per_day: Option<u32>) -> Limits {
        Limits { per_minute, per_day, ..Limits::default() }
    }

    fn office() -> Window {
        Window { days: vec![1, 2, 3, 4, 5], from: "09:00".to_owned(), to: "17:00".to_owned() }
    }

    #[test]
    fn time_is_told_under_each_limit() {
        let free = Schedule::default();
        assert_eq!(seconds(1_000, limits(None, None), &free), None);
        assert_eq!(seconds(1_000, limits(Some(100), None), &free), Some(600));
        assert_eq!(seconds(0, limits(Some(100), None), &free), Some(0));
        assert_eq!(seconds(1_000, limits(None, Some(400)), &free), Some(2 * 86_400));
        let slow = Schedule { rate_per_minute: Some(10), ..Schedule::default() };
        assert_eq!(seconds(100, limits(Some(60), None), &slow), Some(600));
        // 10 a minute for 8 hours is 4,800 a day; ten days of that span two weeks.
        let office =
            Schedule { rate_per_minute: Some(10), window: Some(office()), ..Schedule::default() };
        assert_eq!(seconds(48_010, limits(None, None), &office), Some(14 * 86_400 + 60));
    }

    #[test]
    fn wrong_schedules_are_refused_in_words() {
        let with = |window| Schedule { window: Some(window), ..Schedule::default() };
        assert!(check(&with(office())).is_ok());
        for bad in [
            Schedule { timezone: Some("Mars/Olympus".to_owned()), ..Schedule::default() },
            Schedule { rate_per_minute: Some(0), ..Schedule::default() },
            with(Window { days: vec![], ..office() }),
            with(Window { days: vec![1, 1], ..office() }),
            with(Window { days: vec![8], ..office() }),
            with(Window { from: "9:00".to_owned(), ..office() }),
            with(Window { from: "18:00".to_owned(), ..office() }),
        ] {
            assert!(check(&bad).is_err(), "{bad:?}");
        }
    }
}

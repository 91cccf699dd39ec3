//! Which backups stay: all of the last day, and of the time before it the last one of each day, week and month.

use std::collections::BTreeSet;
use std::time::Duration;

use crm_core::{BackupId, Timestamp};

/// None of the last day goes: somebody may have made it for a reason.
const YOUNG: Duration = Duration::from_hours(24);

/// How many days, weeks and months back there is one of each. The newest stays whatever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// Days.
    pub days: u16,
    /// Weeks, beginning on Mondays.
    pub weeks: u16,
    /// Months.
    pub months: u16,
}

impl Default for Keep {
    fn default() -> Self {
        Self { days: 7, weeks: 4, months: 12 }
    }
}

impl Keep {
    /// Reads `7,4,12`: days, weeks, months.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not three numbers (days,weeks,months) like 7,4,12");
        let numbers = text.split(',').map(|part| part.trim().parse::<u16>());
        let numbers: Vec<u16> = numbers.collect::<Result<_, _>>().map_err(|_| wrong())?;
        let [days, weeks, months] = numbers.as_slice() else { return Err(wrong()) };
        Ok(Self { days: *days, weeks: *weeks, months: *months })
    }

    /// Those that may go, of these that were checked.
    pub(crate) fn spare(self, all: &[(BackupId, Timestamp)], now: Timestamp) -> Vec<BackupId> {
        let mut newest_first = all.to_vec();
        newest_first.sort_by_key(|(id, at)| std::cmp::Reverse((*at, *id)));
        let (mut days, mut weeks, mut months) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut spare = Vec::new();
        for (number, (id, at)) in newest_first.into_iter().enumerate() {
            let date = at.as_datetime().date();
            // The newest of each day, week and month takes its place; one that is past the last place takes none.
            let is_of_day = takes(&mut days, i64::from(date.to_julian_day()), self.days);
            let is_of_week =
                takes(&mut weeks, i64::from(date.to_julian_day()).div_euclid(7), self.weeks);
            let month = i64::from(date.year()) * 12 + i64::from(u8::from(date.month()));
            let is_of_month = takes(&mut months, month, self.months);
            let is_young = number == 0 || now.since(at) < YOUNG;
            if !(is_young || is_of_day || is_of_week || is_of_month) {
                spare.push(id);
            }
        }
        spare
    }
}

/// Whether this one is the first of its time, while there are places.
fn takes(taken: &mut BTreeSet<i64>, time: i64, places: u16) -> bool {
    taken.len() < usize::from(places) && taken.insert(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn id(n: u32) -> BackupId {
        format!("018f0000-0000-7000-8000-{n:012}").parse().unwrap()
    }

    /// One a day for `days` days, the newest an hour old; number 0 is the newest.
    fn daily(days: u32, now: Timestamp) -> Vec<(BackupId, Timestamp)> {
        let one = |n: u32| (id(n), now.minus(Duration::from_hours(1 + 24 * u64::from(n))));
        (0..days).map(one).collect()
    }

    #[test]
    fn a_year_of_days_becomes_a_few() {
        let now = at("2026-11-28T12:00:00.000Z");
        let all = daily(400, now);
        let spare = Keep::default().spare(&all, now);
        let kept: Vec<u32> = (0..400).filter(|n| !spare.contains(&id(*n))).collect();
        assert_eq!(kept[..7], [0, 1, 2, 3, 4, 5, 6], "a week of days");
        assert!(kept.len() <= 7 + 4 + 12, "{kept:?}");
        assert!(kept.iter().any(|n| (330..366).contains(n)), "a year back: {kept:?}");
        // Whoever does it again finds nothing more to do.
        let left: Vec<_> = all.iter().filter(|(one, _)| !spare.contains(one)).copied().collect();
        assert_eq!(Keep::default().spare(&left, now), []);
    }

    #[test]
    fn the_newest_and_those_of_the_last_day_stay_whatever_is_wanted() {
        let now = at("2026-11-28T12:00:00.000Z");
        let none = Keep { days: 0, weeks: 0, months: 0 };
        let today =
            [(id(1), at("2026-11-28T11:00:00.000Z")), (id(2), at("2026-11-28T10:00:00.000Z"))];
        assert_eq!(none.spare(&today, now), []);
        let old =
            [(id(1), at("2020-01-01T00:00:00.000Z")), (id(2), at("2019-01-01T00:00:00.000Z"))];
        assert_eq!(none.spare(&old, now), [id(2)]);
        assert_eq!(none.spare(&[], now), []);
    }

    #[test]
    fn what_is_wanted_is_three_numbers() {
        assert_eq!(Keep::parse("7, 4,12"), Ok(Keep::default()));
        for bad in ["", "7", "7,4", "7,4,12,1", "a,b,c", "-1,4,12", "7,4,99999"] {
            assert!(Keep::parse(bad).is_err(), "{bad}");
        }
    }
}

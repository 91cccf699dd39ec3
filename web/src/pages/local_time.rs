//! Moments as the date and time fields of forms hold them: local time of a zone.

use crm_core::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{ToSpan as _, Zoned};

use crate::error::AppError;

/// A local date and time of a zone as a moment. `field` is what an error is about.
///
/// # Errors
/// 422 for what is no date and time, or no zone.
pub(super) fn moment(field: &str, local: &str, zone: &str) -> Result<Timestamp, AppError> {
    let invalid = || AppError::invalid(field, "enter a date and time, like 2026-11-23 09:00");
    let local: DateTime = local.replace(' ', "T").parse().map_err(|_| invalid())?;
    let zone = TimeZone::get(zone)
        .map_err(|_| AppError::invalid("time_zone", "choose a time zone like Europe/Vienna"))?;
    let at = zone.to_timestamp(local).map_err(|_| invalid())?;
    at.to_string().parse().map_err(|_| invalid())
}

/// A moment in a zone; UTC where the zone is unknown.
fn zoned(at: Timestamp, zone: &str) -> Option<Zoned> {
    let at: jiff::Timestamp = at.to_string().parse().ok()?;
    Some(at.to_zoned(TimeZone::get(zone).unwrap_or(TimeZone::UTC)))
}

/// A moment as a date and time field of a zone shows it.
pub(super) fn local(at: Timestamp, zone: &str) -> String {
    zoned(at, zone).map(|at| at.strftime("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default()
}

/// `hour` o'clock on the day that is so many days after today in a zone, as seen at `now`.
pub(super) fn in_days(now: Timestamp, zone: &str, days: i64, hour: i8) -> Option<Timestamp> {
    let day = zoned(now, zone)?.date().checked_add(days.days()).ok()?;
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let at = zone.to_timestamp(day.at(hour, 0, 0, 0)).ok()?;
    at.to_string().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tomorrow_is_that_of_the_zone() {
        let now: Timestamp = "2026-11-03T23:30:00Z".parse().unwrap();
        let at = |zone, hour| in_days(now, zone, 1, hour).unwrap().to_string();
        assert_eq!(at("UTC", 0), "2026-11-04T00:00:00.000Z");
        assert_eq!(at("Europe/Vienna", 9), "2026-11-05T08:00:00.000Z");
        assert_eq!(local(now, "Europe/Vienna"), "2026-11-04T00:30");
        assert_eq!(moment("due_at", "2026-11-04 00:30", "Europe/Vienna").unwrap(), now);
        assert!(moment("due_at", "soon", "UTC").is_err());
    }
}

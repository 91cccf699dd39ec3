//! `Retry-After` (RFC 9110 10.2.3): seconds, or a date.

use std::time::Duration;

use crm_core::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Longest wait that is believed.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// How long to wait, by the text of the header.
pub(crate) fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let wait = if let Ok(seconds) = text.parse::<u64>() {
        Duration::from_secs(seconds)
    } else {
        let at = OffsetDateTime::parse(text, &Rfc2822).ok()?;
        Duration::try_from(at - now.as_datetime()).unwrap_or_default()
    };
    Some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_understood_and_nothing_is_waited_for_too_long() {
        let now: Timestamp = "2026-11-22T23:30:00.000Z".parse().unwrap();
        let wait = |text: &str| retry_after(text, now).map(|wait| wait.as_secs());
        assert_eq!(wait("120"), Some(120));
        assert_eq!(wait(" 0 "), Some(0));
        assert_eq!(wait("Sun, 22 Nov 2026 23:31:30 GMT"), Some(90));
        assert_eq!(wait("Sun, 22 Nov 2026 20:31:30 GMT"), Some(0));
        assert_eq!(wait("99999999"), Some(86_400));
        assert_eq!(wait("Mon, 22 Nov 2027 23:31:30 GMT"), Some(86_400));
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("-1"), None);
    }
}

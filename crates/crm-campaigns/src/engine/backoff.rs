//! When a message that was surely not taken is tried again.

use std::time::Duration;

use crm_core::RecipientId;

/// Minutes to wait after each attempt: short at first, for greylisting, and a day in all.
const WAITS: [u64; 7] = [1, 5, 15, 60, 240, 720, 399];

/// Attempts after which a message is given up.
pub(super) const MAX_ATTEMPTS: i64 = 8;

/// The longest a provider may ask us to wait.
const LONGEST: Duration = Duration::from_hours(24);

/// How long to wait after attempt number `attempts` (from 1) failed; `None` where it was the last.
///
/// Waits differ by up to 20 % in either direction, so that messages refused together do not come back together. What
/// the provider asks for is obeyed.
pub(super) fn wait(
    recipient: RecipientId,
    attempts: i64,
    retry_after: Option<Duration>,
) -> Option<Duration> {
    let index = usize::try_from(attempts.max(1) - 1).ok()?;
    let minutes = WAITS.get(index)?;
    let own = Duration::from_secs(minutes * 60) * (800 + jitter(recipient, attempts)) / 1000;
    Some(own.max(retry_after.unwrap_or_default().min(LONGEST)))
}

/// 0 to 400, from the random part of the row's id: the same row waits the same time whoever computes it.
fn jitter(recipient: RecipientId, attempts: i64) -> u32 {
    let (_, random) = recipient.as_uuid().as_u64_pair();
    let step = attempts.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    // The finish of splitmix64: every bit of the input reaches every bit of the output.
    let mixed = random ^ step;
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let mixed = mixed ^ (mixed >> 31);
    u32::try_from(mixed % 401).unwrap_or(200)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = "0190a6b2-7c1d-7e3f-8a4b-5c6d7e8f9a0b";

    #[test]
    fn waits_grow_to_a_day_and_end() {
        let row: RecipientId = ROW.parse().unwrap();
        let mut total = Duration::ZERO;
        for (attempts, minutes) in (1_i64..).zip(WAITS) {
            let wait = wait(row, attempts, None).unwrap();
            let plain = Duration::from_secs(minutes * 60);
            assert!(wait >= plain * 4 / 5 && wait <= plain * 6 / 5, "{attempts}: {wait:?}");
            total += plain;
        }
        assert_eq!(total, LONGEST);
        assert_eq!(wait(row, MAX_ATTEMPTS, None), None);
        assert_eq!(wait(row, MAX_ATTEMPTS, Some(Duration::from_secs(1))), None);
    }

    #[test]
    fn what_the_provider_asks_for_is_obeyed_up_to_a_day() {
        let row: RecipientId = ROW.parse().unwrap();
        let asked = |seconds| wait(row, 1, Some(Duration::from_secs(seconds))).unwrap();
        assert_eq!(asked(600), Duration::from_mins(10));
        assert_eq!(asked(9_999_999), LONGEST);
        assert_eq!(asked(1), wait(row, 1, None).unwrap());
    }

    #[test]
    fn rows_refused_together_come_back_apart() {
        let ids = (0..100).map(|n| format!("0190a6b2-7c1d-7e3f-8a4b-5c6d7e8f9a{n:02x}"));
        let waits: std::collections::HashSet<Duration> =
            ids.filter_map(|id| wait(id.parse().unwrap(), 1, None)).collect();
        assert!(waits.len() > 50, "{}", waits.len());
    }
}

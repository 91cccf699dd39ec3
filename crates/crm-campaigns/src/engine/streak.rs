//! Failures of one kind in a row: a sign that the cause is not the recipients.

use crm_providers::spending::SPENT;

use super::outcome::Verdict;

/// So many of one kind in a row pause a campaign.
const LIMIT: u32 = 20;

/// The failures since the last message that was taken, as far as they are of one kind.
#[derive(Debug, Clone, Default)]
pub(super) struct Streak {
    kind: String,
    length: u32,
}

impl Streak {
    /// Takes one more verdict; answers why the campaign must pause, if it must.
    pub(super) fn note(&mut self, verdict: &Verdict) -> Option<String> {
        let (kind, message) = match verdict {
            Verdict::Sent { .. } => {
                *self = Self::default();
                return None;
            }
            // Our own limit, in words of our own.
            Verdict::Blocked { kind, message } if kind == SPENT => return Some(message.clone()),
            Verdict::Blocked { kind, message } => {
                return Some(format!(
                    "The provider does not take our messages ({kind}): {message}"
                ));
            }
            Verdict::Retry { kind, message, .. } | Verdict::Failed { kind, message, .. } => {
                (kind.as_str(), message)
            }
            Verdict::Unknown { message } => ("no answer", message),
            // These say nothing about the provider.
            Verdict::Undeliverable { .. } | Verdict::Skipped(_) | Verdict::Requeue { .. } => {
                return None;
            }
        };
        if self.kind == kind {
            self.length += 1;
        } else {
            *self = Self { kind: kind.to_owned(), length: 1 };
        }
        (self.length >= LIMIT).then(|| {
            format!("{LIMIT} messages in a row failed in the same way ({kind}): {message}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retry(kind: &str) -> Verdict {
        Verdict::Retry { kind: kind.to_owned(), message: "busy".to_owned(), retry_after: None }
    }

    #[test]
    fn twenty_of_one_kind_in_a_row_pause() {
        let mut streak = Streak::default();
        for _ in 1..LIMIT {
            assert_eq!(streak.note(&retry("smtp 451")), None);
        }
        let reason = streak.note(&retry("smtp 451")).unwrap();
        assert!(reason.contains("smtp 451") && reason.contains("busy"), "{reason}");
    }

    #[test]
    fn another_kind_or_a_success_begins_anew() {
        let mut streak = Streak::default();
        for _ in 0..3 {
            for _ in 1..LIMIT {
                assert_eq!(streak.note(&retry("smtp 451")), None);
            }
            assert_eq!(streak.note(&Verdict::Sent { log: None, external_id: None }), None);
            for _ in 1..LIMIT {
                assert_eq!(streak.note(&retry("smtp 451")), None);
            }
            assert_eq!(streak.note(&retry("connect")), None);
        }
    }

    #[test]
    fn a_provider_that_lets_us_in_no_more_pauses_at_once() {
        let blocked =
            Verdict::Blocked { kind: "authentication".to_owned(), message: "535".to_owned() };
        assert!(Streak::default().note(&blocked).is_some_and(|reason| reason.contains("535")));
    }
}

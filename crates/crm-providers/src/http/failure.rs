//! What went wrong on the way to an answer, and what that means for a message.

use std::error::Error as _;
use std::time::Duration;

use crm_core::outbound::{AddressError, Unreachable};

use crate::email::Outcome;

/// Most characters of a provider's own words that are shown.
const WORDS: usize = 400;

/// Why there was no answer.
#[derive(Debug, Clone)]
pub(crate) enum Cause {
    /// The address may not be connected to, or is not known.
    Outbound(Unreachable),
    /// No connection came about.
    Connect(String),
    /// The TLS handshake failed.
    Tls(String),
    /// The connection ended.
    Lost(String),
    /// No answer within this time.
    TimedOut(Duration),
}

impl Cause {
    /// What an error of the client was.
    pub(super) fn of(error: &reqwest::Error) -> Self {
        let mut deepest = error.to_string();
        let (mut is_tls, mut source) = (false, error.source());
        while let Some(cause) = source {
            if let Some(outbound) = cause.downcast_ref::<Unreachable>() {
                return Self::Outbound(outbound.clone());
            }
            let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
            is_tls |= cause.is::<tokio_rustls::rustls::Error>()
                || inner
                    .and_then(|inner| inner.downcast_ref::<tokio_rustls::rustls::Error>())
                    .is_some();
            deepest = cause.to_string();
            source = cause.source();
        }
        let words = one_line(&deepest);
        if is_tls {
            Self::Tls(words)
        } else if error.is_connect() {
            Self::Connect(words)
        } else {
            Self::Lost(words)
        }
    }
}

impl std::error::Error for Cause {}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Outbound(error) => error.fmt(f),
            Self::Connect(how) => write!(f, "no connection: {how}"),
            Self::Tls(how) => write!(f, "TLS failed: {how}"),
            Self::Lost(how) => write!(f, "the connection failed: {how}"),
            Self::TimedOut(limit) => write!(f, "no answer within {} s", limit.as_secs_f32().ceil()),
        }
    }
}

/// A cause, and how far the message had come.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Whether its end may have left.
    pub(crate) handed_over: bool,
    pub(crate) cause: Cause,
}

impl Failure {
    /// What it means for the message.
    pub(crate) fn outcome(&self) -> Outcome {
        let message = self.cause.to_string();
        let kind = match &self.cause {
            _ if self.handed_over => return Outcome::Unknown { message },
            Cause::Outbound(Unreachable::Refused(
                AddressError::Blocked(_) | AddressError::InClear | AddressError::Malformed,
            )) => return Outcome::Blocked { kind: "outbound".to_owned(), message },
            Cause::Outbound(Unreachable::NotFound(_)) | Cause::Connect(_) | Cause::Lost(_) => {
                "connect"
            }
            Cause::Tls(_) => "tls",
            Cause::TimedOut(_) => "timeout",
        };
        Outcome::Transient { kind: kind.to_owned(), message, retry_after: None }
    }
}

/// A provider's words, in one line of bounded length.
pub(crate) fn one_line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace(char::is_control, " ").chars().take(WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_ambiguous_only_after_the_last_byte() {
        let causes = || {
            [
                Cause::Connect("refused".to_owned()),
                Cause::Tls("unknown issuer".to_owned()),
                Cause::Lost("reset".to_owned()),
                Cause::TimedOut(Duration::from_mins(1)),
            ]
        };
        for cause in causes() {
            let outcome = Failure { handed_over: false, cause }.outcome();
            assert!(matches!(outcome, Outcome::Transient { .. }), "{outcome:?}");
        }
        for cause in causes() {
            let outcome = Failure { handed_over: true, cause }.outcome();
            assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
        }
        let refused = Unreachable::Refused(AddressError::Blocked("10.0.0.1".to_owned()));
        let outcome = Failure { handed_over: false, cause: Cause::Outbound(refused) }.outcome();
        assert!(matches!(outcome, Outcome::Blocked { .. }), "{outcome:?}");
    }
}

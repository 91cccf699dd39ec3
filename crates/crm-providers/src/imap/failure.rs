//! What went wrong with a mailbox, in words.

use std::time::Duration;

use async_imap::error::Error;

use crate::outbound::OutboundError;

/// Most characters of a server's words that are shown.
const SHOWN: usize = 300;

/// Why a mailbox could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImapFailure {
    /// The host may not be connected to, or is not known.
    #[error("{0}")]
    Outbound(String),
    /// The connection could not be made, or ended.
    #[error("the connection failed: {0}")]
    Lost(String),
    /// No answer in time.
    #[error("no answer within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// The TLS handshake failed.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The server said no to something.
    #[error("the server says: {0}")]
    Refused(String),
    /// The password would cross the internet in clear.
    #[error(
        "the server is on the internet and the password would travel in clear; choose STARTTLS or TLS"
    )]
    ClearPassword,
}

impl From<OutboundError> for ImapFailure {
    fn from(error: OutboundError) -> Self {
        Self::Outbound(error.to_string())
    }
}

impl From<std::io::Error> for ImapFailure {
    fn from(error: std::io::Error) -> Self {
        Self::Lost(shown(&error.to_string()))
    }
}

impl From<Error> for ImapFailure {
    fn from(error: Error) -> Self {
        match error {
            Error::No(said) | Error::Bad(said) => Self::Refused(words(&said)),
            Error::Io(error) => error.into(),
            other => Self::Lost(shown(&other.to_string())),
        }
    }
}

/// The server's own words in what the library makes of them: `code: …, info: Some("…")`.
fn words(said: &str) -> String {
    let info = said.split_once("info: Some(\"").and_then(|(_, rest)| rest.strip_suffix("\")"));
    shown(&info.unwrap_or(said).replace("\\\"", "\""))
}

/// A line of bounded length.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_words_are_shown() {
        let no = Error::No(
            "code: Some(Unknown), info: Some(\"[AUTHENTICATIONFAILED] \\\"No\\\" entry.\")"
                .to_owned(),
        );
        assert_eq!(
            ImapFailure::from(no).to_string(),
            "the server says: [AUTHENTICATIONFAILED] \"No\" entry."
        );
        let endless = Error::Io(std::io::Error::other("x\n".repeat(5_000)));
        assert!(ImapFailure::from(endless).to_string().len() < 400);
    }
}

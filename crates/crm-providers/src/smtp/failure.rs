//! What went wrong, and when.

use std::time::Duration;

use mail_send::Error;
use smtp_proto::Response;

use crate::outbound::OutboundError;

/// How far a message had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Reaching the server and greeting it.
    Connect,
    /// Changing to TLS.
    Tls,
    /// Signing in.
    SignIn,
    /// Naming the sender.
    Mail,
    /// Naming the recipient.
    Recipient,
    /// Asking to hand over the message.
    Data,
    /// Handing it over.
    Body,
    /// It is handed over to its last byte; the answer is due.
    Answer,
}

/// What went wrong.
#[derive(Debug)]
pub(super) enum Cause {
    /// The server said no.
    Refused(Response<String>),
    /// The connection could not be made, or ended.
    Lost(String),
    /// No answer within this time.
    TimedOut(Duration),
    /// The TLS handshake failed.
    Tls(String),
    /// The server does not offer STARTTLS.
    NoStartTls,
    /// The server offers no way to sign in that we know.
    NoSignIn,
    /// The password would cross the internet in clear.
    ClearPassword,
    /// The host may not be connected to, or is not known.
    Outbound(OutboundError),
}

impl Cause {
    /// The server's code, where it gave one.
    pub(super) const fn code(&self) -> Option<u16> {
        match self {
            Self::Refused(reply) => Some(reply.code),
            _ => None,
        }
    }

    /// Whether the server answered and waits for the next command.
    pub(super) const fn is_answer(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(reply) => f.write_str(&said(reply)),
            Self::Lost(how) => write!(f, "the connection failed: {how}"),
            Self::TimedOut(limit) => write!(f, "no answer within {} s", limit.as_secs_f32().ceil()),
            Self::Tls(how) => write!(f, "TLS failed: {how}"),
            Self::NoStartTls => f.write_str("the server does not offer STARTTLS; nothing was sent in clear"),
            Self::NoSignIn => {
                f.write_str("the server offers no sign-in with a password over this connection")
            }
            Self::ClearPassword => f.write_str(
                "the server is on the internet and the password would travel in clear; choose STARTTLS or TLS",
            ),
            Self::Outbound(error) => error.fmt(f),
        }
    }
}

impl From<Error> for Cause {
    fn from(error: Error) -> Self {
        match error {
            Error::UnexpectedReply(reply) | Error::AuthenticationFailed(reply) => {
                Self::Refused(reply)
            }
            Error::Io(error) => Self::Lost(error.to_string()),
            Error::Tls(error) => Self::Tls(error.to_string()),
            Error::InvalidTLSName => {
                Self::Tls("the host has no form a certificate could name".to_owned())
            }
            Error::MissingStartTls => Self::NoStartTls,
            Error::UnsupportedAuthMechanism | Error::MissingCredentials => Self::NoSignIn,
            // This is also what a server that hangs up without a word looks like.
            Error::UnparseableReply => Self::Lost("the server hung up or spoke no SMTP".to_owned()),
            Error::Timeout => Self::Lost("no answer in time".to_owned()),
            Error::Base64(_) | Error::Auth(_) | Error::MissingMailFrom | Error::MissingRcptTo => {
                Self::Lost("the server's answer made no sense".to_owned())
            }
        }
    }
}

/// The server's reply as one line: `550 5.1.1 User unknown`.
pub(super) fn said(reply: &Response<String>) -> String {
    let [class, subject, detail] = reply.esc;
    let text = reply.message.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut line = if class == 0 {
        format!("{} {text}", reply.code)
    } else {
        format!("{} {class}.{subject}.{detail} {text}", reply.code)
    };
    if let Some((cut, _)) = line.char_indices().nth(400) {
        line.truncate(cut);
    }
    line
}

/// A cause with the stage it came up at.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) stage: Stage,
    pub(super) cause: Cause,
}

impl Failure {
    pub(super) fn new(stage: Stage, cause: impl Into<Cause>) -> Self {
        Self { stage, cause: cause.into() }
    }
}

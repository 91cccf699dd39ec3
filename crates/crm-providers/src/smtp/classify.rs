//! What a failure means for the message, for the address and for the campaign (RFC 5321 4.2, RFC 3463).

use smtp_proto::Response;

use super::failure::{Cause, Failure, Stage, said};
use crate::email::Outcome;
use crate::outbound::OutboundError;

/// How servers without enhanced codes say that there is no such mailbox.
const UNKNOWN_USER: [&str; 12] = [
    "user unknown",
    "unknown user",
    "no such user",
    "user not found",
    "user does not exist",
    "recipient unknown",
    "unknown recipient",
    "no such recipient",
    "recipient not found",
    "no mailbox",
    "mailbox not found",
    "mailbox does not exist",
];

/// The outcome of a message that met `failure`.
pub(super) fn outcome(failure: &Failure) -> Outcome {
    let message = failure.cause.to_string();
    let transient = |kind: &str| Outcome::Transient {
        kind: kind.to_owned(),
        message: message.clone(),
        retry_after: None,
    };
    let blocked = |kind: &str| Outcome::Blocked { kind: kind.to_owned(), message: message.clone() };
    match (&failure.cause, failure.stage) {
        (Cause::Refused(reply), stage) => refused(reply, stage),
        (_, Stage::Answer) => Outcome::Unknown { message },
        (Cause::TimedOut(_), _) => transient("timeout"),
        (Cause::Tls(_) | Cause::NoStartTls, _) | (Cause::Lost(_), Stage::Tls) => transient("tls"),
        (Cause::NoSignIn | Cause::ClearPassword, _) => blocked("authentication"),
        (Cause::Outbound(OutboundError::Blocked(_)), _) => blocked("outbound"),
        (Cause::Outbound(OutboundError::NotFound(_)) | Cause::Lost(_), _) => transient("connect"),
    }
}

fn refused(reply: &Response<String>, stage: Stage) -> Outcome {
    let kind = format!("smtp {}", reply.code);
    let message = said(reply);
    if is_quota(reply) {
        return Outcome::Blocked { kind: "quota".to_owned(), message };
    }
    let permanent = (500..600).contains(&reply.code);
    let sign_in = stage == Stage::SignIn || matches!(reply.code, 530 | 535 | 538);
    if permanent && sign_in {
        return Outcome::Blocked { kind: "authentication".to_owned(), message };
    }
    // MAIL FROM names only us: whoever comes next would be refused alike, and none of them is to blame.
    if permanent && stage == Stage::Mail {
        return Outcome::Blocked { kind: "sender".to_owned(), message };
    }
    // Before the first command of the message a refusal is about us, not about the recipient.
    if permanent && stage > Stage::Mail {
        let suppress = stage >= Stage::Recipient && is_dead_address(reply);
        return Outcome::Permanent { kind, message, suppress };
    }
    Outcome::Transient { kind, message, retry_after: None }
}

/// Whether the refusal says that our account may send nothing more for now.
fn is_quota(reply: &Response<String>) -> bool {
    let text = reply.message.to_lowercase();
    let daily = text.contains("daily") && (text.contains("limit") || text.contains("quota"));
    match (reply.code, reply.esc) {
        // The recipient's mailbox, not ours.
        (_, [_, 2, _]) => false,
        // Daily sending limit of the account: Gmail, Exchange Online.
        (550, [5, 4, 5] | [5, 1, 90]) => true,
        (454, [4, 7, 0]) => daily || text.contains("too many"),
        (550 | 552 | 554, _) => daily,
        _ => false,
    }
}

fn is_dead_address(reply: &Response<String>) -> bool {
    is_dead(reply.code, reply.esc, &reply.message)
}

/// Whether a refusal of this code and enhanced code (zeros where the server gave none) says that nobody is, or ever will
/// be, behind the address.
pub fn is_dead(code: u16, enhanced: [u8; 3], text: &str) -> bool {
    match enhanced {
        [5, 1, 1 | 2 | 3 | 6 | 10] | [5, 2, 1] => true,
        [0 | 5, 0, 0] => {
            let text = text.to_lowercase();
            matches!(code, 550 | 551 | 553) && UNKNOWN_USER.iter().any(|words| text.contains(words))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn reply(code: u16, esc: [u8; 3], text: &str) -> Response<String> {
        Response { code, esc, message: text.to_owned() }
    }

    fn at(stage: Stage, code: u16, esc: [u8; 3], text: &str) -> Outcome {
        outcome(&Failure { stage, cause: Cause::Refused(reply(code, esc, text)) })
    }

    fn suppresses(stage: Stage, code: u16, esc: [u8; 3], text: &str) -> bool {
        match at(stage, code, esc, text) {
            Outcome::Permanent { suppress, .. } => suppress,
            other => panic!("{code} {text}: {other:?}"),
        }
    }

    #[test]
    fn only_an_address_that_is_dead_is_suppressed() {
        let to = Stage::Recipient;
        assert!(suppresses(to, 550, [5, 1, 1], "mailbox unavailable"));
        assert!(suppresses(to, 553, [5, 1, 3], "bad syntax"));
        assert!(suppresses(to, 550, [5, 1, 10], "null MX"));
        assert!(suppresses(to, 550, [5, 2, 1], "mailbox disabled"));
        assert!(suppresses(to, 550, [0, 0, 0], "No such user here"));
        assert!(suppresses(Stage::Answer, 550, [5, 1, 1], "user unknown"));
        assert!(!suppresses(to, 550, [0, 0, 0], "mailbox unavailable"));
        assert!(!suppresses(to, 552, [5, 2, 2], "mailbox full"));
        assert!(!suppresses(to, 550, [5, 7, 1], "relaying denied, user unknown"));
        assert!(!suppresses(to, 554, [5, 7, 1], "no such user"));
        assert!(!suppresses(Stage::Answer, 554, [5, 7, 26], "unauthenticated mail"));
    }

    #[test]
    fn temporary_refusals_wait() {
        for (stage, code, esc) in [
            (Stage::Connect, 421, [4, 3, 2]),
            (Stage::Recipient, 450, [4, 2, 0]),
            (Stage::Recipient, 451, [4, 7, 1]),
            (Stage::Recipient, 452, [4, 2, 2]),
            (Stage::Answer, 452, [4, 3, 1]),
            (Stage::SignIn, 454, [4, 7, 0]),
            (Stage::Connect, 554, [5, 7, 1]),
        ] {
            let Outcome::Transient { kind, .. } = at(stage, code, esc, "try later") else {
                panic!("{code}");
            };
            assert_eq!(kind, format!("smtp {code}"));
        }
    }

    #[test]
    fn a_wrong_password_and_a_used_up_quota_block() {
        let kind = |outcome| match outcome {
            Outcome::Blocked { kind, .. } => kind,
            other => panic!("{other:?}"),
        };
        assert_eq!(kind(at(Stage::SignIn, 535, [5, 7, 8], "bad credentials")), "authentication");
        assert_eq!(kind(at(Stage::Mail, 530, [5, 7, 0], "sign in first")), "authentication");
        assert_eq!(kind(at(Stage::Mail, 550, [5, 1, 1], "sender unknown")), "sender");
        assert_eq!(kind(at(Stage::SignIn, 454, [4, 7, 0], "Too many login attempts")), "quota");
        assert_eq!(kind(at(Stage::Answer, 550, [5, 4, 5], "Daily limit exceeded")), "quota");
        assert_eq!(kind(at(Stage::Data, 454, [4, 7, 0], "Daily message quota exceeded")), "quota");
        let failure = Failure { stage: Stage::SignIn, cause: Cause::NoSignIn };
        assert_eq!(kind(outcome(&failure)), "authentication");
        assert!(!suppresses(Stage::Recipient, 552, [5, 2, 2], "over its daily quota limit"));
    }

    #[test]
    fn silence_is_ambiguous_only_after_the_last_byte() {
        let lost = || Cause::Lost("reset".to_owned());
        let late = || Cause::TimedOut(Duration::from_mins(1));
        for stage in [Stage::Mail, Stage::Recipient, Stage::Data, Stage::Body] {
            for cause in [lost(), late()] {
                let outcome = outcome(&Failure { stage, cause });
                assert!(matches!(outcome, Outcome::Transient { .. }), "{stage:?} {outcome:?}");
            }
        }
        for cause in [lost(), late()] {
            let outcome = outcome(&Failure { stage: Stage::Answer, cause });
            assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
        }
    }
}

//! What an answer of Twilio's means for the message, for the number and for the campaign. Its errors have numbers
//! (`{"code": 21211, "message": …}`).

use serde_json::Value;

use crate::delivery::{Delivery, Refusal};
use crate::email::{OPTED_OUT, Outcome};
use crate::http::{Answer, one_line};

/// The recipient asked Twilio to hear no more.
const STOPPED: u64 = 21_610;
/// The recipient's number is none, or takes no texts.
const DEAD: [u64; 3] = [21_211, 21_614, 21_217];
/// The same, of a message that was taken.
const UNREACHED: [u64; 3] = [30_005, 30_006, 21_614];
/// The account, its number or its rights are wrong: whoever comes next would be refused alike.
const OURS: [u64; 10] =
    [20_003, 20_005, 20_404, 21_212, 21_603, 21_606, 21_608, 21_659, 21_701, 21_703];
/// Too much at once.
const LATER: [u64; 3] = [20_429, 21_611, 14_107];

/// The outcome of a message that got this answer.
pub(super) fn outcome(answer: &Answer) -> Outcome {
    let json = answer.json();
    let status = answer.status;
    let text = |name: &str| json.as_ref()?.get(name)?.as_str().map(one_line);
    if matches!(status, 200 | 201)
        && let Some(sid) = text("sid")
    {
        return Outcome::Accepted { provider_id: Some(sid) };
    }
    let code = json.as_ref().and_then(|json| json.get("code")).and_then(Value::as_u64);
    let message = match (code, text("message")) {
        (Some(code), Some(words)) => format!("{code} {words}"),
        (None, Some(words)) => format!("{status} {words}"),
        _ => format!("Twilio answered {status} and nothing it usually says"),
    };
    let kind = code.map_or_else(|| format!("twilio {status}"), |code| format!("twilio {code}"));
    let retry_after = answer.retry_after;
    match (status, code) {
        (_, Some(STOPPED)) => {
            Outcome::Permanent { kind: OPTED_OUT.to_owned(), message, suppress: true }
        }
        (_, Some(code)) if DEAD.contains(&code) => {
            Outcome::Permanent { kind, message, suppress: true }
        }
        (429 | 503, _) => Outcome::Transient { kind, message, retry_after },
        (_, Some(code)) if LATER.contains(&code) => {
            Outcome::Transient { kind, message, retry_after }
        }
        (401, _) => Outcome::Blocked { kind: "authentication".to_owned(), message },
        (402, _) => Outcome::Blocked { kind: "quota".to_owned(), message },
        (_, Some(code)) if OURS.contains(&code) => {
            Outcome::Blocked { kind: "sender".to_owned(), message }
        }
        (300..=399 | 403 | 404, _) => Outcome::Blocked { kind: "sender".to_owned(), message },
        (400..=499, _) => Outcome::Permanent { kind, message, suppress: false },
        // Whoever answers like this, with 2xx or 5xx, may have handed the message on.
        _ => Outcome::Unknown { message },
    }
}

/// What became of a message it took: its `MessageStatus`, and its `ErrorCode` where there is one. A status nobody knows means
/// that the message is under way.
pub fn delivery(status: &str, error: Option<u32>) -> Delivery {
    match status {
        "delivered" | "read" => Delivery::Delivered,
        "undelivered" | "failed" | "canceled" => Delivery::Failed {
            message: match error {
                Some(code) => format!("{status}, Twilio’s number for it is {code}"),
                None => format!("{status}, Twilio says"),
            },
            suppress: match error.map(u64::from) {
                Some(STOPPED) => Some(Refusal::OptedOut),
                Some(code) if UNREACHED.contains(&code) => Some(Refusal::Dead),
                _ => None,
            },
        },
        _ => Delivery::UnderWay,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(status: u16, body: &str) -> Outcome {
        outcome(&Answer { status, retry_after: None, body: body.into(), is_whole: true })
    }

    fn error(status: u16, code: u64) -> Outcome {
        at(status, &format!(r#"{{"code": {code}, "message": "No.", "status": {status}}}"#))
    }

    #[test]
    fn taken_is_what_comes_with_an_id() {
        // Every field but a few may be null.
        let taken =
            at(201, r#"{"sid": "SM1", "status": "queued", "error_code": null, "price": null}"#);
        assert_eq!(taken, Outcome::Accepted { provider_id: Some("SM1".to_owned()) });
        for other in ["", "<html>", "{}", r#"{"sid": null}"#] {
            assert!(matches!(at(201, other), Outcome::Unknown { .. }), "{other}");
        }
    }

    #[test]
    fn numbers_tell_whose_fault_it_is() {
        let Outcome::Permanent { kind, suppress, .. } = error(400, 21_610) else { panic!() };
        assert_eq!((kind.as_str(), suppress), (OPTED_OUT, true));
        for dead in [21_211, 21_614] {
            assert!(
                matches!(error(400, dead), Outcome::Permanent { suppress: true, .. }),
                "{dead}"
            );
        }
        assert!(matches!(error(400, 21_408), Outcome::Permanent { suppress: false, .. }));
        for (status, code) in [(401, 20_003), (400, 21_606), (404, 20_404), (403, 20_005)] {
            assert!(matches!(error(status, code), Outcome::Blocked { .. }), "{code}");
        }
        for (status, code) in [(429, 20_429), (400, 21_611), (503, 20_503)] {
            assert!(matches!(error(status, code), Outcome::Transient { .. }), "{code}");
        }
    }

    #[test]
    fn silence_in_words_is_ambiguous() {
        for (status, body) in [(500, "<html>"), (502, ""), (504, ""), (202, "")] {
            assert!(matches!(at(status, body), Outcome::Unknown { .. }), "{status}");
        }
        assert!(matches!(at(503, ""), Outcome::Transient { .. }));
        assert!(matches!(at(302, ""), Outcome::Blocked { .. }));
    }

    #[test]
    fn a_message_that_was_taken_ends_in_one_of_three_ways() {
        assert_eq!(delivery("read", None), Delivery::Delivered);
        for under_way in ["queued", "sent", "a word of next year"] {
            assert_eq!(delivery(under_way, None), Delivery::UnderWay, "{under_way}");
        }
        for (code, wanted) in [
            (Some(21_610), Some(Refusal::OptedOut)),
            (Some(30_005), Some(Refusal::Dead)),
            (Some(30_007), None),
            (None, None),
        ] {
            let Delivery::Failed { suppress, .. } = delivery("undelivered", code) else { panic!() };
            assert_eq!(suppress, wanted, "{code:?}");
        }
    }
}

//! What an answer of Mailgun's means for the message, for the address and for the campaign.

use std::time::Duration;

use serde_json::Value;

use crate::email::Outcome;
use crate::http::{Answer, LONGEST_WAIT, one_line};

/// The outcome of a message that got this answer.
pub(super) fn outcome(answer: &Answer) -> Outcome {
    let json = answer.json();
    let status = answer.status;
    if status == 200
        && let Some(id) = json.as_ref().and_then(|json| json.get("id")).and_then(Value::as_str)
    {
        let id = one_line(id.trim_matches(['<', '>']));
        return Outcome::Accepted { provider_id: Some(id) };
    }
    let words = words(json.as_ref());
    let message = said(status, words.as_deref());
    let kind = format!("mailgun {status}");
    match status {
        // Whoever answers like this may have handed the message on.
        200..=299 | 502 | 504 => Outcome::Unknown { message },
        401 => Outcome::Blocked { kind: "authentication".to_owned(), message },
        402 => Outcome::Blocked { kind: "quota".to_owned(), message },
        // The domain is not ours, not here or switched off: whoever comes next would be refused alike.
        403 | 404 => Outcome::Blocked { kind: "sender".to_owned(), message },
        300..=399 => Outcome::Blocked { kind: "address".to_owned(), message },
        429 => {
            let said = words.as_deref().and_then(wait);
            Outcome::Transient { kind, message, retry_after: answer.retry_after.or(said) }
        }
        400 if is_about_us(words.as_deref()) => {
            Outcome::Blocked { kind: "sender".to_owned(), message }
        }
        408 | 425 | 503 => Outcome::Transient { kind, message, retry_after: answer.retry_after },
        400..=499 => Outcome::Permanent { kind, message, suppress: false },
        // Mailgun says of itself that it broke, and asks for another try; a page of somebody in between says nothing.
        _ if words.is_some() => {
            Outcome::Transient { kind, message, retry_after: answer.retry_after }
        }
        _ => Outcome::Unknown { message },
    }
}

/// Mailgun's own words: `{"message": …}`, or a text alone.
fn words(json: Option<&Value>) -> Option<String> {
    let json = json?;
    let text = json.get("message").unwrap_or(json).as_str()?;
    Some(one_line(text)).filter(|text| !text.is_empty())
}

fn said(status: u16, words: Option<&str>) -> String {
    words.map_or_else(
        || format!("Mailgun answered {status} and nothing it usually says"),
        |words| format!("{status} {words}"),
    )
}

/// How long Mailgun wants us to wait: it says so in the text, "try again after 120 seconds".
fn wait(text: &str) -> Option<Duration> {
    let (_, rest) = text.split_once("after ")?;
    let mut words = rest.split_whitespace();
    let number: u64 = words.next()?.parse().ok()?;
    let unit = words.next().unwrap_or_default();
    let each = match unit.trim_end_matches(['.', ',']).trim_end_matches('s') {
        "" | "second" | "sec" => 1,
        "minute" | "min" => 60,
        "hour" => 3600,
        _ => return None,
    };
    Some(Duration::from_secs(number.checked_mul(each)?).min(LONGEST_WAIT))
}

/// Whether a refusal names our account or our domain, not the recipient.
fn is_about_us(words: Option<&str>) -> bool {
    let text = words.unwrap_or_default().to_lowercase();
    ["sandbox", "not allowed to send", "from parameter", "'from'", "disabled", "activate"]
        .iter()
        .any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(status: u16, body: &str) -> Outcome {
        with(status, body, None)
    }

    fn with(status: u16, body: &str, retry_after: Option<u64>) -> Outcome {
        let retry_after = retry_after.map(Duration::from_secs);
        outcome(&Answer { status, retry_after, body: body.into(), is_whole: true })
    }

    #[test]
    fn taken_is_what_comes_with_an_id() {
        let taken = at(200, r#"{"id":"<a@b.example>","message":"Queued. Thank you."}"#);
        assert_eq!(taken, Outcome::Accepted { provider_id: Some("a@b.example".to_owned()) });
        for other in ["", "<h1>Hello</h1>", "{}", "\"Queued\"", "{\"id\":7}"] {
            assert!(matches!(at(200, other), Outcome::Unknown { .. }), "{other}");
        }
        let cut = r#"{"id":"<a@b.example>""#.into();
        let cut = outcome(&Answer { status: 200, retry_after: None, body: cut, is_whole: false });
        assert!(matches!(cut, Outcome::Unknown { .. }), "{cut:?}");
    }

    #[test]
    fn a_refused_key_is_a_text_alone() {
        let Outcome::Blocked { kind, message } = at(401, "\"Forbidden\"") else { panic!() };
        assert_eq!((kind.as_str(), message.as_str()), ("authentication", "401 Forbidden"));
    }

    #[test]
    fn the_wait_is_in_the_text_or_in_the_head() {
        let limit = |seconds: &str| {
            format!(
                r#"{{"message":"Domain example.com is not allowed to send: account-requests-per-sec limit exceeded, try again after {seconds}"}}"#
            )
        };
        let waits = |outcome: Outcome| match outcome {
            Outcome::Transient { retry_after, .. } => retry_after.map(|wait| wait.as_secs()),
            other => panic!("{other:?}"),
        };
        assert_eq!(waits(at(429, &limit("120 seconds"))), Some(120));
        assert_eq!(waits(at(429, &limit("2 minutes."))), Some(120));
        assert_eq!(waits(at(429, &limit("900 hours"))), Some(86_400));
        assert_eq!(waits(at(429, &limit("a while"))), None);
        assert_eq!(waits(with(429, &limit("120 seconds"), Some(7))), Some(7));
        assert_eq!(waits(at(429, "")), None);
        assert_eq!(waits(with(503, "<html>", Some(30))), Some(30));
    }

    #[test]
    fn a_refusal_of_the_recipient_is_no_refusal_of_us() {
        let to = r#"{"message":"to parameter is not a valid address. please check documentation"}"#;
        assert!(matches!(at(400, to), Outcome::Permanent { suppress: false, .. }));
        assert!(matches!(at(413, ""), Outcome::Permanent { .. }));
        let sandbox = r#"{"message":"Sandbox subdomains are for test purposes only."}"#;
        for (status, body) in [(400, sandbox), (403, sandbox), (404, "{}"), (402, ""), (302, "")] {
            assert!(matches!(at(status, body), Outcome::Blocked { .. }), "{status}");
        }
    }

    #[test]
    fn whoever_stands_in_between_may_have_handed_it_on() {
        let broke = at(500, r#"{"message":"Internal Server Error"}"#);
        assert!(matches!(broke, Outcome::Transient { .. }), "{broke:?}");
        for (status, body) in [(500, "<html>"), (502, "{\"message\":\"x\"}"), (504, ""), (202, "")]
        {
            assert!(matches!(at(status, body), Outcome::Unknown { .. }), "{status}");
        }
    }
}

//! Outlook by Microsoft Graph (v1.0): the same bytes as by SMTP, in base64, by `me/sendMail`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::email::Outcome;
use crate::http::{Answer, one_line};
use crate::oauth::Dialect;

/// How Graph takes messages.
pub(crate) struct Outlook;

impl Dialect for Outlook {
    fn path(&self) -> &'static str {
        "/v1.0/me/sendMail"
    }

    fn content_type(&self) -> &'static str {
        // Graph takes a whole message only when it is called plain text.
        "text/plain"
    }

    fn content(&self, message: Vec<u8>) -> Vec<u8> {
        BASE64_STANDARD.encode(message).into_bytes()
    }

    fn outcome(&self, answer: &Answer) -> Outcome {
        outcome(answer)
    }

    fn look(&self, message_id: &str) -> String {
        // A quote ends the text of a filter; doubled, it does not.
        let filter = format!("internetMessageId eq '<{}>'", message_id.replace('\'', "''"));
        let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        format!("/v1.0/me/mailFolders/sentitems/messages?$select=id&$top=1&$filter={filter}")
    }

    fn found(&self, answer: &Value) -> Option<String> {
        answer.pointer("/value/0/id").and_then(Value::as_str).map(ToOwned::to_owned)
    }
}

fn outcome(answer: &Answer) -> Outcome {
    let status = answer.status;
    if status == 202 {
        // Graph has no id for it.
        return Outcome::Accepted { provider_id: None };
    }
    let json = answer.json();
    let error = json.as_ref().and_then(|json| json.get("error"));
    let text = |name: &str| error.and_then(|error| error.get(name)).and_then(Value::as_str);
    let code = text("code").map(one_line).unwrap_or_default();
    let words = text("message").map(one_line).filter(|words| !words.is_empty());
    let message = match (&words, code.as_str()) {
        (Some(words), _) => format!("{status} {code} {words}"),
        (None, "") => format!("Graph answered {status} and nothing it usually says"),
        (None, code) => format!("{status} {code}"),
    };
    let kind = format!("graph {status}");
    let blocked = |kind: &str| Outcome::Blocked { kind: kind.to_owned(), message: message.clone() };
    let is = |part: &str| code.to_lowercase().contains(part);
    match status {
        200..=299 | 502 | 504 => Outcome::Unknown { message },
        300..=399 => blocked("address"),
        401 => blocked("authentication"),
        _ if is("quota") || is("messagelimit") || is("submissionblocked") => blocked("quota"),
        // 404 is no mailbox, or none that Graph may use.
        403 | 404 => blocked("sender"),
        429 | 503 | 408 | 409 => {
            Outcome::Transient { kind, retry_after: answer.retry_after, message }
        }
        400 if is("mailbox") || is("sendas") || is("license") => blocked("sender"),
        400..=499 => Outcome::Permanent { kind, message, suppress: false },
        _ if words.is_some() => {
            Outcome::Transient { kind, message, retry_after: answer.retry_after }
        }
        _ => Outcome::Unknown { message },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(status: u16, body: &str) -> Outcome {
        let retry_after = Some(Duration::from_secs(9));
        outcome(&Answer { status, retry_after, body: body.into(), is_whole: true })
    }

    fn error(status: u16, code: &str) -> Outcome {
        at(status, &serde_json::json!({"error": {"code": code, "message": "words"}}).to_string())
    }

    #[test]
    fn taken_is_202_alone() {
        assert_eq!(at(202, ""), Outcome::Accepted { provider_id: None });
        for (status, body) in [(200, ""), (204, ""), (502, "{}"), (504, ""), (500, "<html>")] {
            assert!(matches!(at(status, body), Outcome::Unknown { .. }), "{status}");
        }
    }

    #[test]
    fn graph_says_how_long_to_wait() {
        for status in [429, 503] {
            let Outcome::Transient { retry_after, .. } = error(status, "ApplicationThrottled")
            else {
                panic!("{status}");
            };
            assert_eq!(retry_after, Some(Duration::from_secs(9)));
        }
        let Outcome::Transient { .. } = error(500, "ErrorInternalServerError") else { panic!() };
    }

    #[test]
    fn what_is_wrong_with_us_pauses_and_what_is_wrong_with_one_fails() {
        for (status, code, kind) in [
            (401, "InvalidAuthenticationToken", "authentication"),
            (403, "ErrorAccessDenied", "sender"),
            (404, "ResourceNotFound", "sender"),
            (400, "MailboxNotEnabledForRESTAPI", "sender"),
            (403, "ErrorQuotaExceeded", "quota"),
            (400, "ErrorExceededMessageLimit", "quota"),
        ] {
            let Outcome::Blocked { kind: found, .. } = error(status, code) else {
                panic!("{code}")
            };
            assert_eq!(found, kind, "{code}");
        }
        let to = error(400, "ErrorInvalidRecipients");
        assert!(matches!(to, Outcome::Permanent { suppress: false, .. }), "{to:?}");
    }

    #[test]
    fn a_quote_does_not_end_a_filter() {
        let path = Outlook.look("a'b@c.example");
        assert!(path.ends_with("%27%3Ca%27%27b%40c.example%3E%27"), "{path}");
    }
}

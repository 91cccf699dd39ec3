//! Gmail's API (v1): the same bytes as by SMTP, uploaded to `users.messages.send`.

use serde_json::Value;

use crate::email::Outcome;
use crate::http::{Answer, one_line};
use crate::oauth::Dialect;

/// How Gmail takes messages.
pub(crate) struct Gmail;

impl Dialect for Gmail {
    fn path(&self) -> &'static str {
        "/upload/gmail/v1/users/me/messages/send?uploadType=media"
    }

    fn content_type(&self) -> &'static str {
        "message/rfc822"
    }

    fn content(&self, message: Vec<u8>) -> Vec<u8> {
        message
    }

    fn outcome(&self, answer: &Answer) -> Outcome {
        outcome(answer)
    }

    fn look(&self, message_id: &str) -> String {
        let query = format!("rfc822msgid:{message_id}");
        let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        format!("/gmail/v1/users/me/messages?maxResults=1&includeSpamTrash=true&q={query}")
    }

    fn found(&self, answer: &Value) -> Option<String> {
        answer.pointer("/messages/0/id").and_then(Value::as_str).map(ToOwned::to_owned)
    }
}

/// What Gmail says is wrong: why in a word, and in words.
fn trouble(json: Option<&Value>) -> Option<(String, String)> {
    let error = json?.get("error")?;
    let text = |path: &str| error.pointer(path).and_then(Value::as_str);
    let message = one_line(text("/message")?);
    let reason = text("/errors/0/reason").or_else(|| text("/status")).unwrap_or_default();
    Some((reason.to_owned(), message))
}

fn outcome(answer: &Answer) -> Outcome {
    let json = answer.json();
    let status = answer.status;
    if status == 200
        && let Some(id) = json.as_ref().and_then(|json| json.get("id")).and_then(Value::as_str)
    {
        return Outcome::Accepted { provider_id: Some(one_line(id)) };
    }
    let trouble = trouble(json.as_ref());
    let (reason, words) =
        trouble.as_ref().map_or(("", None), |(reason, words)| (reason.as_str(), Some(words)));
    let message = words.map_or_else(
        || format!("Gmail answered {status} and nothing it usually says"),
        |words| format!("{status} {words}"),
    );
    let kind = format!("gmail {status}");
    let blocked = |kind: &str| Outcome::Blocked { kind: kind.to_owned(), message: message.clone() };
    let lower = message.to_lowercase();
    match status {
        200..=299 | 502 | 504 => Outcome::Unknown { message },
        300..=399 | 404 => blocked("address"),
        401 => blocked("authentication"),
        403 | 429 if reason == "dailyLimitExceeded" || is_daily(&lower) => blocked("quota"),
        403 if !matches!(reason, "rateLimitExceeded" | "userRateLimitExceeded") => {
            blocked("sender")
        }
        403 | 429 | 503 | 408 => {
            Outcome::Transient { kind, retry_after: answer.retry_after, message }
        }
        // The account cannot send at all.
        400 if reason == "failedPrecondition" || lower.contains("precondition") => {
            blocked("sender")
        }
        400..=499 => Outcome::Permanent { kind, message, suppress: false },
        _ if words.is_some() => {
            Outcome::Transient { kind, message, retry_after: answer.retry_after }
        }
        _ => Outcome::Unknown { message },
    }
}

fn is_daily(text: &str) -> bool {
    text.contains("daily") && (text.contains("limit") || text.contains("quota"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(status: u16, body: &str) -> Outcome {
        outcome(&Answer { status, retry_after: None, body: body.into(), is_whole: true })
    }

    fn error(status: u16, reason: &str, message: &str) -> Outcome {
        let body = serde_json::json!({"error": {
            "code": status, "message": message, "errors": [{"reason": reason, "domain": "global"}],
        }});
        at(status, &body.to_string())
    }

    fn kind(outcome: Outcome) -> String {
        match outcome {
            Outcome::Blocked { kind, .. } => kind,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn taken_is_what_comes_with_an_id() {
        let taken = at(200, r#"{"id":"18c","threadId":"18c","labelIds":["SENT"]}"#);
        assert_eq!(taken, Outcome::Accepted { provider_id: Some("18c".to_owned()) });
        for (status, body) in [(200, "{}"), (200, "<html>"), (204, ""), (502, ""), (500, "<html>")]
        {
            assert!(matches!(at(status, body), Outcome::Unknown { .. }), "{status}");
        }
    }

    #[test]
    fn limits_of_a_moment_wait_and_those_of_a_day_pause() {
        for (status, reason) in
            [(403, "rateLimitExceeded"), (403, "userRateLimitExceeded"), (429, "rateLimitExceeded")]
        {
            let outcome = error(status, reason, "Slow down");
            assert!(matches!(outcome, Outcome::Transient { .. }), "{outcome:?}");
        }
        assert_eq!(kind(error(403, "dailyLimitExceeded", "Limit")), "quota");
        let daily = error(429, "rateLimitExceeded", "Daily user sending limit exceeded.");
        assert_eq!(kind(daily), "quota");
    }

    #[test]
    fn what_is_wrong_with_us_pauses_and_what_is_wrong_with_one_fails() {
        assert_eq!(kind(error(401, "authError", "Invalid Credentials")), "authentication");
        assert_eq!(kind(error(403, "insufficientPermissions", "Not allowed")), "sender");
        assert_eq!(kind(error(400, "failedPrecondition", "Precondition check failed.")), "sender");
        let to = error(400, "invalidArgument", "Invalid To header");
        assert!(matches!(to, Outcome::Permanent { suppress: false, .. }), "{to:?}");
        assert!(matches!(error(500, "backendError", "Backend Error"), Outcome::Transient { .. }));
    }
}

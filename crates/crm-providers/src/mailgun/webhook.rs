//! What Mailgun tells by itself: what became of the messages it took. The same events stand in the list that can be asked for.

use std::time::Duration;

use crm_core::{RecipientId, Timestamp};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

use super::RECIPIENT;
use crate::delivery::{Delivery, Refusal, Told};
use crate::hex;
use crate::http::one_line;
use crate::smtp::is_dead;

/// By how much the time of a request may differ from ours: what is older is somebody's who has kept it.
const WINDOW: Duration = Duration::from_mins(5);
/// How long tokens have to be remembered, so that no request counts twice within [`WINDOW`] of either side.
pub const TOKENS_KEPT: Duration = Duration::from_mins(15);
/// Most bytes of a token; Mailgun's have fifty.
const LONGEST_TOKEN: usize = 100;

/// What a request says about itself.
#[derive(Debug, Clone, Deserialize)]
struct Signature {
    /// Seconds since 1970. Mailgun writes a text, and its documents a number at times.
    timestamp: Value,
    token: String,
    #[serde(rename = "signature")]
    mac: String,
}

/// A request that says it is Mailgun's.
#[derive(Debug, Clone)]
pub struct Webhook {
    signature: Signature,
    /// What it tells.
    pub event: Event,
}

impl Webhook {
    /// Reads the body of a request; `None` where it is none of Mailgun's.
    pub fn read(body: &[u8]) -> Option<Self> {
        let mut json: Value = serde_json::from_slice(body).ok()?;
        let signature: Signature =
            serde_json::from_value(json.get_mut("signature")?.take()).ok()?;
        let fits = !signature.token.is_empty() && signature.token.len() <= LONGEST_TOKEN;
        let event = Event::read(json.get("event-data")?)?;
        fits.then_some(Self { signature, event })
    }

    /// What is different in every request, and the same where one is sent again by somebody else.
    pub fn token(&self) -> &str {
        &self.signature.token
    }

    /// Whether it was signed with this key, at about this time.
    pub(crate) fn is_genuine(&self, key: &[u8], now: Timestamp) -> bool {
        let Signature { timestamp, token, mac: signed } = &self.signature;
        let timestamp = match timestamp {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return false,
        };
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return false };
        mac.update(timestamp.as_bytes());
        mac.update(token.as_bytes());
        let signed = hex::decode(signed).is_some_and(|signed| mac.verify_slice(&signed).is_ok());
        let Ok(seconds) = timestamp.parse::<i64>() else { return false };
        let apart = (now.unix_millis() / 1000).abs_diff(seconds);
        signed && apart <= WINDOW.as_secs()
    }
}

/// Something that happened to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Mailgun's id of it.
    pub id: String,
    /// When it happened; the beginning of 1970 where that cannot be read.
    pub at: Timestamp,
    /// The ledger row of the message: from the variable we send along, or from its `Message-ID`, which begins with it.
    pub recipient_id: Option<RecipientId>,
    /// What it tells, where that is of interest.
    pub told: Option<Told>,
}

impl Event {
    /// Reads one; `None` where it is no event.
    pub(crate) fn read(json: &Value) -> Option<Self> {
        let text = |path: &str| json.pointer(path).and_then(Value::as_str);
        let by_variable =
            text(&format!("/user-variables/{RECIPIENT}")).and_then(|id| id.parse().ok());
        let by_id = || {
            let id = text("/message/headers/message-id")?.trim_matches(['<', '>']);
            id.split_once('@')?.0.parse().ok()
        };
        Some(Self {
            id: text("/id").map(one_line)?,
            at: at(json.get("timestamp")),
            recipient_id: by_variable.or_else(by_id),
            told: told(text("/event")?, json),
        })
    }
}

/// Seconds since 1970, with a fraction.
fn at(json: Option<&Value>) -> Timestamp {
    let seconds = json.and_then(Value::as_f64).unwrap_or_default();
    let passed = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    let at = time::OffsetDateTime::UNIX_EPOCH.checked_add(passed.try_into().unwrap_or_default());
    Timestamp::from_datetime(at.unwrap_or(time::OffsetDateTime::UNIX_EPOCH))
}

fn told(event: &str, json: &Value) -> Option<Told> {
    match event {
        "delivered" => Some(Told::Delivery(Delivery::Delivered)),
        "failed" => Some(Told::Delivery(failed(json))),
        "unsubscribed" => Some(Told::Unsubscribed),
        "complained" => Some(Told::Complained),
        _ => None,
    }
}

/// Mailgun tries on after what is temporary, until the message is too old.
fn failed(json: &Value) -> Delivery {
    let text = |path: &str| json.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let reason = text("/reason");
    if text("/severity") != "permanent" && reason != "old" {
        return Delivery::UnderWay;
    }
    let said = [text("/delivery-status/message"), text("/delivery-status/description"), reason];
    let said = said.into_iter().find(|words| !words.is_empty()).unwrap_or("Mailgun gave up");
    let code = json.pointer("/delivery-status/code").and_then(Value::as_u64);
    let code = code.and_then(|code| u16::try_from(code).ok()).unwrap_or_default();
    let suppress = match reason {
        "suppress-unsubscribe" => Some(Refusal::OptedOut),
        "suppress-bounce" => Some(Refusal::Dead),
        // Time ran out, or somebody's rules: the address may be good.
        "old" | "suppress-complaint" => None,
        _ => {
            let enhanced = enhanced(text("/delivery-status/enhanced-code"));
            let policy = matches!(enhanced, [5, 7, _]);
            let bounced =
                reason == "bounce" && enhanced == [0, 0, 0] && (550..=553).contains(&code);
            (!policy && (bounced || is_dead(code, enhanced, said))).then_some(Refusal::Dead)
        }
    };
    let message = if code == 0 { one_line(said) } else { one_line(&format!("{code} {said}")) };
    Delivery::Failed { message, suppress }
}

/// An enhanced code (RFC 3463); zeros where there is none.
fn enhanced(text: &str) -> [u8; 3] {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or_default());
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ROW: &str = "0193563d-8a00-7000-8000-000000000001";

    fn event(more: &Value) -> Option<Event> {
        let mut event = json!({"id": "e1", "timestamp": 1.5, "event": "failed"});
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Event::read(&event)
    }

    fn suppresses(more: &Value) -> Option<Refusal> {
        match event(more).unwrap().told {
            Some(Told::Delivery(Delivery::Failed { suppress, .. })) => suppress,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_message_is_known_by_its_row() {
        let by_variable = event(&json!({"user-variables": {RECIPIENT: ROW}})).unwrap();
        assert_eq!(by_variable.recipient_id.unwrap().to_string(), ROW);
        let id = json!({"message": {"headers": {"message-id": format!("{ROW}@a.example")}}});
        assert_eq!(event(&id).unwrap().recipient_id, by_variable.recipient_id);
        let other = json!({"message": {"headers": {"message-id": "x@a.example"}}});
        assert_eq!(event(&other).unwrap().recipient_id, None);
        assert_eq!(Event::read(&json!({"event": "delivered"})), None, "without an id it is none");
    }

    #[test]
    fn what_is_temporary_decides_nothing_until_time_runs_out() {
        let at = |severity: &str, reason: &str| {
            event(&json!({"severity": severity, "reason": reason})).unwrap().told
        };
        assert_eq!(at("temporary", "generic"), Some(Told::Delivery(Delivery::UnderWay)));
        let old = at("temporary", "old");
        assert!(matches!(old, Some(Told::Delivery(Delivery::Failed { suppress: None, .. }))));
    }

    #[test]
    fn dead_addresses_are_told_from_rules_and_wishes() {
        let failed = |reason: &str, code: u16, enhanced: &str| {
            suppresses(&json!({"severity": "permanent", "reason": reason,
                "delivery-status": {"code": code, "enhanced-code": enhanced, "message": "no"}}))
        };
        assert_eq!(failed("bounce", 550, "5.1.1"), Some(Refusal::Dead));
        assert_eq!(failed("bounce", 550, ""), Some(Refusal::Dead));
        assert_eq!(failed("suppress-bounce", 605, ""), Some(Refusal::Dead));
        assert_eq!(failed("suppress-unsubscribe", 606, ""), Some(Refusal::OptedOut));
        assert_eq!(failed("bounce", 550, "5.7.26"), None, "a rule about the sender");
        assert_eq!(failed("bounce", 552, "5.2.2"), None, "a full mailbox");
        assert_eq!(failed("generic", 554, ""), None);
    }

    #[test]
    fn a_signature_counts_for_five_minutes_and_for_its_key() {
        let now: Timestamp = "2026-11-28T09:00:00.000Z".parse().unwrap();
        let at = now.unix_millis() / 1000;
        let signed = |key: &[u8], at: i64| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
            mac.update(format!("{at}t0ken").as_bytes());
            let mac = mac.finalize().into_bytes();
            let mac = mac.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
            let body = json!({
                "signature": {"timestamp": at.to_string(), "token": "t0ken", "signature": mac},
                "event-data": {"id": "e1", "event": "delivered"},
            });
            Webhook::read(body.to_string().as_bytes()).unwrap().is_genuine(b"key", now)
        };
        assert!(signed(b"key", at));
        assert!(!signed(b"kez", at));
        assert!(signed(b"key", at - 299) && signed(b"key", at + 299));
        assert!(!signed(b"key", at - 301) && !signed(b"key", at + 301));
        for nonsense in ["", "{}", "[]", r#"{"signature": {}, "event-data": {}}"#] {
            assert!(Webhook::read(nonsense.as_bytes()).is_none(), "{nonsense}");
        }
    }
}

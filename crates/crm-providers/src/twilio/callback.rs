//! What Twilio tells us by itself: texts that came in, and what became of those it took.

use serde_json::Value;

use super::signature::{self, Algorithm};

/// A request that says it is Twilio's.
#[derive(Debug, Clone)]
pub struct SignedCall {
    /// The address Twilio was given, from the installation's own public address.
    pub url: String,
    /// What it brings.
    pub body: CallBody,
    /// Its `X-Twilio-Signature`.
    pub signature: String,
    /// Its `X-Twilio-Webhooks-Signature-Settings`, where it is signed by a key of its own in place of the account's token.
    pub settings: Option<String>,
}

/// What a request brings.
#[derive(Debug, Clone)]
pub enum CallBody {
    /// The fields of a form, in any order.
    Form(Vec<(String, String)>),
    /// A JSON object; the address says what it hashes to.
    Json(Vec<u8>),
}

impl CallBody {
    /// What it says, as a form would.
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        match self {
            Self::Form(fields) => fields.clone(),
            Self::Json(body) => {
                let json: Option<serde_json::Map<String, Value>> =
                    serde_json::from_slice(body).ok();
                let text = |value: Value| match value {
                    Value::String(text) => Some(text),
                    Value::Number(number) => Some(number.to_string()),
                    _ => None,
                };
                let fields = json.into_iter().flatten();
                fields.filter_map(|(name, value)| Some((name, text(value)?))).collect()
            }
        }
    }
}

/// What a request of Twilio's says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callback {
    /// Somebody sent a text.
    Received {
        /// Twilio's id of it.
        sid: String,
        /// The sender's number.
        from: String,
        /// What it says.
        body: String,
        /// What Twilio took it for, where it listens for such words itself: `STOP`, `START` or `HELP`.
        opt_out: Option<String>,
    },
    /// Something became of a text we sent.
    Status {
        /// Twilio's id of it.
        sid: String,
        /// `queued`, `sent`, `delivered`, `undelivered`, `failed`, …; unknown ones mean that it is under way.
        status: String,
        /// Why it did not arrive, as a number.
        error: Option<u32>,
    },
}

impl Callback {
    /// Reads the fields of a form; `None` where it is none of both.
    pub fn read(fields: &[(String, String)]) -> Option<Self> {
        let field =
            |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let sid = field("MessageSid").or_else(|| field("SmsSid")).filter(|sid| !sid.is_empty())?;
        // A text that came in has the status `received`, one we sent any other.
        let status = field("MessageStatus").or_else(|| field("SmsStatus"));
        match (status.as_deref(), field("From"), field("Body")) {
            (None | Some("received" | "receiving"), Some(from), Some(body)) => {
                Some(Self::Received { sid, from, body, opt_out: field("OptOutType") })
            }
            (Some(_), ..) => Some(Self::Status {
                sid,
                status: status.unwrap_or_default(),
                error: field("ErrorCode").and_then(|code| code.parse().ok()),
            }),
            (None, ..) => None,
        }
    }
}

impl SignedCall {
    /// Whether it says that it is signed by a key of its own.
    pub(crate) const fn names_a_key(&self) -> bool {
        self.settings.is_some()
    }

    /// Whether it comes from whoever holds `key`: the token of the account, or the key it names.
    pub(crate) fn is_genuine(&self, key: &[u8]) -> bool {
        let algorithm = match &self.settings {
            None => Some(Algorithm::Sha1),
            Some(settings) => Algorithm::named_in(settings),
        };
        let Some(algorithm) = algorithm else {
            tracing::warn!("Twilio signs its requests in a way that is not known here");
            return false;
        };
        let fields: &[(String, String)] = match &self.body {
            CallBody::Form(fields) => fields,
            // The address is signed alone, and says what the body hashes to.
            CallBody::Json(body) if signature::names_hash_of(&self.url, body) => &[],
            CallBody::Json(_) => return false,
        };
        signature::is_genuine((key, algorithm), &self.url, fields, &self.signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Option<Callback> {
        let fields: Vec<_> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Callback::read(&fields)
    }

    #[test]
    fn texts_and_states_are_told_apart() {
        let text = read(&[
            ("MessageSid", "SM1"),
            ("SmsStatus", "received"),
            ("From", "+431"),
            ("Body", "Stop"),
            ("OptOutType", "STOP"),
        ]);
        let Some(Callback::Received { opt_out, .. }) = text else { panic!("{text:?}") };
        assert_eq!(opt_out.as_deref(), Some("STOP"));
        let state = read(&[
            ("MessageSid", "SM1"),
            ("MessageStatus", "undelivered"),
            ("From", "+431"),
            ("ErrorCode", "30005"),
        ]);
        assert_eq!(
            state,
            Some(Callback::Status {
                sid: "SM1".to_owned(),
                status: "undelivered".to_owned(),
                error: Some(30_005)
            })
        );
        assert_eq!(read(&[("From", "+431"), ("Body", "x")]), None);
        assert_eq!(read(&[("MessageSid", "SM1"), ("Foo", "x")]), None);
    }
}

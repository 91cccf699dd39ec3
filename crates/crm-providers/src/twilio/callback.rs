//! What Twilio tells us by itself: texts that came in, and what became of those it took.

use super::signature;

/// A request that says it is Twilio's.
#[derive(Debug, Clone)]
pub struct SignedCall {
    /// The address Twilio was given, from the installation's own public address.
    pub url: String,
    /// The fields of its form, in any order.
    pub fields: Vec<(String, String)>,
    /// Its `X-Twilio-Signature`.
    pub signature: String,
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
    /// Whether it comes from whoever holds the token of the account.
    pub(crate) fn is_genuine(&self, token: &[u8]) -> bool {
        signature::is_genuine(token, &self.url, &self.fields, &self.signature)
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

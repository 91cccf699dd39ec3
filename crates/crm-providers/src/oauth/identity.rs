//! Who connected a mailbox, by the identity token that came with the others (`OpenID` Connect Core 1.0, 2).
//!
//! It was given to us by the service itself over TLS, so that its signature need not be checked (3.1.3.7); what it is
//! for has to be.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Claims {
    aud: Value,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    preferred_username: Option<String>,
}

/// The address of the account, where the token is for us and answers this question.
pub(crate) fn account(id_token: &str, client_id: &str, nonce: &str) -> Result<String, String> {
    let broken = || "the identity that came with the tokens cannot be read".to_owned();
    let claims = id_token.split('.').nth(1).ok_or_else(broken)?;
    let claims =
        BASE64_URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).map_err(|_| broken())?;
    let claims: Claims = serde_json::from_slice(&claims).map_err(|_| broken())?;
    let is_ours = match &claims.aud {
        Value::String(aud) => aud == client_id,
        Value::Array(all) => all.iter().any(|aud| aud == client_id),
        _ => false,
    };
    if !is_ours || claims.nonce.as_deref() != Some(nonce) {
        return Err("the identity that came with the tokens was made for somebody else".to_owned());
    }
    let named = claims.email.or(claims.preferred_username).filter(|name| name.contains('@'));
    named.ok_or_else(|| "the account does not tell its address".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(claims: &Value) -> String {
        format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    #[test]
    fn an_identity_counts_for_us_and_this_question_alone() {
        let read = |claims: Value| account(&token(&claims), "us", "n1");
        let good = json!({"aud": "us", "nonce": "n1", "email": "ada@example.org"});
        assert_eq!(read(good), Ok("ada@example.org".to_owned()));
        let named = json!({"aud": ["us"], "nonce": "n1", "preferred_username": "ada@example.org"});
        assert_eq!(read(named), Ok("ada@example.org".to_owned()));
        for bad in [
            json!({"aud": "them", "nonce": "n1", "email": "ada@example.org"}),
            json!({"aud": "us", "nonce": "n2", "email": "ada@example.org"}),
            json!({"aud": "us", "email": "ada@example.org"}),
            json!({"aud": "us", "nonce": "n1"}),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
        assert!(account("nothing", "us", "n1").is_err());
    }
}

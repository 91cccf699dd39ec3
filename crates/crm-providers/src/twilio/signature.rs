//! Whether a request really comes from Twilio (its "Security" page; HMAC over the public address it called and the fields of
//! its form).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::KeyInit as _;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::hex;

/// The part of an address that says what a JSON body hashes to.
const BODY_HASH: &str = "bodySHA256";

/// What a signature is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// HMAC-SHA1, as with the account's token.
    Sha1,
    /// HMAC-SHA256.
    Sha256,
}

impl Algorithm {
    /// The one that `X-Twilio-Webhooks-Signature-Settings` names (`key=…,algorithm=HMAC_SHA256`); `None` for one nobody here
    /// knows.
    pub(super) fn named_in(settings: &str) -> Option<Self> {
        let mut pairs = settings.split(',').filter_map(|pair| pair.split_once('='));
        let named = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("algorithm"));
        match named?.1.trim() {
            "HMAC_SHA1" => Some(Self::Sha1),
            "HMAC_SHA256" => Some(Self::Sha256),
            _ => None,
        }
    }
}

/// What Twilio signs for a form posted to `url`: the address and, in the order of their names, each field's name and value.
/// Several values of one name are sorted, and equal ones count once.
fn signed(url: &str, fields: &[(String, String)]) -> String {
    let mut fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.sort_unstable();
    fields.dedup();
    let mut text = url.to_owned();
    for (name, value) in fields {
        text.push_str(name);
        text.push_str(value);
    }
    text
}

/// Compares in a time that does not depend on how much of it is right.
fn verify(key: &[u8], algorithm: Algorithm, text: &str, signature: &[u8]) -> bool {
    let text = text.as_bytes();
    match algorithm {
        Algorithm::Sha1 => Hmac::<Sha1>::new_from_slice(key)
            .is_ok_and(|mac| mac.chain_update(text).verify_slice(signature).is_ok()),
        Algorithm::Sha256 => Hmac::<Sha256>::new_from_slice(key)
            .is_ok_and(|mac| mac.chain_update(text).verify_slice(signature).is_ok()),
    }
}

/// Whether `signature` is Twilio's for this form. `url` is the address Twilio was given, from the installation's own public
/// address; Twilio writes it with the port of its scheme at times, which counts as well.
pub(super) fn is_genuine(
    (key, algorithm): (&[u8], Algorithm),
    url: &str,
    fields: &[(String, String)],
    signature: &str,
) -> bool {
    let Ok(signature) = STANDARD.decode(signature.trim()) else { return false };
    [Some(url.to_owned()), with_port(url)]
        .into_iter()
        .flatten()
        .any(|url| verify(key, algorithm, &signed(&url, fields), &signature))
}

/// Whether the address says that this is what a body hashes to.
pub(super) fn names_hash_of(url: &str, body: &[u8]) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let named = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == BODY_HASH);
    let hash = Sha256::digest(body);
    named.is_some_and(|(_, named)| hex::decode(&named).as_deref() == Some(hash.as_slice()))
}

/// The address with the port of its scheme written out; `None` where it has one, or is none.
fn with_port(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let port = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    (!has_port).then(|| format!("{scheme}://{host}:{port}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// The example of Twilio's own documentation.
    #[test]
    fn the_documented_example_is_genuine() {
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        let form = fields(&[
            ("Digits", "1234"),
            ("To", "+18005551212"),
            ("From", "+14158675309"),
            ("Caller", "+14158675309"),
            ("CallSid", "CA1234567890ABCDE"),
        ]);
        assert!(is_genuine(
            (b"12345", Algorithm::Sha1),
            url,
            &form,
            "RSOYDt4T1cUTdK1PDd93/VVr8B8="
        ));
        assert!(!is_genuine(
            (b"12346", Algorithm::Sha1),
            url,
            &form,
            "RSOYDt4T1cUTdK1PDd93/VVr8B8="
        ));
        assert!(!is_genuine(
            (b"12345", Algorithm::Sha1),
            "https://example.com/",
            &form,
            "RSOYDt4T1cUTdK1PDd93/VVr8B8="
        ));
        assert!(!is_genuine(
            (b"12345", Algorithm::Sha1),
            url,
            &form[1..],
            "RSOYDt4T1cUTdK1PDd93/VVr8B8="
        ));
        for nonsense in ["", "=", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "é"] {
            assert!(!is_genuine((b"12345", Algorithm::Sha1), url, &form, nonsense), "{nonsense}");
        }
    }

    #[test]
    fn the_port_may_be_written_out() {
        assert_eq!(with_port("https://a.example/x").as_deref(), Some("https://a.example:443/x"));
        assert_eq!(with_port("https://a.example").as_deref(), Some("https://a.example:443"));
        assert_eq!(with_port("https://a.example:8443/x"), None);
        let form = fields(&[("Body", "STOP")]);
        let mac = Hmac::<Sha1>::new_from_slice(b"t").unwrap();
        let mac = mac.chain_update(signed("https://a.example:443/x", &form)).finalize();
        let mac = STANDARD.encode(mac.into_bytes());
        assert!(is_genuine((b"t", Algorithm::Sha1), "https://a.example/x", &form, &mac));
    }

    #[test]
    fn the_header_says_which_way_it_is_signed() {
        let named = Algorithm::named_in;
        assert_eq!(named("key=CS1,algorithm=HMAC_SHA256"), Some(Algorithm::Sha256));
        assert_eq!(named("algorithm=HMAC_SHA1, key=CS1"), Some(Algorithm::Sha1));
        for unknown in ["", "key=CS1", "algorithm=", "algorithm=NONE", "HMAC_SHA256"] {
            assert_eq!(named(unknown), None, "{unknown}");
        }
        let form = fields(&[("Body", "STOP")]);
        let mac = Hmac::<Sha256>::new_from_slice(b"shared").unwrap();
        let mac = mac.chain_update(signed("https://a.example/x", &form)).finalize();
        let mac = STANDARD.encode(mac.into_bytes());
        let by = |algorithm| is_genuine((b"shared", algorithm), "https://a.example/x", &form, &mac);
        assert!(by(Algorithm::Sha256) && !by(Algorithm::Sha1));
    }

    #[test]
    fn an_address_names_the_hash_of_its_body() {
        // The hash of "{}" by sha256sum.
        let hash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        let url = format!("https://a.example/x?y=1&bodySHA256={hash}");
        assert!(names_hash_of(&url, b"{}"));
        assert!(!names_hash_of(&url, b"{ }"));
        assert!(!names_hash_of("https://a.example/x", b""));
    }
}
